import type { Reporter, TestModule } from "vitest/node";

/** Closes the run with one line that other scripts read: `N passed, N failed, N skipped`. */
export default class Closing implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") count.passed++;
        else if (state === "failed") count.failed++;
        else count.skipped++;
      }
      if (module.state() === "failed" && module.errors().length > 0) count.failed++;
    }
    // After the default reporter's own summary, which is written in the same turn.
    setTimeout(() => process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`), 0);
  }
}

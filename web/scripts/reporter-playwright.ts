import type { Reporter, TestCase, Suite, FullConfig } from "@playwright/test/reporter";

/** Closes the run with one line that other scripts read: `N passed, N failed, N skipped`. */
export default class Closing implements Reporter {
  private suite: Suite | undefined;
  private errors = 0;

  onBegin(_: FullConfig, suite: Suite): void {
    this.suite = suite;
  }
  onError(): void {
    this.errors++;
  }
  async onExit(): Promise<void> {
    const count = { passed: 0, failed: this.errors, skipped: 0 };
    for (const test of this.suite?.allTests() ?? []) {
      count[outcome(test)]++;
      if (test.outcome() === "flaky") process.stdout.write(`passed only the second time: ${test.titlePath().join(" › ")}\n`);
    }
    process.stdout.write(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
  printsToStdio(): boolean {
    return false; // the list reporter stays
  }
}

function outcome(test: TestCase): "passed" | "failed" | "skipped" {
  switch (test.outcome()) {
    case "expected":
    case "flaky":
      return "passed";
    case "skipped":
      return "skipped";
    default:
      return "failed";
  }
}

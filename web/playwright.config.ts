import { defineConfig } from "@playwright/test";
import type { Look } from "./e2e/fixtures/test";

process.env.PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = "1";

export const browser = {
  viewport: { width: 1440, height: 900 },
  launchOptions: {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  },
};

export default defineConfig<Look>({
  testDir: "e2e",
  testIgnore: ["shots.spec.ts", "perf.spec.ts"],
  outputDir: "test-results",
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 2, // each with a station and a browser of its own
  forbidOnly: true,
  retries: process.env.CI ? 1 : 0, // what passes only the second time is named by the reporter
  reporter: [["list"], ["./scripts/reporter-playwright.ts"]],
  use: { ...browser, trace: "retain-on-failure" },
  projects: [
    { name: "zh-CN light", use: { language: "zh-CN", theme: "light" } },
    { name: "en dark", use: { language: "en", theme: "dark" } },
  ],
});

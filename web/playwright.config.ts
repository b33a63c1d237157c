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
  testIgnore: "shots.spec.ts",
  outputDir: "test-results",
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 1, // a station, a browser and the tests share two cores
  forbidOnly: true,
  reporter: [["list"], ["./scripts/reporter-playwright.ts"]],
  use: { ...browser, trace: "retain-on-failure" },
  projects: [
    { name: "zh-CN light", use: { language: "zh-CN", theme: "light" } },
    { name: "en dark", use: { language: "en", theme: "dark" } },
  ],
});

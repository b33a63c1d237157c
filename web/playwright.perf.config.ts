import { defineConfig } from "@playwright/test";
import type { Look } from "./e2e/fixtures/test";
import { browser } from "./playwright.config";

export default defineConfig<Look>({ testDir: "e2e", testMatch: "perf.spec.ts", workers: 1, timeout: 300_000, expect: { timeout: 60_000 }, reporter: "line", use: { ...browser, language: "zh-CN", theme: "light" } });

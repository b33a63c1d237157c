import { defineConfig } from "@playwright/test";
import type { Look } from "./e2e/fixtures/test";
import base from "./playwright.config";

export default defineConfig<Look>({ ...base, testIgnore: [], testMatch: "shots.spec.ts", reporter: [["list"]] });

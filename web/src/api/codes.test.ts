// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "@/shared/locales/en.json";
import zh from "@/shared/locales/zh-CN.json";

// The codes stand in the server's code only: the API document has one shape for every refusal.
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "testdata" ? [] : sources(path);
    return entry.name.endsWith(".go") && !entry.name.endsWith("_test.go") ? [path] : [];
  });
}

const codes = new Set(sources(join(__dirname, "../../../internal")).flatMap((path) => [...readFileSync(path, "utf8").matchAll(/problem\.New\(\s*problem\.\w+,\s*"([a-z_]+\.[a-z_]+)"/g)].map((m) => m[1]!)));

const look = (texts: unknown, code: string) => code.split(".").reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], texts);

describe("problem codes of the server", () => {
  it("are found", () => expect(codes.size).toBeGreaterThan(80));
  it("have a text in Chinese", () => expect([...codes].filter((c) => typeof look(zh.problem, c) !== "string")).toEqual([]));
  it("have a text in English", () => expect([...codes].filter((c) => typeof look(en.problem, c) !== "string")).toEqual([]));
});

import { describe, expect, it } from "vitest";

const texts = import.meta.glob<Record<string, unknown>>("../**/locales/*.json", { eager: true, import: "default" });
const sources = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}"], { eager: true, query: "?raw", import: "default" });

function flat(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, v]) => flat(v, path ? `${path}.${key}` : key));
}

const folders = [...new Set(Object.keys(texts).map((p) => p.replace(/\/[^/]+$/, "")))];
const namespace = (folder: string) => (folder.startsWith("./") || folder.startsWith("../app/") ? "app" : folder.includes("/shared/") ? "shared" : /features\/(\w+)\//.exec(folder)![1]!);
const keysOf = new Map(folders.map((f) => [namespace(f), new Map(flat(texts[`${f}/en.json`]))]));
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

describe.each(folders)("texts in %s", (folder) => {
  const zh = new Map(flat(texts[`${folder}/zh-CN.json`]));
  const en = new Map(flat(texts[`${folder}/en.json`]));

  it("have the same keys in both languages", () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
  });
  it("are nowhere empty", () => {
    expect([...zh, ...en].filter(([, text]) => text.trim() === "")).toEqual([]);
  });
  it("name the same values in both languages", () => {
    expect([...zh].filter(([key, text]) => placeholders(text).join() !== placeholders(en.get(key) ?? "").join())).toEqual([]);
  });
});

describe("keys in the code", () => {
  // t("a.b") and t("ns:a.b") with the namespace of the file's useTranslation.
  const used = Object.entries(sources).flatMap(([file, code]) => {
    const own = [...code.matchAll(/useTranslation\(\[?"(\w+)"/g)].map((m) => m[1]!);
    return [...code.matchAll(/\bt\(\s*(?:[^"`()]*\? *)?"([\w.:]+)"(?: *: *"([\w.:]+)")?/g)].flatMap((m) => [m[1], m[2]].filter((k) => k !== undefined).map((key) => ({ file, own, key })));
  });

  it("are found at all", () => {
    expect(used.length).toBeGreaterThan(150);
  });
  it.each(used)("$key of $file stands in its texts", ({ own, key }) => {
    const [space, name] = key.includes(":") ? key.split(":") : [undefined, key];
    const places = space ? [space] : own;
    expect(places.some((p) => keysOf.get(p)?.has(name!))).toBe(true);
  });
});

describe("code", () => {
  const allowed = /name: "\p{Script=Han}+", next: "zh-CN"/u; // a language's own name, the same in every language
  it("has no Chinese text outside comments", () => {
    const found = Object.entries(sources).flatMap(([file, code]) =>
      code.split("\n").filter((line) => /\p{Script=Han}/u.test(line.replace(/\/\/.*|\/\*.*?\*\//g, "")) && !allowed.test(line)).map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });
});

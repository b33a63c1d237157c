import { expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { colours } from "./theme";

const css = readFileSync("src/app/tokens.css", "utf8");

function block(selector: string): Map<string, string> {
  const body = css.slice(css.indexOf(`${selector} {`)).split("}")[0]!;
  return new Map([...body.matchAll(/--fs-([\w-]+):\s*(#[0-9a-f]+);/g)].map((m) => [m[1]!, m[2]!]));
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

const themes = [
  { name: "light" as const, selector: ":root" },
  { name: "dark" as const, selector: ':root[data-theme="dark"]' },
];

it.each(themes)("the kit and the style sheet have the same $name colours", ({ name, selector }) => {
  const tokens = block(selector);
  for (const [token, value] of Object.entries(colours[name])) expect([token, tokens.get(token)]).toEqual([token, value]);
});

it.each(themes)("text of the $name theme can be read on its ground", ({ selector }) => {
  const tokens = block(selector);
  const pairs = [
    ["text", "surface"], ["text", "page"], ["text", "hover"], ["text", "selected"], ["second", "surface"], ["second", "page"], ["second", "hover"],
    ["placeholder", "surface"], ["on-primary", "primary"], ["primary", "surface"], ["ok", "ok-tint"],
    ...["red", "orange", "yellow", "blue", "info"].map((s) => [`${s}-text`, `${s}-tint`]),
    ...["field", "string", "word", "number"].map((s) => [`code-${s}`, "surface"]),
  ] as [string, string][];
  expect(pairs.filter(([a, b]) => contrast(tokens.get(a)!, tokens.get(b)!) < 4.5)).toEqual([]);
});

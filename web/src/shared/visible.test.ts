import { expect, it } from "vitest";
import { cell, valueText, visible } from "./visible";

it.each([
  { name: "plain text and Chinese stay", text: "登录失败 a-b", want: "登录失败 a-b" },
  { name: "control characters become pictures", text: "a\tb\n\u0000\u001b[31m\u007f", want: "a\u2409b\u240a\u2400\u241b[31m\u2421" },
  { name: "text direction is shown", text: "user\u202egnp.exe\u2066x\u2069", want: "user\u27e8U+202E\u27e9gnp.exe\u27e8U+2066\u27e9x\u27e8U+2069\u27e9" },
  { name: "zero width is shown", text: "pay\u200bpal\ufeff", want: "pay\u27e8U+200B\u27e9pal\u27e8U+FEFF\u27e9" },
  { name: "C1 controls are shown", text: "\u009b", want: "\u27e8U+009B\u27e9" },
])("$name", ({ text, want }) => expect(visible(text)).toBe(want));

it("cuts a long cell and says how much is left", () => expect(cell("x".repeat(3000))).toEqual({ text: `${"x".repeat(2048)}\u2026`, cut: 952 }));
it("does not cut a pair in halves", () => expect(cell(`${"x".repeat(9)}\ud83d\ude00!`, 10)).toEqual({ text: `${"x".repeat(9)}\u2026`, cut: 3 }));

it.each([
  { value: undefined, want: "" },
  { value: 0, want: "0" },
  { value: false, want: "false" },
  { value: ["a", 1], want: "a, 1" },
  { value: { a: 1 }, want: '{"a":1}' },
])("$value as text", ({ value, want }) => expect(valueText(value)).toBe(want));

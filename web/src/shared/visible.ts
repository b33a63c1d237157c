// Log text comes from anywhere, so what does not show itself is made to show:
// control characters as their pictures, characters that turn or hide text as
// their code points.

/* eslint-disable-next-line no-control-regex -- they are what is looked for */
const hidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Makes every control, bidirectional and zero-width character of a text visible. */
export function visible(text: string): string {
  return text.replace(hidden, picture);
}

function picture(char: string): string {
  const code = char.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
}

/** The most characters one cell shows. */
export const cellCap = 2048;

/** A text made visible and cut to the cap; cut says how many characters are not shown. */
export function cell(text: string, cap = cellCap): { text: string; cut: number } {
  if (text.length <= cap) return { text: visible(text), cut: 0 };
  // Do not cut between the halves of a pair.
  const end = /[\ud800-\udbff]/.test(text[cap - 1] ?? "") ? cap - 1 : cap;
  return { text: `${visible(text.slice(0, end))}\u2026`, cut: text.length - end };
}

/** A field's value as one text: a list with commas, an object as JSON. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

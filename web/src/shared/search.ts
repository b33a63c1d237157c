// Readers for validateSearch: what stands in an address is text from anywhere,
// what navigate() hands over is typed already.

/** A text of at most max characters; undefined when it is empty. */
export function text(value: unknown, max = 4000): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return String(value).slice(0, max) || undefined;
}

/** Texts joined with commas; undefined when there is none. */
export function list(value: unknown, max = 50): string[] | undefined {
  const items = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  const kept = items.filter((v): v is string => typeof v === "string" && v !== "").slice(0, max);
  return kept.length > 0 ? kept : undefined;
}

/** True for 1 and true, else undefined. */
export function flag(value: unknown): true | undefined {
  return value === true || value === "1" || value === "true" ? true : undefined;
}

/** One of the words, else undefined. */
export function oneOf<const W extends string>(value: unknown, words: readonly W[]): W | undefined {
  return words.find((w) => w === value);
}

/** A whole number within the bounds, else undefined. */
export function number(value: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined {
  const n = typeof value === "number" ? value : typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : NaN;
  return Number.isSafeInteger(n) && n >= min && n <= max ? n : undefined;
}

/** The start or end of a time range: now, a span back, or RFC 3339. */
export function moment(value: unknown): string | undefined {
  return typeof value === "string" && /^(now|-\d{1,6}[smhdw]|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d))$/.test(value) ? value : undefined;
}

// Search parameters are plain text: `?query=error&from=-6h`, so that a person can
// read and write an address. Each route's validateSearch makes values of them.

/** Reads an address; of a name that stands twice the last counts. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.startsWith("?") ? text.slice(1) : text));
}

/** Writes an address; what is empty or undefined is left out, an array is joined with commas. */
export function stringifySearch(search: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    const text = Array.isArray(value) ? value.join(",") : value === undefined || value === null || value === false ? "" : value === true ? "1" : String(value);
    if (text !== "") out.set(name, text);
  }
  const joined = out.toString();
  return joined === "" ? "" : `?${joined}`;
}

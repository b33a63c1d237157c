// The queries of this browser, newest first.

const place = "fengsui.logs.history";
const most = 30;

/** Puts a query in front of a history without repeating it. */
export function remember(history: readonly string[], query: string): string[] {
  if (query === "") return [...history];
  return [query, ...history.filter((q) => q !== query)].slice(0, most);
}

export function readHistory(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? "[]");
    return Array.isArray(value) ? value.filter((q): q is string => typeof q === "string") : [];
  } catch {
    return [];
  }
}

export function keepInHistory(query: string): void {
  try {
    localStorage.setItem(place, JSON.stringify(remember(readHistory(), query)));
  } catch {
    // storage can be forbidden; then there is no history
  }
}

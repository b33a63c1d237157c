import { useSyncExternalStore } from "react";

export type Language = "zh-CN" | "en";
export type Theme = "light" | "dark";

/** What one person on one browser chose; it never leaves the browser. */
export interface Preferences {
  language: Language;
  theme: Theme;
  letterKeys: boolean; // single letters act as commands (WCAG 2.1.4 wants a switch)
  narrowNav: boolean;
}

const place = "fengsui.preferences";

/** Reads what was kept; anything unreadable falls back to the browser's wishes. */
export function readPreferences(kept: string | null, browserLanguage: string, prefersDark: boolean): Preferences {
  let found: Partial<Preferences> = {};
  try {
    const value: unknown = JSON.parse(kept ?? "{}");
    if (typeof value === "object" && value !== null) found = value;
  } catch {
    found = {};
  }
  return {
    language: found.language === "en" || found.language === "zh-CN" ? found.language : /^zh/i.test(browserLanguage) ? "zh-CN" : "en",
    theme: found.theme === "dark" || found.theme === "light" ? found.theme : prefersDark ? "dark" : "light",
    letterKeys: found.letterKeys !== false,
    narrowNav: found.narrowNav === true,
  };
}

function stored(): string | null {
  try {
    return localStorage.getItem(place);
  } catch {
    return null; // storage can be forbidden; then choices last for the visit
  }
}

let current = readPreferences(stored(), navigator.language, globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false);
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  return current;
}

/** Changes and keeps some choices. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(place, JSON.stringify(current));
  } catch {
    // as above
  }
  applyTheme();
  for (const listener of listeners) listener();
}

/** Puts the chosen theme on the document. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = current.theme;
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

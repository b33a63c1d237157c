import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

let printing = false;
const listeners = new Set<() => void>();

function set(now: boolean): void {
  printing = now;
  // The browser lays the print out right after its event: nothing may be drawn later.
  flushSync(() => listeners.forEach((told) => told()));
}

function subscribe(changed: () => void): () => void {
  if (listeners.size === 0) {
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
  }
  listeners.add(changed);
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    removeEventListener("beforeprint", begin);
    removeEventListener("afterprint", end);
  };
}

const begin = () => set(true);
const end = () => set(false);

/** Whether the page is being printed: what is drawn only in part on the screen is then drawn whole. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => printing);
}

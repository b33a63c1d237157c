// The server's clock. Countdowns and "now" never trust the PC's.

let offset = 0;

/** Notes what time the server said it was when an answer arrived. */
export function noteServerTime(serverMs: number, localMs: number): void {
  if (Number.isFinite(serverMs)) offset = serverMs - localMs;
}

/** The server's time in milliseconds, as far as the latest answer tells. */
export function serverNow(): number {
  return Date.now() + offset;
}

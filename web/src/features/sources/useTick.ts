import { useEffect, useState } from "react";

/** A number that changes every so many milliseconds, for texts that grow old. */
export function useTick(ms: number): number {
  const [tick, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set((n) => n + 1), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return tick;
}

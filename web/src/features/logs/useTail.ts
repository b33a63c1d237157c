import { useEffect, useReducer, useState } from "react";
import { listen, type StreamState } from "@/api/stream";
import type { LogEvent } from "@/api/contract";
import { emptyTail, reduceTail } from "./tail";

/** Follows the events that match a query while on. The screen is drawn four times a second, however fast they come. */
export function useTail(query: string, on: boolean) {
  const [tail, tell] = useReducer(reduceTail, emptyTail);
  const [state, setState] = useState<StreamState>("connecting");
  useEffect(() => {
    if (!on) return;
    tell({ clear: true });
    let batch: LogEvent[] = [];
    const stop = listen(`/api/v1/logs/tail?query=${encodeURIComponent(query)}`, {
      on: {
        log: (data) => batch.push(data as LogEvent),
        rate: (data) => tell({ rate: data as { per_second: number; dropped: number } }),
      },
      state: setState,
    });
    const timer = setInterval(() => {
      if (batch.length === 0) return;
      tell({ events: batch });
      batch = [];
    }, 250);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [query, on]);
  return { tail, state, pause: (pause: boolean) => tell({ pause }) };
}

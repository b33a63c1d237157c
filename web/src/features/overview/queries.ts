import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, must } from "@/api/client";
import { news } from "@/api/stream";
import type { Range } from "@/shared/TimeRange";

const common = { placeholderData: keepPreviousData, refetchInterval: 30_000 };

/** Events by source and time. */
export function useActivity(range: Range) {
  return useQuery({
    ...common,
    queryKey: ["overview", "activity", range],
    queryFn: ({ signal }) => must(api.GET("/api/v1/sources/activity", { params: { query: range }, signal })),
  });
}

/** All sources that are in use. */
export function useSources() {
  return useQuery({
    ...common,
    queryKey: ["overview", "sources"],
    queryFn: ({ signal }) => must(api.GET("/api/v1/sources", { params: { query: { limit: 500 } }, signal })),
  });
}

/** Alerts by level, rule and time. */
export function useAlertStats(range: Range) {
  return useQuery({
    ...common,
    queryKey: ["overview", "alerts", range],
    queryFn: ({ signal }) => must(api.GET("/api/v1/alerts/stats", { params: { query: range }, signal })),
  });
}

/** Ledger, index, detection and listeners. */
export function useStation() {
  return useQuery({ ...common, queryKey: ["overview", "station"], queryFn: ({ signal }) => must(api.GET("/api/v1/station", { signal })) });
}

/** The duty of log retention, as of now. */
export function useDuty(id: string) {
  return useQuery({
    ...common,
    queryKey: ["overview", "duty", id],
    queryFn: ({ signal }) => must(api.GET("/api/v1/compliance/obligations/{id}", { params: { path: { id } }, signal })),
  });
}

const parts: Record<string, string[]> = { alerts: ["alerts"], sources: ["sources", "activity", "duty"] };

/** Asks again for what news are about, at most every five seconds. */
export function useFresh(): void {
  const client = useQueryClient();
  useEffect(() => {
    const waiting = new Map<string, ReturnType<typeof setTimeout>>();
    const stops = Object.entries(parts).map(([topic, kinds]) =>
      news.subscribe(topic, () => {
        if (waiting.has(topic)) return;
        const timer = setTimeout(() => {
          waiting.delete(topic);
          for (const kind of kinds) void client.invalidateQueries({ queryKey: ["overview", kind] });
        }, 5000);
        waiting.set(topic, timer);
      }),
    );
    return () => {
      for (const stop of stops) stop();
      for (const timer of waiting.values()) clearTimeout(timer);
    };
  }, [client]);
}

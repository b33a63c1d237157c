import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { api, must } from "@/api/client";
import { serverNow } from "@/api/clock";
import type { components } from "@/api/schema";
import { news } from "@/api/stream";
import { useCan, useSession } from "@/app/session";
import { belongs, putInto, reportOf, type Report } from "./live";
import type { Asked } from "./search";

type Schemas = components["schemas"];
export type Alert = Schemas["AlertItem"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertPage = Schemas["ListAlertsResponse"];
export type Suppression = Schemas["AlertSuppression"];
export type ActBody = Schemas["ActOnAlertsRequest"];
type Account = Schemas["AuthnAccount"] & NonNullable<Schemas["AuthnSession"]["account"]>; // an account is written with what a session says of it
export type Act = ActBody["act"];
export type CloseReason = NonNullable<ActBody["reason"]>;
export const closeReasons: CloseReason[] = ["true_positive", "false_positive", "expected", "duplicate", "other"];

/** The alerts, the latest finding first, a page at a time. */
export function useAlerts(asked: Asked) {
  return useInfiniteQuery({
    queryKey: ["alerts", "list", asked],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/alerts", { params: { query: { ...asked, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
}

/** Counts by level and time. */
export function useStats(range: { from: string; to: string }) {
  return useQuery({
    queryKey: ["alerts", "stats", range],
    queryFn: ({ signal }) => must(api.GET("/api/v1/alerts/stats", { params: { query: range }, signal })),
    placeholderData: keepPreviousData,
  });
}

export const alertQuery = (id: string) =>
  queryOptions({ queryKey: ["alerts", "one", id], queryFn: ({ signal }) => must(api.GET("/api/v1/alerts/{id}", { params: { path: { id } }, signal })), placeholderData: keepPreviousData });

/** One sealed event; it never changes. */
export const eventQuery = (seq: number) =>
  queryOptions({ queryKey: ["alerts", "event", seq], queryFn: ({ signal }) => must(api.GET("/api/v1/logs/{seq}", { params: { path: { seq } }, signal })), staleTime: Infinity });

export const ruleQuery = (id: string) =>
  queryOptions({ queryKey: ["alerts", "rule", id], queryFn: ({ signal }) => must(api.GET("/api/v1/rules/{id}", { params: { path: { id } }, signal })), staleTime: 60_000 });

export function useSuppressions() {
  return useInfiniteQuery({
    queryKey: ["alerts", "suppressions"],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/suppressions", { params: { query: pageParam ? { cursor: pageParam } : {} }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

/** The sources by name, for the filter. */
export function useSourceNames() {
  const can = useCan();
  return useQuery({
    queryKey: ["alerts", "sources"],
    queryFn: ({ signal }) => must(api.GET("/api/v1/sources", { params: { query: { limit: 500 } }, signal })),
    select: (page) => page.items.map((s) => ({ id: s.id, name: s.name })),
    enabled: can("logsource.read"),
    staleTime: 60_000,
  });
}

/** The people an alert can be given to. Who may not read the accounts knows only themselves. */
export function usePeople(): { id: string; name: string }[] {
  const can = useCan();
  const { account } = useSession();
  const all = useQuery({
    queryKey: ["alerts", "people"],
    queryFn: ({ signal }) => must(api.GET("/api/v1/accounts", { params: { query: { limit: 500 } }, signal })),
    select: (page) => (page.items as Account[]).filter((a) => !a.disabled && a.role !== "reader").map((a) => ({ id: a.id, name: a.name })),
    enabled: can("account.read"),
    staleTime: 60_000,
  });
  return all.data ?? (account ? [{ id: account.id, name: account.name }] : []);
}

/** Does an act to alerts and tells what it came to, row by row. */
export function useAct() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: ActBody): Promise<Report> => reportOf((await must(api.POST("/api/v1/alerts/actions", { body }))).results),
    onSettled: () => Promise.all(["list", "stats", "one"].map((kind) => client.invalidateQueries({ queryKey: ["alerts", kind] }))),
  });
}

export function useSuppress() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["CreateSuppressionRequest"]) => must(api.POST("/api/v1/suppressions", { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["alerts", "suppressions"] }),
  });
}

export function useLift() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => must(api.DELETE("/api/v1/suppressions/{id}", { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["alerts", "suppressions"] }),
  });
}

/** Takes the news of alerts into the list: what it shows changes in place, what is new is counted until it is asked for. */
export function useLive(asked: Asked): { fresh: number; show: () => void } {
  const client = useQueryClient();
  const [seen, setSeen] = useState<{ asked: Asked; ids: Set<string> }>({ asked, ids: new Set() });
  if (seen.asked !== asked) setSeen({ asked, ids: new Set() });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = news.subscribe("alerts", (data) => {
      const alert = data as Alert;
      const key = ["alerts", "list", asked];
      const have = client.getQueryData<InfiniteData<AlertPage>>(key);
      const next = have && putInto(have, alert);
      if (next) client.setQueryData(key, next);
      else if (have && serverNow() - Date.parse(alert.first) < 120_000 && belongs(alert, asked)) setSeen((s) => ({ ...s, ids: new Set(s.ids).add(alert.id) }));
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ["alerts", "stats"] });
      }, 5000);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [asked, client]);
  const show = useCallback(() => {
    setSeen((s) => ({ ...s, ids: new Set() }));
    void client.invalidateQueries({ queryKey: ["alerts", "list"] });
  }, [client]);
  return { fresh: seen.ids.size, show };
}

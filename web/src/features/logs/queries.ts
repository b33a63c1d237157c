import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import type { LogEvent } from "@/api/contract";

/** What is searched: query text and range, as they stand in the address. */
export interface Asked {
  query: string;
  from: string;
  to: string;
  order: "asc" | "desc";
}

export const pageSize = 500;
/** The grid loads at most so many rows; beyond them the answer is a narrower query or an export. */
export const mostRows = 10_000;

/** The matching events, a page at a time. */
export function useLogs(asked: Asked, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ["logs", "list", asked],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/logs", { params: { query: { ...asked, limit: pageSize, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last, pages) => (last.next && pages.length * pageSize < mostRows ? last.next : undefined),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** Hits over time, stacked by a field when there is one. */
export function useLogStats({ query, from, to }: Asked, by: string, enabled: boolean) {
  return useQuery({
    queryKey: ["logs", "stats", { query, from, to, by }],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/stats", { params: { query: { query, from, to, buckets: 90, ...(by ? { by } : {}) } }, signal })),
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** The fields of the matching events with their most frequent values. */
export function useLogFields({ query, from, to }: Asked, enabled: boolean) {
  return useQuery({
    queryKey: ["logs", "fields", { query, from, to }],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/fields", { params: { query: { query, from, to } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    enabled,
  });
}

/** One event; a sealed event never changes. */
export function eventQuery(seq: number, known?: LogEvent) {
  return queryOptions({
    queryKey: ["logs", "event", seq],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/{seq}", { params: { path: { seq } }, signal })),
    initialData: known,
    staleTime: Infinity,
  });
}

/** The neighbours of an event from the same source. */
export function contextQuery(seq: number, around: number) {
  return queryOptions({
    queryKey: ["logs", "context", { seq, around }],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/{seq}/context", { params: { path: { seq }, query: { before: around, after: around } }, signal })),
  });
}

/** The proof that an event is in the ledger. */
export function proofQuery(seq: number) {
  return queryOptions({
    queryKey: ["logs", "proof", seq],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/{seq}/proof", { params: { path: { seq } }, signal })),
    retry: false,
    refetchInterval: (query) => (query.state.error ? 5000 : false),
  });
}

/** Where an export of the search is downloaded. */
export function exportAddress(asked: Asked, format: "csv" | "ndjson"): string {
  const { query, from, to } = asked;
  return `/api/v1/logs/export?${new URLSearchParams({ query, from, to, format })}`;
}

import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, must } from "@/api/client";

interface Asked {
  query: string;
  from: string;
  to: string;
}

/** The records, the latest first, a page at a time. */
export function useTrail(asked: Asked) {
  return useInfiniteQuery({
    queryKey: ["audit", "list", asked],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/logs", { params: { query: { ...asked, order: "desc", limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
}

/** The most frequent values of a field in the trail, to choose from. */
export function useValues(field: string, range: { from: string; to: string }) {
  return useQuery({
    queryKey: ["audit", "values", field, range],
    queryFn: ({ signal }) => must(api.GET("/api/v1/logs/stats", { params: { query: { query: "transport:=audit", ...range, by: field, buckets: 1 } }, signal })),
    select: (stats) => stats.top.map((v) => v.value).filter((v) => v !== "").sort(),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** One record; a sealed record never changes. */
export const recordQuery = (seq: number) =>
  queryOptions({ queryKey: ["audit", "one", seq], queryFn: ({ signal }) => must(api.GET("/api/v1/logs/{seq}", { params: { path: { seq } }, signal })), staleTime: Infinity });

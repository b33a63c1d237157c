import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, must } from "@/api/client";
import type { components } from "@/api/schema";
import { news } from "@/api/stream";
import { freshened, putNews, type SourceNews } from "./form";
import type { Asked } from "./search";

type Schemas = components["schemas"];
export type Source = Schemas["LogsourceItem"];
export type SourceDetail = Schemas["LogsourceDetail"];
export type NewSource = Schemas["CreateSourceResponse"];
export type Stranger = Schemas["LogsourceStranger"];
export type Gap = Schemas["LogsourceGap"];
type Page = Schemas["ListSourcesResponse"];

/** The sources, the silent ones first, a page at a time. */
export function useSources(asked: Asked) {
  return useInfiniteQuery({
    queryKey: ["sources", "list", asked],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/sources", { params: { query: { ...asked, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

export const sourceQuery = (id: string) =>
  queryOptions({ queryKey: ["sources", "one", id], queryFn: ({ signal }) => must(api.GET("/api/v1/sources/{id}", { params: { path: { id } }, signal })), placeholderData: keepPreviousData, refetchInterval: 30_000 });

export const settingsQuery = (id: string) =>
  queryOptions({ queryKey: ["sources", "settings", id], queryFn: ({ signal }) => must(api.GET("/api/v1/sources/{id}/settings", { params: { path: { id } }, signal })), staleTime: 60_000 });

export function useStrangers() {
  return useQuery({ queryKey: ["sources", "strangers"], queryFn: ({ signal }) => must(api.GET("/api/v1/sources/strangers", { signal })), refetchInterval: 15_000 });
}

export function useGaps(open: boolean) {
  return useInfiniteQuery({
    queryKey: ["sources", "gaps", { open }],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/sources/gaps", { params: { query: { ...(open ? { open } : {}), ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
}

function useStale(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["sources"] });
}

/** Adds a source; the answer carries its token, this once. */
export function useAdd() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["LogsourceSettingsBody"]) => must(api.POST("/api/v1/sources", { body })), onSuccess });
}

export function useEdit(id: string) {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["UpdateSourceRequest"]) => must(api.PATCH("/api/v1/sources/{id}", { params: { path: { id } }, body })), onSuccess });
}

export function useRetire(id: string) {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (reason: string) => must(api.POST("/api/v1/sources/{id}/retire", { params: { path: { id } }, body: { reason } })), onSuccess });
}

/** Makes a new token; the old one is not known any more. */
export function useRenew(id: string) {
  return useMutation({ mutationFn: () => must(api.POST("/api/v1/sources/{id}/token", { params: { path: { id } } })) });
}

export function useAdopt(id: string) {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["AdoptStrangerRequest"]) => must(api.POST("/api/v1/sources/strangers/{id}/adopt", { params: { path: { id } }, body })), onSuccess });
}

export function useIgnore() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (id: string) => must(api.POST("/api/v1/sources/strangers/{id}/ignore", { params: { path: { id } } })), onSuccess });
}

/** Takes the news of sources into what is shown; a state that changed makes the list be asked for again, because it decides the order. */
export function useLive(): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = news.subscribe("sources", (data) => {
      const n = data as SourceNews;
      client.setQueryData<SourceDetail>(["sources", "one", n.id], (s) => s && freshened(s, n));
      for (const [key, have] of client.getQueriesData<InfiniteData<Page>>({ queryKey: ["sources", "list"] })) {
        const known = have?.pages.flatMap((p) => p.items).find((s) => s.id === n.id);
        const next = have && putNews(have, n);
        if (next) client.setQueryData(key, next);
        if (known?.state !== n.state) timer ??= setTimeout(() => {
          timer = undefined;
          void client.invalidateQueries({ queryKey: ["sources", "list"] });
        }, 3000);
      }
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [client]);
}

import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Version = Schemas["OrgVersion"];
export type Unit = Schemas["GetUnitResponse"];
export type Settings = Schemas["OrgSettingsBody"];
export type Imported = Schemas["OrgImport"];
export type Contact = Schemas["OrgContact"];
export type Mode = "stop" | "skip" | "update";
const most = 20_000; // units in one view

/**
 * The whole tree, now or at an instant. "Now" is left to the station: this
 * browser's idea of it may lie a moment before what was just done.
 */
export function useTree(at: string | undefined) {
  return useQuery({
    queryKey: ["units", "tree", at ?? "now"],
    queryFn: async ({ signal }) => {
      const items: Version[] = [];
      let cursor = "";
      do {
        const page = await must(api.GET("/api/v1/units/tree", { params: { query: { limit: 500, ...(at === undefined ? {} : { at }), ...(cursor ? { cursor } : {}) } }, signal }));
        items.push(...page.items);
        cursor = page.next;
      } while (cursor !== "" && items.length < most);
      return { items, cut: cursor !== "" };
    },
    placeholderData: keepPreviousData,
  });
}

/** The words for kinds, industries and types of operator, in both languages. */
export function useUnitWords() {
  return useQuery({ queryKey: ["units", "words"], queryFn: ({ signal }) => must(api.GET("/api/v1/units/words", { signal })), staleTime: Infinity });
}

export const unitQuery = (id: string) => queryOptions({ queryKey: ["units", "one", id], queryFn: ({ signal }) => must(api.GET("/api/v1/units/{id}", { params: { path: { id } }, signal })) });

/** What happened to a unit, a page at a time. */
export function useHistory(id: string) {
  return useInfiniteQuery({
    queryKey: ["units", "history", id],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/units/{id}/history", { params: { path: { id }, query: { limit: 100, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
  });
}

function useStale(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["units"] });
}

export function useCreate() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Settings) => must(api.POST("/api/v1/units", { body })), onSuccess });
}

/** What a dialog does to a unit. The unit as it was read goes along: when somebody was faster, nothing happens. */
export type Change =
  | { act: "edit"; body: Schemas["UpdateUnitRequest"] }
  | { act: "move"; body: Schemas["MoveUnitRequest"] }
  | { act: "merge"; body: Schemas["MergeUnitRequest"] }
  | { act: "dissolve"; body: Schemas["DissolveUnitRequest"] };

export function useChange(unit: Unit) {
  const onSettled = useStale();
  const params = { path: { id: unit.id }, header: { "If-Match": `"${unit.revision}"` } };
  return useMutation({
    mutationFn: (change: Change): Promise<unknown> => {
      switch (change.act) {
        case "edit":
          return must(api.PATCH("/api/v1/units/{id}", { params, body: change.body }));
        case "move":
          return must(api.POST("/api/v1/units/{id}/move", { params, body: change.body }));
        case "merge":
          return must(api.POST("/api/v1/units/{id}/merge", { params, body: change.body }));
        case "dissolve":
          return must(api.POST("/api/v1/units/{id}/dissolve", { params, body: change.body }));
      }
    },
    onSettled,
  });
}

interface File {
  file: Blob;
  mode: Mode;
}

// The body is the file as it is.
const raw = { headers: { "Content-Type": "application/octet-stream" }, bodySerializer: (body: unknown) => body as Blob };

/** Asks what the import of a file would do. */
export function usePreview() {
  return useMutation({ mutationFn: ({ file, mode }: File) => must(api.POST("/api/v1/units/import/preview", { params: { query: { mode } }, body: file as never, ...raw })) });
}

/** Imports a file, and only as the preview said. */
export function useImport() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: ({ file, mode, plan }: File & { plan: string }) => must(api.POST("/api/v1/units/import", { params: { query: { mode, plan } }, body: file as never, ...raw })), onSuccess });
}

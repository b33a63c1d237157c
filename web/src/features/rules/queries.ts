import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import type { components } from "@/api/schema";
import type { Asked } from "./search";

export type Rule = components["schemas"]["RulebookItem"];
export type RuleDetail = components["schemas"]["RulebookDetail"];
export type Loaded = components["schemas"]["ReloadRulesResponse"];

/** The rules, a page at a time. */
export function useRules(asked: Asked) {
  return useInfiniteQuery({
    queryKey: ["rules", "list", asked],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/rules", { params: { query: { ...asked, limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
}

export const ruleQuery = (id: string) =>
  queryOptions({ queryKey: ["rules", "one", id], queryFn: ({ signal }) => must(api.GET("/api/v1/rules/{id}", { params: { path: { id } }, signal })), placeholderData: keepPreviousData });

/** The rules that cannot be used, with the reason. */
export function useProblems() {
  return useQuery({ queryKey: ["rules", "problems"], queryFn: ({ signal }) => must(api.GET("/api/v1/rules/problems", { signal })) });
}

/** Switches a rule on or off. */
export function useSwitch(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { enabled: boolean; reason: string }) => must(api.POST("/api/v1/rules/{id}/state", { params: { path: { id } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["rules"] }),
  });
}

/** Reads the rules from their folders again. */
export function useReload() {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => must(api.POST("/api/v1/rules/reload")), onSuccess: () => client.invalidateQueries({ queryKey: ["rules"] }) });
}

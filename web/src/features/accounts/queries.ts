import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, must } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Account = Schemas["AuthnAccount"];
export type Token = Schemas["AuthnToken"];

/** The accounts, a page at a time. */
export function useAccounts() {
  return useInfiniteQuery({
    queryKey: ["accounts", "list"],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/accounts", { params: { query: { limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
  });
}

/** The service tokens, a page at a time. */
export function useTokens() {
  return useInfiniteQuery({
    queryKey: ["accounts", "tokens"],
    queryFn: ({ signal, pageParam }) => must(api.GET("/api/v1/tokens", { params: { query: { limit: 200, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

function useStale(): () => Promise<unknown> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: ["accounts"] });
}

export function useCreate() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["CreateAccountRequest"]) => must(api.POST("/api/v1/accounts", { body })), onSuccess });
}

/** Changes role, password, or whether the account can be used. */
export function useChange(id: string) {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["UpdateAccountRequest"]) => must(api.PATCH("/api/v1/accounts/{id}", { params: { path: { id } }, body })), onSuccess });
}

/** Makes a token; the answer carries its secret, this once. */
export function useCreateToken() {
  const onSuccess = useStale();
  return useMutation({ mutationFn: (body: Schemas["CreateTokenRequest"]) => must(api.POST("/api/v1/tokens", { body })), onSuccess });
}

export function useRevoke(id: string) {
  const onSuccess = useStale();
  return useMutation({ mutationFn: () => must(api.DELETE("/api/v1/tokens/{id}", { params: { path: { id } } })), onSuccess });
}

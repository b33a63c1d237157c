import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { api, must } from "@/api/client";
import { noteServerTime } from "@/api/clock";
import type { Session } from "@/api/contract";

export type Permission = "alert.read" | "alert.write" | "log.read" | "log.export" | "rule.read" | "rule.write" | "logsource.read" | "logsource.write" | "compliance.read" | "station.read" | "account.read" | "account.write" | "token.read" | "token.write" | "unit.read" | "unit.write" | "audit.read";

/** Who is here and what they may do. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => {
    const session = await must(api.GET("/api/v1/session", { signal }));
    noteServerTime(Date.parse(session.server_time), Date.now());
    return session;
  },
  staleTime: 60_000,
});

/** The session of the shell; when it expires, the one that was, until somebody signs in again. */
export const SessionContext = createContext<Session | null>(null);

/** The session; only inside the shell, where it is known. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession outside the shell");
  return session;
}

/** Tells whether the account may do something; the server decides again. */
export function useCan(): (permission: Permission) => boolean {
  const { permissions } = useSession();
  return (permission) => permissions.includes(permission);
}

/** The organisation's time zone; it is known before anybody signs in. */
export function useZone(): string {
  return useQuery(sessionQuery).data?.zone || "Asia/Shanghai";
}

/** Takes over the session of a sign-in or set-up; what another account saw is forgotten. */
export function useTakeSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    const before = client.getQueryData(sessionQuery.queryKey)?.account?.id;
    if (before !== undefined && before !== session.account?.id) client.removeQueries({ predicate: (q) => q.queryKey[0] !== "session" });
    client.setQueryData(sessionQuery.queryKey, session);
    void client.invalidateQueries({ predicate: (q) => q.queryKey[0] !== "session" });
  };
}

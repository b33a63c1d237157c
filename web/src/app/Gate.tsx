import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import type { Session } from "@/api/contract";
import { onSignedOut } from "@/api/client";
import { ErrorBox } from "@/shared/ErrorBox";
import { Skeleton } from "@/shared/Skeleton";
import { queryClient } from "./Providers";
import { SessionContext, sessionQuery } from "./session";
import { Shell } from "./Shell";

const Entrance = lazy(() => import("@/features/session/EntrancePage"));

/** Shows the first-run set-up or the sign-in until somebody is here. The address stays: whoever signs in lands on it. */
export function Gate() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const [last, setLast] = useState<Session>();
  useEffect(() => onSignedOut(() => void queryClient.invalidateQueries(sessionQuery)), []);
  if (session?.signed_in && session !== last) setLast(session);

  if (!session) return error ? <main className="fs-alone"><ErrorBox error={error} retry={() => void refetch()} /></main> : <Skeleton />;
  // Over an expired session the page stays mounted beneath, with what was typed into it.
  const shown = session.signed_in ? session : session.setup_needed ? undefined : last;
  if (shown) {
    return (
      <SessionContext value={shown}>
        <Shell />
        {!session.signed_in && (
          <Suspense>
            <Entrance session={session} over />
          </Suspense>
        )}
      </SessionContext>
    );
  }
  return (
    <Suspense fallback={<Skeleton />}>
      <Entrance session={session} />
    </Suspense>
  );
}

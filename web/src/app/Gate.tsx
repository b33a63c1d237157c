import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { onSignedOut } from "@/api/client";
import { ErrorBox } from "@/shared/ErrorBox";
import { Skeleton } from "@/shared/Skeleton";
import { queryClient } from "./Providers";
import { sessionQuery } from "./session";
import { Shell } from "./Shell";

const Entrance = lazy(() => import("@/features/session/EntrancePage"));

/** Shows the first-run set-up or the sign-in until somebody is here. The address stays: whoever signs in lands on it. */
export function Gate() {
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const wasIn = useRef(false);
  useEffect(() => onSignedOut(() => void queryClient.invalidateQueries(sessionQuery)), []);
  const signedIn = session?.signed_in === true;
  // Over an expired session the page stays mounted beneath, with what was typed into it.
  const expired = wasIn.current && !signedIn && session !== undefined && !session.setup_needed;
  useEffect(() => {
    if (signedIn) wasIn.current = true;
  }, [signedIn]);

  if (!session) return error ? <main className="fs-alone"><ErrorBox error={error} retry={() => void refetch()} /></main> : <Skeleton />;
  if (signedIn || expired) {
    return (
      <>
        <Shell />
        {expired && (
          <Suspense>
            <Entrance session={session} over />
          </Suspense>
        )}
      </>
    );
  }
  return (
    <Suspense fallback={<Skeleton />}>
      <Entrance session={session} />
    </Suspense>
  );
}

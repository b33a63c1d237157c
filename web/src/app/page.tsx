import { lazy, Suspense, type ComponentType } from "react";
import { Denied } from "@/shared/Denied";
import { PageErrors } from "@/shared/ErrorBox";
import { Skeleton } from "@/shared/Skeleton";
import { useCan, type Permission } from "./session";

/** Makes a route's component of a lazily loaded page: skeleton while it loads, a refusal without the permission, its own error box. */
export function page(permission: Permission | undefined, load: () => Promise<{ default: ComponentType }>) {
  const Page = lazy(load);
  return function GuardedPage() {
    const can = useCan();
    if (permission !== undefined && !can(permission)) return <Denied permission={permission} />;
    return (
      <PageErrors>
        <Suspense fallback={<Skeleton />}>
          <Page />
        </Suspense>
      </PageErrors>
    );
  };
}

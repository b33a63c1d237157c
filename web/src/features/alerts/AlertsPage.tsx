import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { useTranslation } from "react-i18next";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { AlertList } from "./AlertList";
import type { AlertsSearch } from "./search";
import "./alerts.css";

const route = getRouteApi("/alerts");
const Suppressions = lazy(() => import("./Suppressions"));

/** Alerts, one row for a rule and what it is about; and what is being hidden. Everything shown stands in the address. */
export default function AlertsPage() {
  const { t } = useTranslation("alerts");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const view = search.view ?? "list";
  const go = useCallback((change: Partial<AlertsSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  return (
    <div className="fs-page">
      <div className="fs-page-head">
        <Tabs
          label={t("view.label")}
          id="alerts-view"
          value={view}
          tabs={[
            { id: "list", label: t("view.list") },
            { id: "suppressions", label: t("view.suppressions") },
          ]}
          onChange={(v) => go({ view: v === "list" ? undefined : v, id: undefined })}
        />
      </div>
      <div className="fs-page-panel" id="alerts-view" role="tabpanel" aria-labelledby={`alerts-view-${view}`}>
        {view === "list" ? (
          <AlertList search={search} go={go} />
        ) : (
          <Suspense fallback={<Skeleton />}>
            <Suppressions />
          </Suspense>
        )}
      </div>
    </div>
  );
}

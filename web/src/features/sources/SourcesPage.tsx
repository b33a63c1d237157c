import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { Glyph } from "@/shared/Glyph";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { useLive, useStrangers } from "./queries";
import type { SourcesSearch } from "./search";
import { SourceList } from "./SourceList";
import "./sources.css";

const route = getRouteApi("/sources");
const Strangers = lazy(() => import("./Strangers"));
const Gaps = lazy(() => import("./Gaps"));
const AddDialog = lazy(() => import("./AddDialog"));

/** Who sends logs, who fell silent, who knocks without being known, and the gaps that stay on record. */
export default function SourcesPage() {
  const { t } = useTranslation("sources");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const strangers = useStrangers();
  const [adding, setAdding] = useState(false);
  useLive();
  const view = search.view ?? "list";
  const go = useCallback((change: Partial<SourcesSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const unknown = strangers.data?.items.length ?? 0;
  return (
    <div className="fs-page">
      <div className="fs-page-head">
        <Tabs
          label={t("view.label")}
          id="sources-view"
          value={view}
          tabs={[
            { id: "list", label: t("view.list") },
            { id: "strangers", label: <>{t("view.strangers")} {unknown > 0 && <span className="fs-count" data-warn>{unknown}</span>}</> },
            { id: "gaps", label: t("view.gaps") },
          ]}
          onChange={(v) => go({ view: v === "list" ? undefined : v, id: undefined, tab: undefined })}
        />
        <div className="fs-page-acts">
          <button type="button" className="fs-btn fs-btn-small fs-btn-main" disabled={!can("logsource.write")} title={can("logsource.write") ? undefined : t("denied")} onClick={() => setAdding(true)}>
            <Glyph name="plus" size={14} />
            {t("add.do")}
          </button>
        </div>
      </div>
      <div className="fs-page-panel" id="sources-view" role="tabpanel" aria-labelledby={`sources-view-${view}`}>
        <Suspense fallback={<Skeleton />}>
          {view === "list" && <SourceList search={search} go={go} add={() => setAdding(true)} />}
          {view === "strangers" && <Strangers query={strangers} />}
          {view === "gaps" && <Gaps onlyOpen={search.open === true} go={go} />}
        </Suspense>
      </div>
      {adding && (
        <Suspense>
          <AddDialog close={() => setAdding(false)} done={(id) => { setAdding(false); go({ id, view: undefined, tab: "settings" }); }} />
        </Suspense>
      )}
    </div>
  );
}

import { getRouteApi } from "@tanstack/react-router";
import { App } from "antd";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { useProblemText } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { Tabs } from "@/shared/Tabs";
import { Problems } from "./Problems";
import { useProblems, useReload } from "./queries";
import { RuleList } from "./RuleList";
import type { RulesSearch } from "./search";
import "./rules.css";

const route = getRouteApi("/rules");

/** The detection rules: what they look for, whether they are on, what they found; and those that cannot be used. */
export default function RulesPage() {
  const { t } = useTranslation("rules");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const { message } = App.useApp();
  const problemText = useProblemText();
  const problems = useProblems();
  const reload = useReload();
  const view = search.view ?? "list";
  const go = useCallback((change: Partial<RulesSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const refused = problems.data?.items.length ?? 0;
  const again = () =>
    reload.mutate(undefined, {
      onSuccess: (r) => void message.success(t("reload.done", { loaded: r.loaded, enabled: r.enabled, refused: r.refused })),
      onError: (error) => void message.error(problemText(error)),
    });
  return (
    <div className="fs-page">
      <div className="fs-page-head">
        <Tabs
          label={t("view.label")}
          id="rules-view"
          value={view}
          tabs={[
            { id: "list", label: t("view.list") },
            { id: "problems", label: <>{t("view.problems")} {refused > 0 && <span className="fs-count" data-warn>{refused}</span>}</> },
          ]}
          onChange={(v) => go({ view: v === "list" ? undefined : v, id: undefined })}
        />
        <div className="fs-page-acts">
          <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!can("rule.write") || reload.isPending} title={t(can("rule.write") ? "reload.title" : "denied")} onClick={again}>
            <Glyph name="refresh" size={14} />
            {t("reload.do")}
          </button>
        </div>
      </div>
      <div className="fs-page-panel" id="rules-view" role="tabpanel" aria-labelledby={`rules-view-${view}`}>
        {view === "list" ? <RuleList search={search} go={go} /> : <Problems query={problems} />}
      </div>
    </div>
  );
}

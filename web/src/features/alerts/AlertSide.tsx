import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan, useSession } from "@/app/session";
import { Time } from "@/shared/Clock";
import { Copy } from "@/shared/Copy";
import { ErrorBox } from "@/shared/ErrorBox";
import { whole } from "@/shared/number";
import { usePrinting } from "@/shared/printing";
import { Sev } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { useText } from "@/shared/useText";
import type { Asking } from "./Acts";
import { HistoryTab, RuleTab, WhyTab } from "./SideTabs";
import { alertQuery, usePeople, type AlertDetail } from "./queries";
import { tabs, type Tab } from "./search";

interface AlertSideProps {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  step: { at: number; of: number; go: (by: number) => void };
  close: () => void;
  ask: (act: Asking["act"], alert: AlertDetail) => void;
}

/** One alert: why it fired, its sealed events, its rule, and what people did to it. */
export function AlertSide({ id, tab, onTab, step, close, ask }: AlertSideProps) {
  const { t } = useTranslation("alerts");
  const alert = useQuery(alertQuery(id));
  const title = useText();
  const printing = usePrinting(); // paper has no tabs: what happened and what was done about it
  const a = alert.data;
  return (
    <Side label={t("side.label", { number: a?.number ?? "" })} title={a ? title(a.title) : "…"} close={close} step={step} acts={a && <Head alert={a} ask={ask} />}>
      <Tabs label={t("side.tabs")} id="alert-side" value={tab} tabs={tabs.map((name) => ({ id: name, label: t(`tab.${name}`) }))} onChange={onTab} />
      <div className="fs-side-body" id="alert-side" role="tabpanel" aria-labelledby={`alert-side-${tab}`} tabIndex={0}>
        {alert.error && !a && <ErrorBox error={alert.error} retry={() => void alert.refetch()} small />}
        {!a && alert.isPending && <Skeleton />}
        {a && (tab === "why" || printing) && <WhyTab alert={a} />}
        {a && tab === "rule" && !printing && <RuleTab alert={a} />}
        {a && (tab === "history" || printing) && <HistoryTab alert={a} />}
      </div>
    </Side>
  );
}

function Head({ alert, ask }: { alert: AlertDetail; ask: AlertSideProps["ask"] }) {
  const { t } = useTranslation("alerts");
  const can = useCan();
  const { account } = useSession();
  const people = usePeople();
  const write = can("alert.write");
  const acts: Asking["act"][] = alert.status === "closed" ? ["reopen", "note", "suppress"] : [...(alert.status === "new" ? (["acknowledge"] as const) : []), "assign", "close", "note", "suppress"];
  const person = alert.assignee === account?.id ? t("me") : (people.find((p) => p.id === alert.assignee)?.name ?? t("someone"));
  return (
    <>
      <p className="fs-side-facts">
        <Sev level={alert.level} />
        <span className="fs-mono">{alert.number}</span>
        <Copy text={`${location.origin}/alerts?id=${alert.number}`} label={t("side.copyLink")} />
        <span className={`fs-alert-${alert.status}`}>
          {t(`status.${alert.status}`)}
          {alert.close_reason && ` · ${t(`reason.${alert.close_reason}`)}`}
        </span>
        <span>{t("side.count", { n: whole(alert.count) })}</span>
        <span>
          <Time at={alert.first} /> – <Time at={alert.last} />
        </span>
        <span>{alert.assignee === "" ? t("side.unassigned") : t("side.assigned", { name: person })}</span>
      </p>
      <div className="fs-side-acts">
        {acts.map((act) => (
          <button key={act} type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write} title={write ? undefined : t("acts.denied")} onClick={() => ask(act, alert)}>
            {act === "suppress" ? t("suppress.do") : t(`act.${act}`)}
          </button>
        ))}
      </div>
    </>
  );
}

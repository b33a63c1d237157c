import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useQueries } from "@tanstack/react-query";
import { serverNow } from "@/api/clock";
import { useCan } from "@/app/session";
import { Time } from "@/shared/Clock";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FormDialog } from "@/shared/Form";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { StateChip } from "@/shared/Sev";
import { Skeleton } from "@/shared/Skeleton";
import { useText } from "@/shared/useText";
import { ruleQuery, useLift, useSourceNames, useSuppressions, type Suppression } from "./queries";

/** What is being hidden, why, until when, and how much it hid. */
export default function Suppressions() {
  const { t } = useTranslation("alerts");
  const list = useSuppressions();
  const [lifting, setLifting] = useState<Suppression>();
  const can = useCan();
  const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
  const scope = useScope(rows);
  if (list.error && rows.length === 0) return <ErrorBox error={list.error} retry={() => void list.refetch()} />;
  if (list.isPending) return <Skeleton />;
  if (rows.length === 0) {
    return (
      <Empty kind="nothing" title={t("suppressions.none")} action={<PageLink to="/alerts">{t("suppressions.toAlerts")}</PageLink>}>
        {t("suppressions.noneText")}
      </Empty>
    );
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
    <div className="fs-page-list fs-page-panel" tabIndex={0} role="region" aria-label={t("view.suppressions")}>
      <table className="fs-plain">
        <thead>
          <tr>
            <th scope="col">{t("suppressions.what")}</th>
            <th scope="col">{t("suppressions.why")}</th>
            <th scope="col">{t("suppressions.by")}</th>
            <th scope="col">{t("suppressions.until")}</th>
            <th scope="col" className="fs-num">{t("suppressions.hits")}</th>
            <th scope="col">{t("suppressions.act")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((s) => {
            const over = Date.parse(s.expires) <= serverNow();
            return (
              <tr key={s.id}>
                <td>
                  {scope(s).map((line) => (
                    <div key={line}>{line}</div>
                  ))}
                </td>
                <td>{s.reason}</td>
                <td>
                  {s.created_by}
                  <div className="fs-second">
                    <Time at={s.created_at} style="minutes" />
                  </div>
                </td>
                <td>
                  <Time at={s.expires} style="minutes" />
                  <div>{over ? <StateChip step="info" sign="–">{t("suppressions.over")}</StateChip> : <StateChip step="yellow" sign="◐">{t("suppressions.on")}</StateChip>}</div>
                </td>
                <td className="fs-num">{whole(s.hits)}</td>
                <td>
                  <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!can("alert.write") || over} title={can("alert.write") ? undefined : t("acts.denied")} onClick={() => setLifting(s)}>
                    {t("suppressions.lift")}
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {list.hasNextPage && (
        <button type="button" className="fs-btn" onClick={() => void list.fetchNextPage()}>
          {t("suppressions.more")}
        </button>
      )}
      {lifting && <LiftDialog what={scope(lifting).join(" · ")} suppression={lifting} close={() => setLifting(undefined)} />}
    </div>
  );
}

function LiftDialog({ what, suppression, close }: { what: string; suppression: Suppression; close: () => void }) {
  const { t } = useTranslation("alerts");
  const lift = useLift();
  return (
    <FormDialog title={t("suppressions.lift")} act={t("suppressions.lift")} cancel={t("dialog.cancel")} busy={lift.isPending} error={lift.error} submit={() => lift.mutate(suppression.id, { onSuccess: close })} close={close}>
      <p className="fs-form-note">{what}</p>
      <p className="fs-form-note fs-second">{t("suppressions.will", { n: suppression.hits })}</p>
    </FormDialog>
  );
}

/** What a suppression is about, a line for each condition; they must all hold. */
function useScope(rows: Suppression[]): (s: Suppression) => string[] {
  const { t } = useTranslation("alerts");
  const text = useText();
  const sources = useSourceNames();
  const ids = [...new Set(rows.map((r) => r.rule_id).filter((id) => id !== ""))];
  const rules = useQueries({ queries: ids.map((id) => ruleQuery(id)) });
  const ruleName = (id: string) => text(rules[ids.indexOf(id)]?.data?.title) || id;
  return (s) => [
    ...(s.rule_id ? [`${t("column.rule")}: ${ruleName(s.rule_id)}`] : []),
    ...(s.entity ? [`${t("column.entity")}: ${s.entity}`] : []),
    ...(s.source ? [`${t("column.sources")}: ${sources.data?.find((x) => x.id === s.source)?.name ?? s.source}`] : []),
  ];
}

import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { PageLink } from "@/shared/PageLink";
import { StateChip } from "@/shared/Sev";
import { Skeleton } from "@/shared/Skeleton";

/** The rules that were refused, with the reason: nothing is dropped silently. */
export function Problems({ query }: { query: UseQueryResult<components["schemas"]["ListRefusedRulesResponse"]> }) {
  const { t } = useTranslation("rules");
  if (query.error && !query.data) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton />;
  if (query.data.items.length === 0) {
    return (
      <Empty kind="nothing" title={t("problems.none")} action={<PageLink to="/rules">{t("problems.back")}</PageLink>}>
        {t("problems.noneText")}
      </Empty>
    );
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
    <div className="fs-page-list fs-page-panel" tabIndex={0} role="region" aria-label={t("view.problems")}>
      <table className="fs-plain">
        <thead>
          <tr>
            <th scope="col">{t("problems.kind")}</th>
            <th scope="col">{t("column.origin")}</th>
            <th scope="col">{t("problems.path")}</th>
            <th scope="col">{t("problems.reason")}</th>
          </tr>
        </thead>
        <tbody>
          {query.data.items.map((p) => (
            <tr key={`${p.path}/${p.rule_id}/${p.reason}`}>
              <td>
                <StateChip step={p.status === "invalid" ? "orange" : "yellow"} sign={p.status === "invalid" ? "✕" : "◐"}>
                  {t(`problems.${p.status}`)}
                </StateChip>
              </td>
              <td>{t(`origin.${p.origin}`)}</td>
              <td>
                <code>{p.path}</code>
                {p.rule_id && <div className="fs-second">{p.rule_id}</div>}
              </td>
              <td lang="en">{p.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

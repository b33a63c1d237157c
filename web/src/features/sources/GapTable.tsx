import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { Time } from "@/shared/Clock";
import { PageLink } from "@/shared/PageLink";
import { StateChip } from "@/shared/Sev";
import { span } from "@/shared/time";
import type { Gap } from "./queries";

/** Gaps with their reason, from when to when, and how they ended. */
export function GapTable({ gaps, named }: { gaps: Gap[]; named?: boolean }) {
  const { t, i18n } = useTranslation("sources");
  const length = (g: Gap) => {
    const { unit, n } = span((g.to ? Date.parse(g.to) : serverNow()) - Date.parse(g.from));
    return t(`span.${unit}`, { n });
  };
  const ended = (g: Gap) => (i18n.exists(`sources:ended.${g.ended}`) ? t(`ended.${g.ended}`) : g.ended);
  return (
    <table className="fs-plain">
      <thead>
        <tr>
          <th scope="col">{t("column.state")}</th>
          {named && <th scope="col">{t("column.name")}</th>}
          <th scope="col">{t("gaps.reason")}</th>
          <th scope="col">{t("gaps.from")}</th>
          <th scope="col">{t("gaps.to")}</th>
          <th scope="col" className="fs-num">{t("gaps.length")}</th>
        </tr>
      </thead>
      <tbody>
        {gaps.map((g) => (
          <tr key={g.id}>
            <td>{g.to ? <StateChip step="info" sign="–">{t("gaps.over")}</StateChip> : <StateChip step="red" sign="✕">{t("gaps.lasts")}</StateChip>}</td>
            {named && (
              <td>
                <PageLink to="/sources" search={{ id: g.source.id }}>
                  {g.source.name}
                </PageLink>
              </td>
            )}
            <td>{t(`reason.${g.reason}`)}</td>
            <td>
              <Time at={g.from} style={named ? "seconds" : "minutes"} />
            </td>
            <td>
              {g.to ? <Time at={g.to} style={named ? "seconds" : "minutes"} /> : "—"}
              {g.to && g.ended && <div className="fs-second">{ended(g)}</div>}
            </td>
            <td className="fs-num">{length(g)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

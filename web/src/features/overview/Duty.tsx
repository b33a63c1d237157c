import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { DutyStatus, FactRow, Obligation } from "@/api/contract";
import { Ago, Time } from "@/shared/Clock";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { Panel } from "@/shared/Panel";
import { DutyChip } from "@/shared/Sev";
import { useText } from "@/shared/useText";
import { amounts, gapsOf, numberParts, versionsOf } from "./duty";

const most = 5;

/** One duty: its status with what was looked at, the gaps with their rows, and what the law states for a breach. */
export function Duty({ query }: { query: UseQueryResult<Obligation> }) {
  const { t } = useTranslation("overview");
  return (
    <Panel title={t("duty.title")} query={query} className="fs-wide">
      {(o: Obligation) => <Card o={o} />}
    </Panel>
  );
}

function Card({ o }: { o: Obligation }) {
  const { t } = useTranslation("overview");
  const text = useText();
  const number = useNumber();
  const gaps = gapsOf(o);
  return (
    <div className="fs-duty">
      <p className="fs-duty-head">
        <DutyChip status={o.status} />
        <strong>{text(o.title)}</strong>
        <span className="fs-second">
          {text(o.norm.title)} {number(o.number)}
          {o.since && (
            <>
              {" · "}
              {t("duty.since")} <Time at={o.since} style="minutes" />
            </>
          )}
        </span>
      </p>
      <p className="fs-second">{text(o.summary)}</p>
      <div className="fs-duty-body">
        <div>
          <h3>{t("duty.controls")}</h3>
          <table className="fs-list">
            <tbody>
              {o.controls.map((c) => (
                <ControlRow key={c.id} o={o} control={c} />
              ))}
            </tbody>
          </table>
          <h3>{t("duty.gaps")}</h3>
          {gaps.length === 0 && <p className="fs-second">{t(o.status === "unknown" ? "duty.gapsUnknown" : "duty.noGaps")}</p>}
          <ul className="fs-gaps">
            {gaps.slice(0, most).map((row, i) => (
              <Gap key={`${row.id}/${i}`} row={row} />
            ))}
          </ul>
          {gaps.length > most && <PageLink to="/sources">{t("duty.moreGaps", { n: whole(gaps.length - most) })}</PageLink>}
        </div>
        <Exposure o={o} />
      </div>
    </div>
  );
}

/** Writes the number of a provision in words: article, paragraph, item. */
function useNumber(): (number: string) => string {
  const { t } = useTranslation("overview");
  return (number) => {
    const { depth, ...parts } = numberParts(number);
    return t(`duty.number_${depth}`, parts);
  };
}

function ControlRow({ o, control }: { o: Obligation; control: Obligation["controls"][number] }) {
  const { t } = useTranslation("overview");
  const text = useText();
  const answer = o.evidence.find((e) => e.control === control.id);
  const said = answer && t(`fact.${answer.fact.summary}`, { ...Object.fromEntries(answer.fact.values.map((v) => [v.name, v.text])), defaultValue: "" });
  return (
    <tr>
      <td>
        <DutyChip status={control.status as DutyStatus} />
      </td>
      <td>
        {text(control.title)}
        <br />
        <span className="fs-second">
          {answer ? (
            <>
              <PageLink to={answer.fact.query || "/sources"}>{said || t("duty.population", { n: whole(answer.population), failing: whole(answer.failing) })}</PageLink>
              {" · "}
              {t(answer.fresh ? "duty.checked" : "duty.stale")} <Ago at={answer.confirmed_until} />
              {" · "}
              <PageLink to="/logs" search={{ row: String(answer.seq), from: "-30d" }}>
                {t("duty.sealed", { seq: whole(answer.seq) })}
              </PageLink>
            </>
          ) : (
            t("duty.noAnswer")
          )}
        </span>
      </td>
    </tr>
  );
}

function Gap({ row }: { row: FactRow }) {
  const { t } = useTranslation("overview");
  return (
    <li>
      <PageLink to={row.link || "/sources"}>{row.name}</PageLink>{" "}
      <span className="fs-second">
        {t(`reason.${row.reason}`, { defaultValue: row.reason })}
        {" · "}
        <Time at={row.from} style="minutes" /> – {row.to ? <Time at={row.to} style="minutes" /> : t("duty.lasts")}
      </span>
    </li>
  );
}

function Exposure({ o }: { o: Obligation }) {
  const { t, i18n } = useTranslation("overview");
  const text = useText();
  const number = useNumber();
  const money = (of: { min: number; max: number }) => {
    const { unit, range } = amounts(of, i18n.language);
    return t(`duty.money_${unit}`, { range });
  };
  return (
    <div>
      <h3>{t("duty.exposure")}</h3>
      {versionsOf(o).map((v) => (
        <div key={v.version} className="fs-exposure" data-applies={v.applies || undefined}>
          <p>
            <span className={`fs-chip ${v.applies ? "fs-chip-blue" : "fs-chip-info"}`}>{t(v.applies ? "duty.applies" : "duty.notApplies")}</span>{" "}
            <span className="fs-second">{v.lastDay ? t("duty.until", { from: v.inForce, to: v.lastDay }) : t("duty.from", { from: v.inForce })}</span>
          </p>
          <table className="fs-list">
            <tbody>
              {v.tiers.map((tier, i) => (
                <tr key={i}>
                  <td>
                    {number(tier.number)} {text(tier.conditions)}
                    {tier.optional && <span className="fs-second"> {t("duty.optional")}</span>}
                  </td>
                  <td className="fs-num">
                    {tier.unit_fine && <div>{t("duty.unit", { range: money(tier.unit_fine) })}</div>}
                    {tier.person_fine && <div className="fs-second">{t("duty.person", { range: money(tier.person_fine) })}</div>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
      <p className="fs-second fs-advice">{text(o.not_legal_advice)}</p>
    </div>
  );
}

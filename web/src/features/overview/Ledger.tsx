import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Station } from "@/api/contract";
import { Ago, Time } from "@/shared/Clock";
import { Copy } from "@/shared/Copy";
import { bytes, whole } from "@/shared/number";
import { Panel } from "@/shared/Panel";
import { StateChip } from "@/shared/Sev";
import { ledgerStep } from "./ledgerStep";

/** What is sealed, how fresh the signed statement about it is, and who else holds one. */
export function Ledger({ query }: { query: UseQueryResult<Station> }) {
  const { t } = useTranslation("overview");
  return (
    <Panel title={t("ledger.title")} query={query}>
      {(station: Station) => <Facts station={station} />}
    </Panel>
  );
}

function Facts({ station }: { station: Station }) {
  const { t } = useTranslation("overview");
  const { ledger, index, detect } = station;
  const state = ledgerStep(ledger);
  return (
    <>
      <p className="fs-ledger-state">
        <StateChip {...state}>{t(`ledger.state.${state.word}`)}</StateChip>
        {ledger.reason && <span>{ledger.reason}</span>}
        {state.word === "noCopy" && <span className="fs-second">{t("ledger.noCopyText")}</span>}
      </p>
      <dl className="fs-pairs">
        <dt>{t("ledger.size")}</dt>
        <dd>{whole(ledger.size)}</dd>
        <dt>{t("ledger.stored")}</dt>
        <dd>{t("ledger.storedOf", { stored: bytes(ledger.stored_bytes), raw: bytes(ledger.raw_bytes), n: whole(ledger.segments) })}</dd>
        <dt>{t("ledger.oldest")}</dt>
        <dd>
          <Time at={ledger.oldest} />
        </dd>
        <dt>{t("ledger.checkpoint")}</dt>
        <dd>
          {ledger.checkpoint.error ? <span className="fs-field-error">{ledger.checkpoint.error}</span> : <Ago at={ledger.checkpoint.time} />}
          <span className="fs-second"> · {t("ledger.covers", { n: whole(ledger.checkpoint.size) })}</span>
        </dd>
        <dt>{t("ledger.root")}</dt>
        <dd className="fs-root">
          <code className="fs-clip" title={ledger.root}>
            {ledger.root || "—"}
          </code>
          {ledger.root && <Copy text={ledger.root} />}
        </dd>
        <dt>{t("ledger.lag")}</dt>
        <dd>{t("ledger.lagText", { index: whole(index.lag), detect: whole(detect.lag) })}</dd>
      </dl>
      {ledger.copies.map((c) => (
        <p key={c.place} className="fs-second">
          {t("ledger.copy", { place: c.place, n: whole(c.size) })} {c.error ? <span className="fs-field-error">{c.error}</span> : <Ago at={c.time} />}
        </p>
      ))}
      {ledger.damage.map((d) => (
        <p key={`${d.file}/${d.offset}`} className="fs-field-error">
          {t("ledger.damage", { file: d.file, first: whole(d.first), last: whole(Math.max(d.first, d.next - 1)), reason: d.reason })}
        </p>
      ))}
    </>
  );
}

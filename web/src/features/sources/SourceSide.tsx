import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { Time } from "@/shared/Clock";
import { ErrorBox } from "@/shared/ErrorBox";
import { bytes, whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { equals } from "@/shared/query";
import { StateChip } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { spanOf, unparsedShare } from "./form";
import { GapTable } from "./GapTable";
import { sourceQuery, type SourceDetail } from "./queries";
import { tabs, type Tab } from "./search";
import { Settings } from "./Settings";
import { Waiting } from "./Waiting";

const EditDialog = lazy(() => import("./SourceDialogs").then((m) => ({ default: m.EditDialog })));
const RetireDialog = lazy(() => import("./SourceDialogs").then((m) => ({ default: m.RetireDialog })));
const TokenDialog = lazy(() => import("./SourceDialogs").then((m) => ({ default: m.TokenDialog })));

interface SourceSideProps {
  id: string;
  tab: Tab;
  onTab: (tab: Tab) => void;
  step: { at: number; of: number; go: (by: number) => void };
  close: () => void;
}

const steps = { silent: { step: "red", sign: "✕" }, waiting: { step: "info", sign: "…" }, delivering: { step: "ok", sign: "✓" } } as const;

/** One source: what it sent and what the station made of it, settings for its senders, its gaps. */
export function SourceSide({ id, tab, onTab, step, close }: SourceSideProps) {
  const { t } = useTranslation("sources");
  const source = useQuery(sourceQuery(id));
  const s = source.data;
  return (
    <Side label={t("side.label", { name: s?.name ?? "" })} title={s?.name ?? "…"} close={close} step={step} acts={s && <Head source={s} />}>
      <Tabs label={t("side.tabs")} id="source-side" value={tab} tabs={tabs.map((name) => ({ id: name, label: t(`tab.${name}`) }))} onChange={onTab} />
      <div className="fs-side-body" id="source-side" role="tabpanel" aria-labelledby={`source-side-${tab}`} tabIndex={0}>
        {source.error && !s && <ErrorBox error={source.error} retry={() => void source.refetch()} small />}
        {!s && source.isPending && <Skeleton />}
        {s && tab === "facts" && <Facts source={s} />}
        {s && tab === "settings" && (
          <>
            {!s.retired_at && <Waiting id={s.id} />}
            <Settings key={s.id} id={s.id} token="" />
            {s.kind === "syslog" && (
              <section>
                <h3>{t("certificate.title")}</h3>
                <p>{t("certificate.text")}</p>
                <pre className="fs-text">openssl x509 -in client.pem -noout -fingerprint -sha256</pre>
              </section>
            )}
          </>
        )}
        {s && tab === "gaps" && (s.gaps.length > 0 ? <GapTable gaps={s.gaps} /> : <p className="fs-second">{t("gaps.noneHere")}</p>)}
      </div>
    </Side>
  );
}

function Head({ source }: { source: SourceDetail }) {
  const { t } = useTranslation("sources");
  const can = useCan();
  const [dialog, setDialog] = useState<"edit" | "retire" | "token">();
  const write = can("logsource.write") && !source.retired_at;
  const why = source.retired_at ? t("retiredWhy") : can("logsource.write") ? undefined : t("denied");
  const acts = (["edit", ...(source.kind === "syslog" ? [] : ["token"]), "retire"] as ("edit" | "token" | "retire")[]);
  const close = () => setDialog(undefined);
  return (
    <>
      <p className="fs-side-facts">
        {source.retired_at ? <StateChip step="info" sign="–">{t("retired")}</StateChip> : <StateChip {...steps[source.state]}>{t(`state.${source.state}`)}</StateChip>}
        <span>{t(`kind.${source.kind}`)}</span>
        <span>{t("perMinute", { n: whole(source.per_minute) })}</span>
        <PageLink to="/logs" search={{ query: equals("source", source.name) }}>
          {t("side.logs")}
        </PageLink>
        {can("alert.read") && (
          <PageLink to="/alerts" search={{ source: source.id }}>
            {t("side.alerts")}
          </PageLink>
        )}
      </p>
      <div className="fs-side-acts">
        {acts.map((act) => (
          <button key={act} type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write} title={why} onClick={() => setDialog(act)}>
            {t(`act.${act}`)}
          </button>
        ))}
      </div>
      <Suspense>
        {dialog === "edit" && <EditDialog source={source} close={close} />}
        {dialog === "retire" && <RetireDialog source={source} close={close} />}
        {dialog === "token" && <TokenDialog source={source} close={close} />}
      </Suspense>
    </>
  );
}

function Facts({ source: s }: { source: SourceDetail }) {
  const { t, i18n } = useTranslation("sources");
  const { n, unit } = spanOf(s.silent_after_seconds);
  const word = (name: string) => (i18n.exists(`sources:format.${name}`) ? t(`format.${name}`) : name);
  return (
    <>
      <dl className="fs-terms">
        <dt>{t("column.last")}</dt>
        <dd>
          <Time at={s.last_received} />
        </dd>
        <dt>{t("side.first")}</dt>
        <dd>
          <Time at={s.first_received} />
        </dd>
        <dt>{t("column.received")}</dt>
        <dd>
          {whole(s.received)} <span className="fs-second">{bytes(s.bytes)}</span>
        </dd>
        <dt>{t("column.unparsed")}</dt>
        <dd>
          {unparsedShare(s) ?? "—"} <span className="fs-second">{t("side.unparsed", { n: whole(s.unparsed) })}</span>
        </dd>
        <dt>{t("column.dropped")}</dt>
        <dd>{whole(s.dropped)}</dd>
        <dt>{t("column.limit")}</dt>
        <dd>{t(`span.${unit}`, { n })}</dd>
        <dt>{t("form.rate")}</dt>
        <dd>{s.rate_limit > 0 ? t("side.rate", { n: whole(s.rate_limit) }) : t("side.noRate")}</dd>
        <dt>{t("column.allow")}</dt>
        <dd className="fs-mono">{s.allow.length > 0 ? s.allow.map((a) => <div key={a}>{a}</div>) : "—"}</dd>
        {s.kind === "syslog" && (
          <>
            <dt>{t("form.certificate")}</dt>
            <dd className="fs-mono">{s.certificate || "—"}</dd>
          </>
        )}
        {s.kind !== "otlp" && (
          <>
            <dt>{t("form.format")}</dt>
            <dd>{s.format ? word(s.format) : t("form.auto")}</dd>
            <dt>{t("form.charset")}</dt>
            <dd>{s.charset ? s.charset.toUpperCase() : t("form.charsetDefault")}</dd>
            <dt>{t("form.zone")}</dt>
            <dd>{s.zone || "—"}</dd>
          </>
        )}
        <dt>{t("side.created")}</dt>
        <dd>
          <Time at={s.created_at} style="minutes" />
        </dd>
        {s.retired_at && (
          <>
            <dt>{t("retired")}</dt>
            <dd>
              <Time at={s.retired_at} style="minutes" /> · {s.retire_reason}
            </dd>
          </>
        )}
      </dl>
      <section>
        <h3>{t("side.classes")}</h3>
        {s.classes.length === 0 ? (
          <p className="fs-second">{t("side.noClasses")}</p>
        ) : (
          <table className="fs-plain">
            <tbody>
              {s.classes.map((c) => (
                <tr key={c.class}>
                  <th scope="row">
                    <PageLink to="/logs" search={{ query: `${equals("source", s.name)} ${equals("class", c.class)}` }}>
                      {c.class}
                    </PageLink>
                  </th>
                  <td className="fs-num">{whole(c.events)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  );
}

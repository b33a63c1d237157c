import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useSession, useZone } from "@/app/session";
import { AttackTags } from "@/shared/AttackTags";
import { Time } from "@/shared/Clock";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { PageLink } from "@/shared/PageLink";
import { quote } from "@/shared/query";
import { StateChip } from "@/shared/Sev";
import { Skeleton } from "@/shared/Skeleton";
import { hover, stamp } from "@/shared/time";
import { useText } from "@/shared/useText";
import { cell, visible } from "@/shared/visible";
import { marked } from "./live";
import { eventQuery, ruleQuery, usePeople, type AlertDetail } from "./queries";

/** The fields that made the rule true, and the sealed events they stand in. */
export function WhyTab({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const can = useCan();
  const values = useMemo(() => alert.matched.map((m) => m.value), [alert.matched]);
  return (
    <>
      <section>
        <h3>{t("why.matched")}</h3>
        {alert.matched.length === 0 ? (
          <p className="fs-second">{t("why.noField")}</p>
        ) : (
          <table className="fs-plain">
            <tbody>
              {alert.matched.map((m) => (
                <tr key={`${m.name}/${m.value}`}>
                  <th scope="row">
                    <code>{m.name}</code>
                  </th>
                  <td>
                    <mark className="fs-mono">{cell(m.value).text}</mark>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section>
        <h3>{t("why.about")}</h3>
        <dl className="fs-terms">
          <dt>{t("column.entity")}</dt>
          <dd>
            <code>{visible(alert.entity)}</code>{" "}
            {can("log.read") && (
              <PageLink to="/logs" search={{ query: quote(alert.entity), from: "-30d" }}>
                {t("why.entityLogs")}
              </PageLink>
            )}
            {" · "}
            <PageLink to="/alerts" search={{ entity: alert.entity, from: "-30d" }}>
              {t("why.entityAlerts")}
            </PageLink>
          </dd>
          <dt>{t("column.sources")}</dt>
          <dd>{alert.sources.map((s) => s.name).join(", ")}</dd>
          <dt>{t("why.eventTime")}</dt>
          <dd>
            <Time at={alert.event_first} /> – <Time at={alert.event_last} />
          </dd>
          <dt>ATT&amp;CK</dt>
          <dd>
            <AttackTags tags={alert.tags} name={(tactic) => t(`tactic.${tactic}`)} />
          </dd>
        </dl>
      </section>
      <section>
        <h3>{t("why.samples", { n: alert.samples.length, of: alert.count })}</h3>
        {can("log.read") ? (
          <ol className="fs-samples">
            {alert.samples.map((seq, i) => (
              <Sample key={seq} seq={seq} values={values} first={i === 0} />
            ))}
          </ol>
        ) : (
          <Empty kind="denied" small>
            {t("why.noLogs")} <code>log.read</code>
          </Empty>
        )}
      </section>
    </>
  );
}

/** One sealed event: its text with the matched values marked; the first is open. */
function Sample({ seq, values, first }: { seq: number; values: string[]; first: boolean }) {
  const { t } = useTranslation("alerts");
  const zone = useZone();
  const [open, setOpen] = useState(first);
  const event = useQuery({ ...eventQuery(seq), enabled: open });
  const parts = useMemo(() => (event.data ? marked(cell(event.data.raw).text, values) : []), [event.data, values]);
  const e = event.data;
  return (
    <li>
      <div className="fs-sample-head">
        <button type="button" className="fs-btn fs-btn-small" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Glyph name={open ? "down" : "unfold"} size={12} />
          <span className="fs-mono">#{seq}</span>
        </button>
        {e && (
          <>
            <StateChip step="ok" sign="✓">{t("why.sealed")}</StateChip>
            <span title={hover(e.time, zone)}>{stamp(e.time, zone)}</span>
            <span className="fs-second">{e.source.name}</span>
          </>
        )}
        <span className="fs-sample-links">
          <PageLink to="/logs" search={{ row: String(seq) }} aria-label={t("why.openNamed", { seq })}>
            {t("why.open")}
          </PageLink>
          <PageLink to="/logs" search={{ row: String(seq), tab: "proof" }} aria-label={t("why.proofNamed", { seq })}>
            {t("why.proof")}
          </PageLink>
        </span>
      </div>
      {open && event.error && <ErrorBox error={event.error} retry={() => void event.refetch()} small />}
      {open && event.isPending && <Skeleton lines={2} />}
      {open && e && (
        <pre className="fs-text">
          {parts.map((p, i) => (p.mark ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>))}
        </pre>
      )}
    </li>
  );
}

/** The rule as it stands in its file. */
export function RuleTab({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const text = useText();
  const can = useCan();
  const rule = useQuery({ ...ruleQuery(alert.rule_id), enabled: can("rule.read") });
  if (!can("rule.read")) return <Empty kind="denied" small>{t("rule.denied")} <code>rule.read</code></Empty>;
  if (rule.error) return <ErrorBox error={rule.error} retry={() => void rule.refetch()} small />;
  if (!rule.data) return <Skeleton />;
  const r = rule.data;
  return (
    <>
      <p>{visible(text(r.description))}</p>
      <section>
        <h3>{t("rule.falsePositives")}</h3>
        {r.false_positives.length === 0 ? <p className="fs-second">{t("rule.noFalsePositives")}</p> : <ul>{r.false_positives.map((f) => <li key={f}>{visible(f)}</li>)}</ul>}
      </section>
      <section>
        <h3>{t("rule.source")}</h3>
        <p>
          <PageLink to="/rules" search={{ id: r.id }}>
            {t("rule.open")}
          </PageLink>{" "}
          <code className="fs-second">{r.path}</code>
        </p>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
        <pre className="fs-text" data-code tabIndex={0} role="region" aria-label={t("rule.source")}>
          {r.source.split("\n").map(visible).join("\n")}
        </pre>
      </section>
    </>
  );
}

/** What people did to the alert, and wrote about it, oldest first. */
export function HistoryTab({ alert }: { alert: AlertDetail }) {
  const { t, i18n } = useTranslation("alerts");
  const { account } = useSession();
  const people = usePeople();
  const name = (id: string) => (id === "" ? t("dialog.nobody") : id === account?.id ? account.name : (people.find((p) => p.id === id)?.name ?? t("someone")));
  const detail = (act: string, text: string) => (act === "assign" ? name(text) : act === "close" && i18n.exists(`alerts:reason.${text}`) ? t(`reason.${text}`) : text);
  return (
    <ol className="fs-history">
      <li>
        <Time at={alert.first} /> <span>{t("history.raised")}</span>
      </li>
      {alert.history.map((h, i) => {
        const note = alert.notes.find((n) => n.at === h.at && n.by === h.by);
        return (
          <li key={`${h.at}/${i}`}>
            <Time at={h.at} />{" "}
            <span>
              <strong>{h.by}</strong> {t(`history.${h.act}`, { defaultValue: h.act })}
              {(h.detail !== "" || h.act === "assign") && `: ${detail(h.act, h.detail)}`}
            </span>
            {note && <p className="fs-history-note">{visible(note.text)}</p>}
          </li>
        );
      })}
    </ol>
  );
}

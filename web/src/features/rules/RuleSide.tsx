import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { AttackTags } from "@/shared/AttackTags";
import { Time } from "@/shared/Clock";
import { Copy } from "@/shared/Copy";
import { ErrorBox } from "@/shared/ErrorBox";
import { FormDialog, ReasonField } from "@/shared/Form";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { Sev, StateChip } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { Skeleton } from "@/shared/Skeleton";
import { useText } from "@/shared/useText";
import { visible } from "@/shared/visible";
import { ruleQuery, useSwitch, type RuleDetail } from "./queries";
import { logsourceText } from "./search";

interface RuleSideProps {
  id: string;
  step: { at: number; of: number; go: (by: number) => void };
  close: () => void;
}

/** One rule: what it looks for, what it found, and its text. */
export function RuleSide({ id, step, close }: RuleSideProps) {
  const { t } = useTranslation("rules");
  const text = useText();
  const rule = useQuery(ruleQuery(id));
  const r = rule.data;
  return (
    <Side label={t("side.label", { title: r ? text(r.title) : id })} title={r ? text(r.title) : "…"} close={close} step={step} acts={r && <Head rule={r} />}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      <div className="fs-side-body" tabIndex={0} role="region" aria-label={t("side.body")}>
        {rule.error && !r && <ErrorBox error={rule.error} retry={() => void rule.refetch()} small />}
        {!r && rule.isPending && <Skeleton />}
        {r && <Body rule={r} />}
      </div>
    </Side>
  );
}

function Head({ rule }: { rule: RuleDetail }) {
  const { t } = useTranslation("rules");
  const can = useCan();
  const [switching, setSwitching] = useState(false);
  return (
    <>
      <p className="fs-side-facts">
        <Sev level={rule.level} />
        <StateChip step={rule.enabled ? "ok" : "info"} sign={rule.enabled ? "✓" : "–"}>
          {t(`enabled.${rule.enabled}`)}
        </StateChip>
        <span>{t(`origin.${rule.origin}`)}</span>
        <PageLink to="/alerts" search={{ rule_id: rule.id }}>
          {t("side.alerts", { n: whole(rule.alerts) })}
        </PageLink>
        <span>{t("side.events", { n: whole(rule.events) })}</span>
        <span>
          {t("column.last")} <Time at={rule.last_hit} />
        </span>
      </p>
      <div className="fs-side-acts">
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!can("rule.write")} title={can("rule.write") ? undefined : t("denied")} onClick={() => setSwitching(true)}>
          {t(rule.enabled ? "switch.off" : "switch.on")}
        </button>
        <Copy text={`${location.origin}/rules?id=${encodeURIComponent(rule.id)}`} label={t("side.copyLink")} />
      </div>
      {!rule.enabled && rule.reason && <p className="fs-side-facts">{t("switch.because", { reason: rule.reason })}</p>}
      {switching && <SwitchDialog rule={rule} close={() => setSwitching(false)} />}
    </>
  );
}

/** Says what switching does and wants a reason. */
function SwitchDialog({ rule, close }: { rule: RuleDetail; close: () => void }) {
  const { t } = useTranslation("rules");
  const text = useText();
  const change = useSwitch(rule.id);
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const act = t(rule.enabled ? "switch.off" : "switch.on");
  const submit = () => {
    setTried(true);
    if (reason.trim() !== "") change.mutate({ enabled: !rule.enabled, reason: reason.trim() }, { onSuccess: close });
  };
  return (
    <FormDialog title={act} act={act} cancel={t("switch.cancel")} busy={change.isPending} error={change.error} submit={submit} close={close}>
      <p className="fs-form-note">{text(rule.title)}</p>
      <p className="fs-form-note fs-second">{t(rule.enabled ? "switch.willOff" : "switch.willOn")}</p>
      <ReasonField label={t("switch.reason")} value={reason} onChange={setReason} error={tried && reason.trim() === "" ? t("switch.needReason") : undefined} />
    </FormDialog>
  );
}

function Body({ rule }: { rule: RuleDetail }) {
  const { t } = useTranslation("rules");
  const text = useText();
  return (
    <>
      <p>{visible(text(rule.description))}</p>
      <section>
        <dl className="fs-terms">
          <dt>{t("column.logsource")}</dt>
          <dd>{logsourceText(rule.logsource) || "—"}</dd>
          <dt>ATT&amp;CK</dt>
          <dd>
            <AttackTags tags={rule.tags} name={(tactic) => t(`tactic.${tactic}`)} />
          </dd>
          <dt>{t("side.maturity")}</dt>
          <dd>{rule.status || "—"}</dd>
          {rule.author && (
            <>
              <dt>{t("side.author")}</dt>
              <dd>{visible(rule.author)}</dd>
            </>
          )}
          {rule.date && (
            <>
              <dt>{t("side.date")}</dt>
              <dd>{[rule.date, rule.modified].filter((d) => d !== "").join(" → ")}</dd>
            </>
          )}
          <dt>{t("side.id")}</dt>
          <dd>
            <code>{rule.id}</code>
          </dd>
        </dl>
      </section>
      <section>
        <h3>{t("side.falsePositives")}</h3>
        <Lines items={rule.false_positives} none={t("side.noFalsePositives")} />
      </section>
      <section>
        <h3>{t("side.references")}</h3>
        <Lines items={rule.references} none={t("side.noReferences")} />
      </section>
      <section>
        <h3>
          {t("side.source")} <Copy text={rule.source} label={t("side.copySource")} />
        </h3>
        <p>
          <code className="fs-second">{rule.path}</code>
        </p>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
        <pre className="fs-text" data-code tabIndex={0} role="region" aria-label={t("side.source")}>
          {rule.source.split("\n").map(visible).join("\n")}
        </pre>
      </section>
    </>
  );
}

/** Lines of a rule's file; an address in them stays text, because it comes from outside. */
function Lines({ items, none }: { items: string[]; none: string }) {
  if (items.length === 0) return <p className="fs-second">{none}</p>;
  return (
    <ul className="fs-rule-lines">
      {items.map((line) => (
        <li key={line}>{visible(line)}</li>
      ))}
    </ul>
  );
}

import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Time } from "@/shared/Clock";
import { Copy } from "@/shared/Copy";
import { ErrorBox, useProblemText } from "@/shared/ErrorBox";
import { Problem } from "@/api/problem";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { StateChip } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { Skeleton } from "@/shared/Skeleton";
import { visible } from "@/shared/visible";
import { recordQuery } from "./queries";
import { recordOf, type AuditRecord } from "./record";
import { steps, useWords } from "./words";

interface AuditSideProps {
  seq: number;
  step: { at: number; of: number; go: (by: number) => void };
  close: () => void;
}

/** One record: what it says, its sealed text, and the way to its proof. */
export function AuditSide({ seq, step, close }: AuditSideProps) {
  const { t } = useTranslation("audit");
  const words = useWords();
  const event = useQuery(recordQuery(seq));
  const record = event.data && recordOf(event.data);
  return (
    <Side label={t("side.label", { seq })} title={record ? words.actions(record) : "…"} close={close} step={step} acts={record && <Head record={record} />}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
      <div className="fs-side-body" tabIndex={0} role="region" aria-label={t("side.body")}>
        {event.error && !record && <ErrorBox error={event.error} retry={() => void event.refetch()} small />}
        {!record && event.isPending && <Skeleton />}
        {record && <Facts record={record} />}
        {event.data && (
          <section>
            <h3>
              {t("side.sealed")} <Copy text={event.data.raw} label={t("side.copy")} />
            </h3>
            <pre className="fs-text">{visible(event.data.raw)}</pre>
          </section>
        )}
      </div>
    </Side>
  );
}

function Head({ record }: { record: AuditRecord }) {
  const { t } = useTranslation("audit");
  return (
    <p className="fs-side-facts">
      <StateChip {...steps[record.outcome]}>{t(`outcome.${record.outcome}`)}</StateChip>
      <span>{t("side.seq", { seq: record.seq })}</span>
      <PageLink to="/logs" search={{ query: "transport:=audit", row: String(record.seq) }}>
        {t("side.record")}
      </PageLink>
      <PageLink to="/logs" search={{ query: "transport:=audit", row: String(record.seq), tab: "proof" }}>
        {t("side.proof")}
      </PageLink>
    </p>
  );
}

function Facts({ record: r }: { record: AuditRecord }) {
  const { t } = useTranslation("audit");
  const words = useWords();
  const problem = useProblemText();
  return (
    <dl className="fs-terms">
      <dt>{t("column.time")}</dt>
      <dd>
        <Time at={r.time} style="full" />
      </dd>
      <dt>{t("column.who")}</dt>
      <dd>
        {words.who(r)} {r.roles && <span className="fs-second">{visible(r.roles)}</span>}
      </dd>
      <dt>{t("column.peer")}</dt>
      <dd className="fs-mono">{r.peer || "—"}</dd>
      {r.count > 1 && (
        <>
          <dt>{t("side.count")}</dt>
          <dd>{t("side.folded", { n: whole(r.count) })}</dd>
        </>
      )}
      {r.code && (
        <>
          <dt>{t("side.why")}</dt>
          <dd>
            {problem(new Problem({ code: r.code }, 400))} <code>{visible(r.code)}</code>
          </dd>
        </>
      )}
      {[...r.objects, ...r.details].map(([name, value]) => (
        <Pair key={name} name={words.name(name)} value={value} />
      ))}
      <dt>{t("side.request")}</dt>
      <dd>
        <code>{visible(r.request) || "—"}</code>
      </dd>
    </dl>
  );
}

function Pair({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <code>{visible(value)}</code>
      </dd>
    </>
  );
}

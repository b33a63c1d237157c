import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/session";
import { Time } from "@/shared/Clock";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { whole } from "@/shared/number";
import { Side } from "@/shared/Side";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { visible } from "@/shared/visible";
import { unitQuery, useHistory, type Unit, type Version } from "./queries";
import { tabs, type Tab } from "./search";
import type { Asking } from "./UnitsPage";
import { useWord } from "./words";

interface UnitSideProps {
  id: string;
  past: Version | null | undefined; // of the day that is looked at; null: it was not there; undefined: now
  tab: Tab;
  onTab: (tab: Tab) => void;
  onUnit: (id: string) => void;
  step: { at: number; of: number; go: (by: number) => void };
  ask: (asking: Asking) => void;
  close: () => void;
}

/** One unit: what is said of it, what can be done to it, and its history. */
export function UnitSide({ id, past, tab, onTab, onUnit, step, ask, close }: UnitSideProps) {
  const { t } = useTranslation("units");
  const word = useWord();
  const unit = useQuery(unitQuery(id));
  const u = unit.data;
  const title = past ? word.name(past.name) : u ? word.name(u.name) : "…";
  return (
    <Side label={t("side.label", { name: title })} title={title} close={close} step={step} acts={u && past === undefined && <Head unit={u} ask={ask} onUnit={onUnit} />}>
      <Tabs label={t("side.tabs")} id="unit-side" value={tab} tabs={tabs.map((name) => ({ id: name, label: t(`tab.${name}`) }))} onChange={onTab} />
      <div className="fs-side-body" id="unit-side" role="tabpanel" aria-labelledby={`unit-side-${tab}`} tabIndex={0}>
        {tab === "facts" && past === null && <Empty kind="unmatched" small>{t("side.notThen")}</Empty>}
        {tab === "facts" && past && <VersionFacts version={past} />}
        {tab === "facts" && past === undefined && (
          <>
            {unit.error && !u && <ErrorBox error={unit.error} retry={() => void unit.refetch()} small />}
            {!u && unit.isPending && <Skeleton />}
            {u && <Facts unit={u} />}
          </>
        )}
        {tab === "history" && <History id={id} />}
      </div>
    </Side>
  );
}

function Head({ unit, ask, onUnit }: { unit: Unit; ask: (asking: Asking) => void; onUnit: (id: string) => void }) {
  const { t } = useTranslation("units");
  const word = useWord();
  const can = useCan();
  const gone = unit.dissolved_at !== undefined;
  const why = !can("unit.write") ? t("denied") : gone ? t("side.gone") : undefined;
  return (
    <>
      {unit.path.length > 0 && (
        <nav className="fs-side-facts" aria-label={t("side.path")}>
          {unit.path.filter((s) => s.id !== unit.id).map((s) => (
            <button key={s.id} type="button" className="fs-btn fs-btn-small" onClick={() => onUnit(s.id)}>
              {word.name(s.name)} ›
            </button>
          ))}
        </nav>
      )}
      {gone && (
        <p className="fs-side-facts">
          {t("side.dissolvedAt")} <Time at={unit.dissolved_at} /> {unit.reason && visible(unit.reason)}
          {unit.successor && (
            <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={() => onUnit(unit.successor)}>
              {t("side.successor")}
            </button>
          )}
        </p>
      )}
      <div className="fs-side-acts">
        {(["edit", "move", "merge", "dissolve"] as const).map((act) => (
          <button key={act} type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={why !== undefined} title={why} onClick={() => ask({ act, unit })}>
            {t(`act.${act}`)}
          </button>
        ))}
      </div>
    </>
  );
}

function Facts({ unit }: { unit: Unit }) {
  const { t } = useTranslation("units");
  const word = useWord();
  return (
    <>
      <Terms of={unit} below={unit.children} />
      <section>
        <h3>{t("contacts")}</h3>
        {unit.contacts.length === 0 ? (
          <Empty kind="nothing" small title={t("side.noContacts")}>{t("side.noContactsText")}</Empty>
        ) : (
          <ul className="fs-unit-contacts">
            {unit.contacts.map((c, i) => (
              <li key={i}>
                <strong>{c.name}</strong> {c.role && <span className="fs-second">{c.role}</span>}
                <br />
                {[c.phone, c.email].filter(Boolean).join(" · ") || "—"}
              </li>
            ))}
          </ul>
        )}
      </section>
      <p className="fs-second">
        {t("side.updated")} <Time at={unit.updated_at} /> · {t("side.revision", { n: unit.revision })} · {word.kind(unit.kind)}
      </p>
    </>
  );
}

function VersionFacts({ version }: { version: Version }) {
  const { t } = useTranslation("units");
  return (
    <>
      <Terms of={version} />
      <p className="fs-second">
        {t("side.since")} <Time at={version.from} /> {version.to && <>– <Time at={version.to} /></>}
      </p>
    </>
  );
}

function Terms({ of, below }: { of: Pick<Unit, "name" | "code" | "kind" | "industry" | "operator" | "credit_code">; below?: number }) {
  const { t } = useTranslation("units");
  const word = useWord();
  return (
    <dl className="fs-terms">
      <dt>{t("form.zh")}</dt>
      <dd lang="zh-CN">{of.name.zh || "—"}</dd>
      <dt>{t("form.en")}</dt>
      <dd lang="en">{of.name.en || "—"}</dd>
      <dt>{t("column.kind")}</dt>
      <dd>{word.kind(of.kind)}</dd>
      <dt>{t("column.code")}</dt>
      <dd className="fs-mono">{of.code || "—"}</dd>
      <dt>{t("column.industry")}</dt>
      <dd>{word.industry(of.industry)}</dd>
      <dt>{t("column.operator")}</dt>
      <dd>{word.operator(of.operator)}</dd>
      <dt>{t("form.credit")}</dt>
      <dd className="fs-mono">{of.credit_code || "—"}</dd>
      {below !== undefined && (
        <>
          <dt>{t("side.below")}</dt>
          <dd>{whole(below)}</dd>
        </>
      )}
    </dl>
  );
}

function History({ id }: { id: string }) {
  const { t } = useTranslation("units");
  const word = useWord();
  const history = useHistory(id);
  if (history.error && !history.data) return <ErrorBox error={history.error} retry={() => void history.refetch()} small />;
  if (!history.data) return <Skeleton />;
  const items = history.data.pages.flatMap((p) => p.items);
  return (
    <>
      <ol className="fs-unit-history">
        {items.map((v) => (
          <li key={v.from + v.act}>
            <strong>{t(`did.${v.act}`)}</strong> <Time at={v.from} /> <span className="fs-second">{v.actor.name || t("system")}</span>
            <p>
              {word.name(v.name)} · {word.kind(v.kind)} {v.code && <code>{v.code}</code>}
            </p>
            {v.reason && <p>{t("because", { reason: visible(v.reason) })}</p>}
          </li>
        ))}
      </ol>
      {history.hasNextPage && (
        <button type="button" className="fs-btn fs-btn-line" onClick={() => void history.fetchNextPage()}>
          {t("more")}
        </button>
      )}
    </>
  );
}

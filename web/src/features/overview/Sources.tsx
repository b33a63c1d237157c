import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Source } from "@/api/contract";
import { Ago } from "@/shared/Clock";
import { Empty } from "@/shared/Empty";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { Panel } from "@/shared/Panel";
import { StateChip } from "@/shared/Sev";
import { span } from "@/shared/time";

const most = 6;
const steps = { silent: { step: "red", sign: "✕" }, waiting: { step: "info", sign: "…" }, delivering: { step: "ok", sign: "✓" } } as const;

/** Sources that are silent beyond their limit first, then those that never delivered. */
export function Sources({ query, canAdd }: { query: UseQueryResult<{ items: Source[] }>; canAdd: boolean }) {
  const { t } = useTranslation("overview");
  return (
    <Panel title={t("sources.title")} query={query} link={<PageLink to="/sources">{t("sources.all")}</PageLink>}>
      {(data: { items: Source[] }) => <List items={data.items} canAdd={canAdd} />}
    </Panel>
  );
}

function List({ items, canAdd }: { items: Source[]; canAdd: boolean }) {
  const { t } = useTranslation("overview");
  if (items.length === 0) {
    return (
      <Empty kind="nothing" small title={t("sources.none")} action={canAdd && <PageLink to="/sources">{t("sources.add")}</PageLink>}>
        {t("sources.noneText")}
      </Empty>
    );
  }
  const silent = items.filter((s) => s.state === "silent");
  const waiting = items.filter((s) => s.state === "waiting");
  const shown = [...silent, ...waiting].slice(0, most);
  const delivering = items.length - silent.length - waiting.length;
  return (
    <>
      <p className="fs-sources-sum">{t("sources.sum", { delivering: whole(delivering), silent: whole(silent.length), waiting: whole(waiting.length) })}</p>
      {shown.length === 0 && <p className="fs-second">{t("sources.allDeliver", { n: whole(items.length) })}</p>}
      <table className="fs-list">
        <tbody>
          {shown.map((s) => (
            <Row key={s.id} source={s} />
          ))}
        </tbody>
      </table>
      {silent.length + waiting.length > most && (
        <PageLink to="/sources" search={{ state: "silent" }}>
          {t("sources.more", { n: whole(silent.length + waiting.length - most) })}
        </PageLink>
      )}
    </>
  );
}

function Row({ source }: { source: Source }) {
  const { t } = useTranslation("overview");
  const { unit, n } = span(source.silent_after_seconds * 1000);
  return (
    <tr>
      <td>
        <PageLink to="/sources" search={{ id: source.id }}>
          {source.name}
        </PageLink>
      </td>
      <td>
        <StateChip {...steps[source.state]}>{t(`sources.state.${source.state}`)}</StateChip>
      </td>
      <td className="fs-num fs-second" title={t(`sources.limit_${unit}`, { n })}>
        <Ago at={source.last_received} />
      </td>
    </tr>
  );
}

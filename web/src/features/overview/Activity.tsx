import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SourceActivity } from "@/api/contract";
import { Empty } from "@/shared/Empty";
import { Histogram } from "@/shared/Histogram";
import { buckets, categoryColour, fold, totalOf, type Series } from "@/shared/histogram";
import { PageLink } from "@/shared/PageLink";
import { Panel } from "@/shared/Panel";
import { equals } from "@/shared/query";
import type { Range } from "@/shared/TimeRange";

interface ActivityProps {
  query: UseQueryResult<SourceActivity>;
  zone: string;
  range: Range;
  canAdd: boolean;
}

/** Events over time, stacked by source. */
export function Activity({ query, zone, range, canAdd }: ActivityProps) {
  const { t } = useTranslation("overview");
  return (
    <Panel title={t("activity.title")} query={query} className="fs-wide" link={<PageLink to="/logs" search={{ ...range }}>{t("activity.search")}</PageLink>}>
      {(data: SourceActivity) => <Chart data={data} zone={zone} range={range} stale={query.isPlaceholderData} canAdd={canAdd} />}
    </Panel>
  );
}

function Chart({ data, zone, range, stale, canAdd }: { data: SourceActivity; zone: string; range: Range; stale: boolean; canAdd: boolean }) {
  const { t } = useTranslation("overview");
  const navigate = useNavigate();
  const shown = useMemo(() => fold(buckets(data.buckets), 8, ""), [data]);
  const names = useMemo(() => new Map(data.sources.map((s) => [s.id, s.name])), [data]);
  if (!shown.buckets.some((b) => totalOf(b) > 0)) {
    return (
      <Empty kind="nothing" small title={t("activity.none")} action={canAdd && <PageLink to="/sources">{t("activity.add")}</PageLink>}>
        {t("activity.noneText")}
      </Empty>
    );
  }
  const series: Series[] = shown.ids.map((id, i) => ({ id, label: id === "" ? t("rest") : (names.get(id) ?? id), colour: id === "" ? "var(--fs-cat-rest)" : categoryColour(i) }));
  return (
    <Histogram
      label={t("activity.title")}
      buckets={shown.buckets}
      series={series}
      zone={zone}
      height={132}
      stale={stale}
      onRange={(from, to) => void navigate({ to: "/logs", search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } })}
      onSeries={(id) => void navigate({ to: "/logs", search: { ...range, query: equals("source", names.get(id) ?? id) } })}
    />
  );
}

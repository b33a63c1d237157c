import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AlertStats } from "@/api/contract";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { Histogram } from "@/shared/Histogram";
import { buckets, type Series } from "@/shared/histogram";
import { whole } from "@/shared/number";
import { levels, Sev, stepOf } from "@/shared/Sev";
import { useNarrow } from "@/shared/useNarrow";
import type { AlertsSearch } from "./search";

interface StatsProps {
  stats: UseQueryResult<AlertStats>;
  search: AlertsSearch;
  go: (change: Partial<AlertsSearch>) => void;
  zone: string;
}

/** How many alerts of each level began in the range, and when. A click narrows the list. */
export function Stats({ stats, search, go, zone }: StatsProps) {
  const { t } = useTranslation(["alerts", "shared"]);
  const narrow = useNarrow();
  const [folded, setFolded] = useState(narrow);
  const data = stats.data;
  const shown = useMemo(() => buckets(data?.buckets ?? []), [data]);
  if (stats.error && !data) return <ErrorBox error={stats.error} retry={() => void stats.refetch()} small />;
  const count = new Map(data?.by_level.map((l) => [l.level, l.count]));
  const series: Series[] = [...levels].reverse().map((level) => ({
    id: level,
    label: t(`shared:level.${level}`),
    colour: `var(--fs-${stepOf[level]})`,
    outline: level === "medium" ? "var(--fs-yellow-outline)" : undefined,
  }));
  return (
    <section className="fs-alerts-stats" aria-label={t("stats.label")}>
      <div className="fs-alerts-counts">
        <button type="button" className="fs-btn fs-btn-small" aria-pressed={search.status?.join() === "new,acknowledged"} onClick={() => go({ status: search.status?.join() === "new,acknowledged" ? undefined : ["new", "acknowledged"] })}>
          {t("stats.open")} <strong>{data ? whole(data.open) : "—"}</strong>
        </button>
        {levels.map((level) => (
          <button key={level} type="button" className="fs-btn fs-btn-small" aria-pressed={search.level?.join() === level} onClick={() => go({ level: search.level?.join() === level ? undefined : [level] })}>
            <Sev level={level} />
            <strong>{data ? whole(count.get(level) ?? 0) : "—"}</strong>
          </button>
        ))}
        <button type="button" className="fs-btn fs-btn-small" aria-expanded={!folded} aria-label={t("stats.fold")} title={t("stats.fold")} onClick={() => setFolded(!folded)}>
          <Glyph name="down" size={14} />
        </button>
      </div>
      {!folded && (
        <Histogram
          label={t("stats.chart")}
          buckets={shown}
          series={series}
          zone={zone}
          height={48}
          stale={stats.isPlaceholderData}
          onRange={(from, to) => go({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}
          onSeries={(level) => go({ level: levels.filter((l) => l === level) })}
        />
      )}
    </section>
  );
}

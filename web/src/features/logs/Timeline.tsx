import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogField, LogStats } from "@/api/contract";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { Histogram } from "@/shared/Histogram";
import { buckets, categoryColour, fold, type Series } from "@/shared/histogram";
import { Menu } from "@/shared/Menu";
import { queryColumn } from "@/api/problem";

interface TimelineProps {
  stats: UseQueryResult<LogStats>;
  by: string;
  zone: string;
  fields: LogField[];
  onBy: (field: string) => void;
  onRange: (from: string, to: string) => void;
  onValue: (field: string, value: string, at: Element) => void;
}

const usual = ["source", "class", "log.level", "event.category", "event.outcome"];

/** The hits over time, stacked by a field that can be changed. */
export function Timeline({ stats, by, zone, fields, onBy, onRange, onValue }: TimelineProps) {
  const { t } = useTranslation("logs");
  const [folded, setFolded] = useState(false);
  const shown = useMemo(() => fold(buckets(stats.data?.histogram ?? []), 7, ""), [stats.data]);
  const series: Series[] = shown.ids.map((id, i) => ({ id, label: id === "" ? t("timeline.rest") : id, colour: id === "" ? "var(--fs-cat-rest)" : categoryColour(i) }));
  const seen = new Set(fields.map((f) => f.name));
  const options = [...usual, ...fields.slice(0, 12).map((f) => f.name)].filter((f, i, all) => all.indexOf(f) === i && (i < 2 || seen.has(f) || f === by));
  if (stats.error && queryColumn(stats.error) === 0) return <ErrorBox error={stats.error} retry={() => void stats.refetch()} />;
  return (
    <section className="fs-logs-time" aria-label={t("timeline.label")} data-folded={folded || undefined}>
      <div className="fs-logs-time-acts">
        <Menu label={`${t("timeline.by")} ${by}`} className="fs-btn fs-btn-small" align="end" items={options.map((field) => ({ id: field, label: field, checked: field === by, run: () => onBy(field) }))}>
          <span className="fs-second">{t("timeline.by")}</span> {by}
          <Glyph name="down" size={12} />
        </Menu>
        <button type="button" className="fs-btn fs-btn-small" aria-expanded={!folded} aria-label={t("timeline.fold")} title={t("timeline.fold")} onClick={() => setFolded(!folded)}>
          <Glyph name="down" size={14} />
        </button>
      </div>
      {!folded && (
        <Histogram
          label={t("timeline.label")}
          buckets={shown.buckets}
          series={series}
          zone={zone}
          height={72}
          stale={stats.isPlaceholderData}
          onRange={(from, to) => onRange(new Date(from).toISOString(), new Date(to).toISOString())}
          onSeries={(id) => onValue(by, id, document.activeElement ?? document.body)}
        />
      )}
    </section>
  );
}


import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { AlertStats, Level } from "@/api/contract";
import { Empty } from "@/shared/Empty";
import { Histogram } from "@/shared/Histogram";
import { buckets, type Series } from "@/shared/histogram";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { Panel } from "@/shared/Panel";
import { levels, Sev, stepOf } from "@/shared/Sev";
import type { Range } from "@/shared/TimeRange";
import { useText } from "@/shared/useText";

interface AlertsProps {
  query: UseQueryResult<AlertStats>;
  zone: string;
  range: Range;
}

/** Alerts by level and time. */
export function AlertsPanel({ query, zone, range }: AlertsProps) {
  const { t } = useTranslation("overview");
  return (
    <Panel title={t("alerts.title")} query={query} className="fs-wide" link={<PageLink to="/alerts" search={{ ...range }}>{t("alerts.all")}</PageLink>}>
      {(data: AlertStats) => <ByLevel data={data} zone={zone} range={range} stale={query.isPlaceholderData} />}
    </Panel>
  );
}

function ByLevel({ data, zone, range, stale }: { data: AlertStats; zone: string; range: Range; stale: boolean }) {
  const { t } = useTranslation(["overview", "shared"]);
  const navigate = useNavigate();
  const shown = useMemo(() => buckets(data.buckets), [data]);
  const count = new Map(data.by_level.map((l) => [l.level, l.count]));
  if (![...count.values()].some((n) => n > 0)) {
    return (
      <Empty kind="nothing" small title={t("alerts.none")} action={<PageLink to="/rules">{t("alerts.rules")}</PageLink>}>
        {t("alerts.noneText")}
      </Empty>
    );
  }
  const series: Series[] = [...levels].reverse().map((level) => ({
    id: level,
    label: t(`shared:level.${level}`),
    colour: `var(--fs-${stepOf[level]})`,
    outline: level === "medium" ? "var(--fs-yellow-outline)" : undefined,
  }));
  const go = (search: Record<string, string>) => void navigate({ to: "/alerts" as never, search: search as never });
  return (
    <>
      <ul className="fs-levels">
        {levels.map((level) => (
          <li key={level}>
            <PageLink to="/alerts" search={{ ...range, level }}>
              <Sev level={level} />
              <strong>{whole(count.get(level) ?? 0)}</strong>
            </PageLink>
          </li>
        ))}
      </ul>
      <Histogram
        label={t("alerts.title")}
        buckets={shown}
        series={series}
        zone={zone}
        height={84}
        stale={stale}
        onRange={(from, to) => go({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}
        onSeries={(level) => go({ ...range, level })}
      />
    </>
  );
}

/** The rules with the most alerts. */
export function TopRules({ query, range }: Omit<AlertsProps, "zone">) {
  const { t } = useTranslation("overview");
  const text = useText();
  return (
    <Panel title={t("rules.title")} query={query} link={<PageLink to="/rules">{t("rules.all")}</PageLink>}>
      {(data: AlertStats) =>
        data.top_rules.length === 0 ? (
          <Empty kind="nothing" small title={t("rules.none")}>
            {t("rules.noneText")}
          </Empty>
        ) : (
          <table className="fs-list">
            <thead>
              <tr>
                <th scope="col">{t("rules.rule")}</th>
                <th scope="col">{t("rules.level")}</th>
                <th scope="col" className="fs-num">{t("rules.alerts")}</th>
                <th scope="col" className="fs-num">{t("rules.events")}</th>
              </tr>
            </thead>
            <tbody>
              {data.top_rules.slice(0, 8).map((r) => (
                <tr key={r.rule_id}>
                  <td>
                    <PageLink to="/alerts" search={{ ...range, rule_id: r.rule_id }} title={text(r.title)}>
                      {text(r.title) || r.rule_id}
                    </PageLink>
                  </td>
                  <td>
                    <Sev level={r.level as Level} />
                  </td>
                  <td className="fs-num">{whole(r.count)}</td>
                  <td className="fs-num">{whole(r.events)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Panel>
  );
}

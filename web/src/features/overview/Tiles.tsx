import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AlertStats, Source, SourceActivity, Station } from "@/api/contract";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { StateChip } from "@/shared/Sev";
import { useRangeText, type Range } from "@/shared/TimeRange";
import { ledgerStep } from "./ledgerStep";

interface TilesProps {
  activity: UseQueryResult<SourceActivity>;
  alerts: UseQueryResult<AlertStats>;
  sources: UseQueryResult<{ items: Source[] }>;
  station: UseQueryResult<Station>;
  range: Range;
}

// Open alerts are counted whenever they were, so the list behind the figure begins long before any.
/** Four figures; each leads to its records. A figure that could not be read is a dash, never a zero. */
export function Tiles({ activity, alerts, sources, station, range }: TilesProps) {
  const { t } = useTranslation("overview");
  const rangeText = useRangeText();
  const events = activity.data?.buckets.reduce((n, b) => n + Object.values(b.counts).reduce((a, c) => a + c, 0), 0);
  const items = sources.data?.items;
  const silent = items?.filter((s) => s.state === "silent").length;
  const urgent = alerts.data?.by_level.filter((l) => l.level === "critical" || l.level === "high").reduce((n, l) => n + l.count, 0);
  const ledger = station.data?.ledger;
  return (
    <ul className="fs-tiles">
      <Tile to="/logs" search={{ ...range }} label={t("tile.events")} figure={events} note={rangeText(range)} />
      <Tile to="/alerts" search={{ status: "new,acknowledged", from: "-3650d", to: "now" }} label={t("tile.open")} figure={alerts.data?.open} note={urgent === undefined ? "" : t("tile.urgent", { n: whole(urgent) })} />
      <Tile
        to="/sources"
        search={{ state: "silent" }}
        label={t("tile.silent")}
        figure={silent}
        warn={silent !== undefined && silent > 0}
        note={items === undefined ? "" : t("tile.of", { n: whole(items.length) })}
      />
      <Tile to="/logs" label={t("tile.sealed")} figure={ledger?.size} note={ledger && <StateChip {...ledgerStep(ledger)}>{t(`ledger.state.${ledgerStep(ledger).word}`)}</StateChip>} />
    </ul>
  );
}

interface TileProps {
  to: string;
  search?: Record<string, string | undefined>;
  label: string;
  figure: number | undefined;
  note: ReactNode;
  warn?: boolean;
}

function Tile({ to, search, label, figure, note, warn }: TileProps) {
  return (
    <li>
      <PageLink to={to} search={search} className="fs-card fs-tile" data-warn={warn || undefined}>
        <span className="fs-second">{label}</span>
        <strong>{figure === undefined ? "—" : whole(figure)}</strong>
        <span className="fs-second fs-tile-note">{note}</span>
      </PageLink>
    </li>
  );
}

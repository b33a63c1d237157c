import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogEvent } from "@/api/contract";
import { useZone } from "@/app/session";
import { ErrorBox } from "@/shared/ErrorBox";
import { Skeleton } from "@/shared/Skeleton";
import { hover, stamp } from "@/shared/time";
import { cell } from "@/shared/visible";
import { lineText } from "./columns";
import { contextQuery } from "./queries";

/** What the same source sent right before and after. */
export default function ContextTab({ event, onOpen }: { event: LogEvent; onOpen: (seq: number) => void }) {
  const { t } = useTranslation("logs");
  const zone = useZone();
  const [around, setAround] = useState(10);
  const context = useQuery({ ...contextQuery(event.seq, around), placeholderData: keepPreviousData });
  if (context.error) return <ErrorBox error={context.error} retry={() => void context.refetch()} small />;
  if (!context.data) return <Skeleton />;
  return (
    <>
      <p className="fs-drawer-bar">
        <span className="fs-second">{t("context.text", { source: event.source.name || t("column.station"), n: around })}</span>
        {around < 100 && (
          <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={() => setAround(Math.min(100, around + 30))}>
            {t("context.more")}
          </button>
        )}
      </p>
      <ol className="fs-context">
        {context.data.events.map((e) => (
          <li key={e.seq} data-here={e.seq === event.seq || undefined}>
            <button type="button" aria-current={e.seq === event.seq ? "true" : undefined} onClick={() => onOpen(e.seq)}>
              <span className="fs-second" title={hover(e.time, zone)}>
                {stamp(e.time, zone, "row")}
              </span>
              <span className="fs-context-text">{cell(lineText(e), 600).text}</span>
            </button>
          </li>
        ))}
      </ol>
    </>
  );
}

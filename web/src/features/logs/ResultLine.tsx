import { useTranslation } from "react-i18next";
import type { StreamState } from "@/api/stream";
import type { LogPage, LogStats } from "@/api/contract";
import { whole } from "@/shared/number";
import { StateChip } from "@/shared/Sev";
import { visible } from "@/shared/visible";
import { partialReasons, reasons } from "./partial";
import { mostRows } from "./queries";
import type { Tail } from "./tail";

interface ResultLineProps {
  page: LogPage | undefined;
  stats: LogStats | undefined;
  shown: number;
  busy: boolean;
  more: boolean;
}

/** How many there are, how long it took, how much was looked at; and when that is not all, why. */
export function ResultLine({ page, stats, shown, busy, more }: ResultLineProps) {
  const { t } = useTranslation("logs");
  const partial = partialReasons(page, stats).map((reason) => (reasons[reason] ? t(`reason.${reasons[reason]}`) : visible(reason) || t("reason.unsaid")));
  return (
    <div className="fs-logs-line" aria-live="polite" aria-busy={busy}>
      {stats && <strong>{t("result.hits", { n: whole(stats.total) })}</strong>}
      {page && <span className="fs-second">{t("result.took", { ms: whole(page.took_ms), scanned: whole(page.scanned) })}</span>}
      {shown > 0 && <span className="fs-second">{t("result.shown", { n: whole(shown) })}</span>}
      {partial.length > 0 && (
        <StateChip step="yellow" sign="◐">
          {t("result.partial", { reason: partial.join(t("result.and")) })}
        </StateChip>
      )}
      {shown >= mostRows && !more && <span className="fs-second">{t("result.most", { n: whole(mostRows) })}</span>}
      {busy && <span className="fs-second">{t("result.busy")}</span>}
    </div>
  );
}

interface LiveLineProps {
  tail: Tail;
  state: StreamState;
  pause: (pause: boolean) => void;
  resume: () => void;
}

/** The state of the live tail: rate, what was dropped, and what waits while it is paused. */
export function LiveLine({ tail, state, pause, resume }: LiveLineProps) {
  const { t } = useTranslation("logs");
  const said = tail.paused ? "paused" : state;
  return (
    <div className="fs-logs-line">
      <StateChip step={said === "open" ? "ok" : said === "lost" ? "red" : "yellow"} sign={said === "open" ? "●" : said === "lost" ? "✕" : "◐"}>
        {t(`live.${said}`)}
      </StateChip>
      <span className="fs-second">{t("live.rate", { n: tail.perSecond.toFixed(1) })}</span>
      <span className="fs-second">{t("live.dropped", { n: whole(tail.dropped + tail.overflow) })}</span>
      {tail.paused ? (
        <button
          type="button"
          className="fs-btn fs-btn-small fs-btn-line"
          onClick={() => {
            pause(false);
            resume();
          }}
        >
          {t("live.resume", { n: whole(tail.held.length) })}
        </button>
      ) : (
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={() => pause(true)}>
          {t("live.pause")}
        </button>
      )}
      <span className="fs-hidden" aria-live="polite">
        {t(`live.${said}`)}
      </span>
    </div>
  );
}

import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useZone } from "@/app/session";
import { Glyph } from "./Glyph";
import { Drop } from "./Pop";
import { fromWall, instant, span, stamp } from "./time";

/** From when to when, as it stands in the address: relative stays relative. */
export interface Range {
  from: string;
  to: string;
}

const presets = ["-15m", "-1h", "-6h", "-24h", "-7d", "-30d"];

/** The words for a range. */
export function useRangeText(): (range: Range) => string {
  const { t } = useTranslation("shared");
  const zone = useZone();
  return ({ from, to }) => {
    if (to === "now" && from.startsWith("-")) {
      const { unit, n } = span(-instant(from, 0));
      return t(`range.last_${unit}`, { n });
    }
    const word = (text: string) => (text === "now" ? t("range.now") : stamp(instant(text, serverNow()), zone));
    return `${word(from)} – ${word(to)}`;
  };
}

/** Chooses a time range: the usual ones, or wall times of the organisation's zone. */
export function TimeRange({ value, onChange }: { value: Range; onChange: (range: Range) => void }) {
  const { t } = useTranslation("shared");
  const text = useRangeText();
  return (
    <Drop
      className="fs-btn fs-btn-line fs-range"
      align="end"
      panelLabel={t("range.title")}
      title={t("range.title")}
      face={
        <>
          <Glyph name="clock" size={14} />
          {text(value)}
          <Glyph name="down" size={12} />
        </>
      }
    >
      {(close) => (
        <div className="fs-range-panel">
          <ul>
            {presets.map((from) => (
              <li key={from}>
                <button
                  type="button"
                  className="fs-menu-item"
                  aria-pressed={value.from === from && value.to === "now"}
                  onClick={() => {
                    onChange({ from, to: "now" });
                    close();
                  }}
                >
                  {text({ from, to: "now" })}
                </button>
              </li>
            ))}
          </ul>
          <Exact
            value={value}
            done={(range) => {
              onChange(range);
              close();
            }}
          />
        </div>
      )}
    </Drop>
  );
}

function Exact({ value, done }: { value: Range; done: (range: Range) => void }) {
  const { t } = useTranslation("shared");
  const zone = useZone();
  const wall = (text: string) => stamp(instant(text, serverNow()), zone);
  const [from, setFrom] = useState(wall(value.from));
  const [to, setTo] = useState(value.to === "now" ? "" : wall(value.to));
  const [wrong, setWrong] = useState<"from" | "to" | "order">();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const start = from.startsWith("-") ? instant(from, serverNow()) : fromWall(from, zone);
    const end = to.trim() === "" ? serverNow() : fromWall(to, zone);
    if (!Number.isFinite(start)) setWrong("from");
    else if (!Number.isFinite(end)) setWrong("to");
    else if (start >= end) setWrong("order");
    else done({ from: from.startsWith("-") ? from : new Date(start).toISOString(), to: to.trim() === "" ? "now" : new Date(end).toISOString() });
  };
  return (
    <form onSubmit={submit} noValidate>
      <p className="fs-second">{t("range.exact", { zone })}</p>
      <label>
        {t("range.from")}
        <input className="fs-input fs-mono" value={from} aria-invalid={wrong === "from"} placeholder="2026-01-31 08:00:00" onChange={(e) => setFrom(e.target.value)} />
      </label>
      <label>
        {t("range.to")}
        <input className="fs-input fs-mono" value={to} aria-invalid={wrong === "to"} placeholder={t("range.now")} onChange={(e) => setTo(e.target.value)} />
      </label>
      {wrong && (
        <p className="fs-field-error" role="alert">
          {t(`range.wrong_${wrong}`)}
        </p>
      )}
      <button type="submit" className="fs-btn fs-btn-main">
        {t("range.apply")}
      </button>
    </form>
  );
}

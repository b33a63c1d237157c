import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { ceiling, chosen, indexAt, pressed, totalOf, type Bucket, type Choice, type Series } from "./histogram";
import { Glyph } from "./Glyph";
import { whole } from "./number";
import { stamp } from "./time";
import "./histogram.css";

interface HistogramProps {
  label: string; // what is counted
  buckets: Bucket[];
  series: Series[]; // bottom first
  zone: string;
  height?: number;
  onRange?: (from: number, to: number) => void; // a drag, or keys and Enter
  onSeries?: (id: string) => void; // a click on the legend
  stale?: boolean; // the next answer is on its way
}

/** Counts over time, stacked. Drag over a range, or focus it and use the arrows, Shift and Enter; the table shows the same figures. */
export function Histogram({ label, buckets, series, zone, height = 96, onRange, onSeries, stale }: HistogramProps) {
  const { t } = useTranslation("shared");
  const [choice, setChoice] = useState<Choice>();
  const [table, setTable] = useState(false);
  const shown = choice && chosen(buckets, choice);
  const zoom = (c: Choice) => {
    const { from, to } = chosen(buckets, c);
    setChoice(undefined);
    if (Number.isFinite(from) && Number.isFinite(to)) onRange?.(from, to);
  };
  const press = (event: KeyboardEvent) => {
    const did = pressed(choice, event.key, event.shiftKey, buckets.length);
    if (did === undefined) return;
    event.preventDefault();
    if (did === "zoom") zoom(choice!);
    else setChoice(did === "clear" ? undefined : did);
  };
  return (
    <figure className="fs-hist" data-stale={stale || undefined}>
      <div className="fs-hist-bar">
        <Legend series={series} onSeries={onSeries} />
        <span className="fs-hist-said" aria-live="polite">
          {shown && `${stamp(shown.from, zone)} – ${stamp(shown.to, zone)} · ${whole(countIn(buckets, choice!))}`}
        </span>
        <button type="button" className="fs-btn fs-btn-small" aria-pressed={table} title={t("chart.table")} aria-label={t("chart.table")} onClick={() => setTable(!table)}>
          <Glyph name="table" size={14} />
        </button>
      </div>
      {table ? (
        <AsTable label={label} buckets={buckets} series={series} zone={zone} height={height} />
      ) : (
        <Drawing {...{ label, buckets, series, zone, height, choice, setChoice, zoom, press }} zooms={onRange !== undefined} />
      )}
    </figure>
  );
}

function countIn(buckets: Bucket[], c: Choice): number {
  return buckets.slice(Math.min(c.anchor, c.head), Math.max(c.anchor, c.head) + 1).reduce((n, b) => n + totalOf(b), 0);
}

function Legend({ series, onSeries }: { series: Series[]; onSeries?: (id: string) => void }) {
  return (
    <ul className="fs-hist-legend">
      {series.map((s) => (
        <li key={s.id}>
          {onSeries && s.id !== "" ? (
            <button type="button" onClick={() => onSeries(s.id)}>
              <i style={{ background: s.colour, outlineColor: s.outline ?? "transparent" }} />
              {s.label}
            </button>
          ) : (
            <span>
              <i style={{ background: s.colour, outlineColor: s.outline ?? "transparent" }} />
              {s.label}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

interface DrawingProps {
  label: string;
  buckets: Bucket[];
  series: Series[];
  zone: string;
  height: number;
  choice: Choice | undefined;
  setChoice: (c: Choice | undefined) => void;
  zoom: (c: Choice) => void;
  zooms: boolean;
  press: (event: KeyboardEvent) => void;
}

const axis = 18; // px below the bars

function Drawing({ label, buckets, series, zone, height, choice, setChoice, zoom, zooms, press }: DrawingProps) {
  const { t } = useTranslation("shared");
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const dragging = useRef<number>(undefined);
  const help = useId();
  const top = useMemo(() => ceiling(Math.max(0, ...buckets.map(totalOf))), [buckets]);
  const at = (event: PointerEvent) => indexAt(event.clientX - (place.current?.getBoundingClientRect().left ?? 0), width, buckets.length);
  useEffect(() => setChoice(undefined), [buckets, setChoice]);

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || buckets.length === 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    dragging.current = at(event);
  };
  const move = (event: PointerEvent) => {
    if (buckets.length === 0) return;
    const head = at(event);
    setChoice({ anchor: dragging.current ?? head, head });
  };
  const up = (event: PointerEvent) => {
    if (dragging.current === undefined) return;
    const c = { anchor: dragging.current, head: at(event) };
    dragging.current = undefined;
    if (zooms) zoom(c);
  };
  return (
    <div
      ref={place}
      className="fs-hist-plot"
      data-zooms={zooms || undefined}
      tabIndex={zooms ? 0 : undefined}
      role={zooms ? "application" : "img"}
      aria-label={label}
      aria-describedby={zooms ? help : undefined}
      onKeyDown={zooms ? press : undefined}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerLeave={() => dragging.current === undefined && setChoice(undefined)}
      onBlur={() => setChoice(undefined)}
    >
      {zooms && (
        <span id={help} className="fs-hidden">
          {t("chart.keys")}
        </span>
      )}
      <svg width={width} height={height + axis} aria-hidden="true" focusable="false">
        <line x1="0" x2={width} y1="0.5" y2="0.5" className="fs-hist-grid" />
        <line x1="0" x2={width} y1={height / 2 + 0.5} y2={height / 2 + 0.5} className="fs-hist-grid" />
        <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} className="fs-hist-base" />
        <Bars buckets={buckets} series={series} width={width} height={height} top={top} />
        {choice && <Chosen choice={choice} n={buckets.length} width={width} height={height} />}
        <text x="2" y="12" className="fs-hist-text">
          {whole(top)}
        </text>
        <Ticks buckets={buckets} width={width} y={height + 14} zone={zone} />
      </svg>
    </div>
  );
}

function useWidth(place: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(600);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth || 600));
    watch.observe(element);
    return () => watch.disconnect();
  }, [place]);
  return width;
}

function Bars({ buckets, series, width, height, top }: { buckets: Bucket[]; series: Series[]; width: number; height: number; top: number }) {
  const each = width / Math.max(1, buckets.length);
  const gap = each > 4 ? 1 : 0;
  return (
    <g>
      {buckets.map((b, i) => {
        let y = height;
        return series.map((s) => {
          const n = b.counts[s.id] ?? 0;
          if (n === 0) return null;
          // A bucket with anything in it shows at least one pixel: few is not none.
          const h = Math.max((n / top) * height, y === height ? 1 : 0.25);
          y -= h;
          return <rect key={`${i}/${s.id}`} x={i * each} width={Math.max(0.5, each - gap)} y={y} height={h} style={{ fill: s.colour, stroke: s.outline }} strokeWidth={s.outline ? 0.5 : 0} />;
        });
      })}
    </g>
  );
}

function Chosen({ choice, n, width, height }: { choice: Choice; n: number; width: number; height: number }) {
  const from = Math.min(choice.anchor, choice.head);
  const to = Math.max(choice.anchor, choice.head) + 1;
  return <rect className="fs-hist-chosen" x={(from / n) * width} width={((to - from) / n) * width} y={0} height={height} />;
}

function Ticks({ buckets, width, y, zone }: { buckets: Bucket[]; width: number; y: number; zone: string }) {
  const first = buckets[0]?.from;
  const last = buckets.at(-1)?.to;
  if (first === undefined || last === undefined) return null;
  const long = last - first > 36 * 3_600_000;
  const seconds = last - first < 20 * 60_000;
  const n = Math.max(2, Math.min(8, Math.floor(width / 130)));
  return (
    <>
      {Array.from({ length: n }, (_, i) => {
        const ms = first + ((last - first) * i) / (n - 1);
        const text = stamp(ms, zone, seconds ? "seconds" : "minutes").slice(long ? 5 : 11);
        return (
          <text key={i} x={(width * i) / (n - 1)} y={y} className="fs-hist-text" textAnchor={i === 0 ? "start" : i === n - 1 ? "end" : "middle"}>
            {text}
          </text>
        );
      })}
    </>
  );
}

function AsTable({ label, buckets, series, zone, height }: { label: string; buckets: Bucket[]; series: Series[]; zone: string; height: number }) {
  const { t } = useTranslation("shared");
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
    <div className="fs-hist-table" style={{ height: height + axis }} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("chart.from")}</th>
            <th scope="col" className="fs-num">{t("chart.total")}</th>
            {series.map((s) => (
              <th key={s.id} scope="col" className="fs-num">
                {s.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {buckets.map((b) => (
            <tr key={b.from}>
              <th scope="row">{stamp(b.from, zone)}</th>
              <td className="fs-num">{whole(totalOf(b))}</td>
              {series.map((s) => (
                <td key={s.id} className="fs-num">
                  {whole(b.counts[s.id] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

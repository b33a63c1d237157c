// Times are shown in the organisation's zone, never the PC's.

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();
const step = 15 * 60_000; // zones change at quarter hours

/** Minutes the zone is ahead of UTC at an instant. */
export function offsetAt(zone: string, ms: number): number {
  const slot = Math.floor(ms / step);
  const key = `${zone}/${slot}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const at = slot * step;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)])) as Record<string, number>;
  const wall = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second);
  const minutes = Math.round((wall - at) / 60_000);
  if (offsets.size > 20_000) offsets.clear();
  offsets.set(key, minutes);
  return minutes;
}

export type TimeStyle = "full" | "seconds" | "minutes" | "day" | "row";
const cuts: Record<TimeStyle, [number, number]> = {
  full: [0, 23], // 2026-11-22 09:30:05.123
  seconds: [0, 19],
  minutes: [0, 16],
  day: [0, 10],
  row: [5, 23], // 11-22 09:30:05.123
};

/** Writes an instant ISO-like in the zone; what is no time gives an empty text. */
export function stamp(at: string | number | undefined, zone: string, style: TimeStyle = "seconds"): string {
  const ms = typeof at === "number" ? at : Date.parse(at ?? "");
  if (!Number.isFinite(ms)) return "";
  const text = new Date(ms + offsetAt(zone, ms) * 60_000).toISOString().replace("T", " ");
  return text.slice(...cuts[style]);
}

/** Writes the zone's offset at an instant: +08:00. */
export function offsetLabel(zone: string, ms: number): string {
  const minutes = offsetAt(zone, ms);
  const abs = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(abs / 60)).padStart(2, "0")}:${String(abs % 60).padStart(2, "0")}`;
}

/** What a time shows on hover: with its offset, and in UTC. */
export function hover(at: string | undefined, zone: string): string {
  const ms = Date.parse(at ?? "");
  if (!Number.isFinite(ms)) return "";
  return `${stamp(ms, zone, "full")} ${offsetLabel(zone, ms)}\n${new Date(ms).toISOString()}`;
}

/** Reads a wall time such as 2026-11-22T09:30 or "2026-11-22 09:30:05" of the zone; NaN when it is none. In an hour that a zone has twice, the first one. */
export function fromWall(text: string, zone: string): number {
  const found = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?$/.exec(text.trim());
  if (!found) return NaN;
  const [y, mo, d, h, mi, s] = found.slice(1).map((v) => Number(v ?? 0)) as [number, number, number, number, number, number];
  const wall = Date.UTC(y, mo - 1, d, h, mi, s);
  const candidates = [wall - 86_400_000, wall + 86_400_000].map((near) => wall - offsetAt(zone, near) * 60_000);
  const exact = candidates.filter((ms) => ms + offsetAt(zone, ms) * 60_000 === wall).sort((a, b) => a - b);
  return exact[0] ?? candidates[0] ?? NaN; // a wall time that the zone skips is read with the offset before
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Reads "now", a span back such as -6h, or RFC 3339; NaN when it is none of them. */
export function instant(text: string, now: number): number {
  if (text === "now") return now;
  const back = /^-(\d+)([smhdw])$/.exec(text);
  if (back) return now - Number(back[1]) * units[back[2]!]!;
  return /^\d{4}-/.test(text) ? Date.parse(text) : NaN;
}

/** Parts of a span in the largest fitting unit, for texts with a count: 3 h, 2 d. */
export function span(ms: number): { unit: "s" | "m" | "h" | "d"; n: number } {
  const abs = Math.abs(ms);
  if (abs < 60_000) return { unit: "s", n: Math.round(abs / 1000) };
  if (abs < 3_600_000) return { unit: "m", n: Math.round(abs / 60_000) };
  if (abs < 2 * 86_400_000) return { unit: "h", n: Math.round(abs / 3_600_000) };
  return { unit: "d", n: Math.round(abs / 86_400_000) };
}

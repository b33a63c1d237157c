// What the histogram counts and where; drawing is in Histogram.tsx.

export interface Bucket {
  from: number; // ms, closed
  to: number; // ms, open
  counts: Record<string, number>;
}

export interface Series {
  id: string;
  label: string;
  colour: string; // a CSS colour, such as var(--fs-cat-1)
  outline?: string; // for a pale solid on a light ground
}

/** The chosen buckets, both included; anchor is where the choice began. */
export interface Choice {
  anchor: number;
  head: number;
}

/** Makes buckets of the API's answer; without counts by value the whole count goes to `rest`. */
export function buckets(answer: { from: string; to: string; count?: number; counts?: Record<string, number> }[], rest = ""): Bucket[] {
  return answer.map((b) => {
    const counts = { ...b.counts };
    const told = Object.values(counts).reduce((a, n) => a + n, 0);
    if (b.count !== undefined && b.count > told) counts[rest] = (counts[rest] ?? 0) + b.count - told;
    return { from: Date.parse(b.from), to: Date.parse(b.to), counts };
  });
}

export function totalOf(bucket: Bucket): number {
  let sum = 0;
  for (const id in bucket.counts) sum += bucket.counts[id] ?? 0;
  return sum;
}

/** The values that get a series of their own: the most frequent ones. The rest is folded under `rest`. */
export function fold(all: Bucket[], most: number, rest: string): { ids: string[]; buckets: Bucket[] } {
  const sums = new Map<string, number>();
  for (const b of all) for (const id in b.counts) sums.set(id, (sums.get(id) ?? 0) + (b.counts[id] ?? 0));
  const ids = [...sums].filter(([id, n]) => id !== rest && n > 0).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
  const kept = new Set(ids.slice(0, most));
  const folded = all.map((b) => {
    const counts: Record<string, number> = {};
    for (const id in b.counts) {
      const name = kept.has(id) ? id : rest;
      counts[name] = (counts[name] ?? 0) + (b.counts[id] ?? 0);
    }
    return { ...b, counts };
  });
  const hasRest = folded.some((b) => (b.counts[rest] ?? 0) > 0);
  return { ids: [...ids.slice(0, most), ...(hasRest ? [rest] : [])], buckets: folded };
}

/** A round number at or above the largest bucket, for the axis. */
export function ceiling(max: number): number {
  if (max <= 4) return 4;
  const power = 10 ** Math.floor(Math.log10(max));
  for (const m of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (m * power >= max) return m * power;
  return 10 * power;
}

/** Which bucket lies under x on a drawing `width` wide with n buckets. */
export function indexAt(x: number, width: number, n: number): number {
  return Math.max(0, Math.min(n - 1, Math.floor((x / width) * n)));
}

/** What a key does to the choice; "zoom" asks for the chosen range, undefined leaves the key alone. */
export function pressed(choice: Choice | undefined, key: string, shift: boolean, n: number): Choice | "zoom" | "clear" | undefined {
  const head = choice?.head ?? n - 1;
  const move = { ArrowLeft: head - 1, ArrowRight: head + 1, Home: 0, End: n - 1, PageUp: head - 10, PageDown: head + 10 }[key];
  if (move !== undefined) {
    const to = choice === undefined && key.startsWith("Arrow") ? head : Math.max(0, Math.min(n - 1, move));
    return { anchor: shift ? (choice?.anchor ?? head) : to, head: to };
  }
  if (key === "Enter" && choice) return "zoom";
  if (key === "Escape" && choice) return "clear";
  return undefined;
}

/** The time range of a choice. */
export function chosen(all: Bucket[], choice: Choice): { from: number; to: number } {
  const first = all[Math.min(choice.anchor, choice.head)];
  const last = all[Math.max(choice.anchor, choice.head)];
  return { from: first?.from ?? NaN, to: last?.to ?? NaN };
}

const category = 8;

/** The colour of the nth thing without a rank; things beyond the palette share one. */
export function categoryColour(n: number): string {
  return n < category ? `var(--fs-cat-${n + 1})` : "var(--fs-cat-rest)";
}

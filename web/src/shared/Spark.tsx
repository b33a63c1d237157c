/** A line of counts, as wide as a word; label says what it counts. */
export function Spark({ values, label, width = 72, height = 18 }: { values: number[]; label: string; width?: number; height?: number }) {
  return (
    <svg className="fs-spark" width={width} height={height} role="img" aria-label={label}>
      <path d={sparkPath(values, width, height)} />
    </svg>
  );
}

/** The path through values, scaled to the box with a pixel to spare. */
export function sparkPath(values: number[], width: number, height: number): string {
  const top = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  return values.map((v, i) => `${i === 0 ? "M" : "L"}${(1 + i * step).toFixed(1)} ${(height - 1 - (v / top) * (height - 2)).toFixed(1)}`).join("");
}

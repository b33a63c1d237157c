const paths = {
  overview: "M3 3h6v8H3zM11 3h6v5h-6zM11 10h6v7h-6zM3 13h6v4H3z",
  logs: "M3 4h14M3 8h14M3 12h9M3 16h6M14.5 16.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM16.300 15.800L18 17.500",
  alerts: "M10 3l7.500 13.500h-15zM10 8v4M10 14v.5",
  sources: "M4 4h12v4H4zM4 12h12v4H4zM6.500 6h.5M6.500 14h.5M10 8v4",
  rules: "M5 3h8l3 3v11H5zM8 8h5M8 11h5M8 14h3",
  incident: "M10 3l6 2.500v5c0 3.500-2.500 5.500-6 6.500-3.500-1-6-3-6-6.500v-5zM10 7v4M10 13v.5",
  compliance: "M10 3v14M5 6h10M5 6l-2.500 5h5zM15 6l-2.500 5h5zM6 17h8",
  account: "M10 10a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3.500 17c.5-3.500 3-5 6.500-5s6 1.500 6.500 5",
  settings: "M10 12.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM10 3v2M10 15v2M3 10h2M15 10h2M5 5l1.500 1.500M13.500 13.500L15 15M5 15l1.500-1.500M13.500 6.500L15 5",
  units: "M8 3h4v4H8zM3 13h4v4H3zM13 13h4v4h-4zM10 7v3M5 13v-3h10v3",
  token: "M7 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM10.500 10H18v3M15 10v2.500",
  sun: "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM10 2v2M10 16v2M2 10h2M16 10h2M4.300 4.300l1.500 1.500M14.200 14.200l1.500 1.500M4.300 15.700l1.500-1.500M14.200 5.800l1.500-1.500",
  moon: "M16 12.500A6.500 6.500 0 0 1 7.500 4 6.500 6.500 0 1 0 16 12.500z",
  keys: "M2.500 5.500h15v9h-15zM5.500 8.500h.5M8.500 8.500H9M11.500 8.500h.5M14 8.500h.5M6.500 11.500h7",
  menu: "M3 5h14M3 10h14M3 15h14",
  fold: "M12 5l-5 5 5 5",
  unfold: "M8 5l5 5-5 5",
  down: "M5 8l5 5 5-5",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.500l4 4 8-9",
  columns: "M3 4h14v12H3zM8 4v12M13 4v12",
  wrap: "M3 5h14M3 10h11a2.500 2.500 0 0 1 0 5h-3M13 13l-2 2 2 2M3 15h5",
  dense: "M3 4h14M3 7h14M3 10h14M3 13h14M3 16h14",
  download: "M10 3v9M6 9l4 4 4-4M4 16h12",
  link: "M8.500 11.500a3 3 0 0 0 4.200 0l2.800-2.800a3 3 0 0 0-4.200-4.200l-1 1M11.500 8.500a3 3 0 0 0-4.200 0l-2.800 2.800a3 3 0 0 0 4.200 4.200l1-1",
  play: "M6 4l10 6-10 6z",
  pause: "M6.500 4v12M13.500 4v12",
  history: "M4 10a6 6 0 1 1 2 4.500M4 10V6M4 10h4M10 7v3.500l2.500 1.500",
  table: "M3 4h14v12H3zM3 8h14M3 12h14M9 4v12",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4l3 2",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  pin: "M7 3h6l-1 5 3 3H5l3-3zM10 11v6",
  search: "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM13 13l4 4",
  copy: "M7 7h9v10H7zM4 13V3h9",
  more: "M4.500 10h.5M10 10h.5M15.500 10h.5",
  seal: "M10 3l6 2.500v5c0 3.500-2.500 5.500-6 6.500-3.500-1-6-3-6-6.500v-5zM7 10l2.200 2.200L13.500 8",
  refresh: "M16 10a6 6 0 1 1-2-4.500M16 3v3.500h-3.500",
};

export type GlyphName = keyof typeof paths;

/** A line icon of 16 px; it says nothing to a screen reader, the control around it does. */
export function Glyph({ name, size = 16 }: { name: GlyphName; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

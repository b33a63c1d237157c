import "./parts.css";

/** Grey lines in the shape of a page; they come after 200 ms, so that a quick answer does not flicker. */
export function Skeleton({ lines = 8 }: { lines?: number }) {
  return (
    <div className="fs-skeleton" aria-hidden="true">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

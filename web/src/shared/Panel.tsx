import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorBox, PageErrors } from "./ErrorBox";
import { Skeleton } from "./Skeleton";
import "./parts.css";

interface PanelProps<T> {
  title: string;
  link?: ReactNode; // at the right of the title
  query?: UseQueryResult<T>;
  className?: string;
  lines?: number; // of its skeleton
  children: ReactNode | ((data: T) => ReactNode);
}

/** A card of a page. It loads and fails alone; what it has stays while the next answer loads. */
export function Panel<T>({ title, link, query, className, lines = 4, children }: PanelProps<T>) {
  return (
    <section className={`fs-card fs-panel ${className ?? ""}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {link}
      </header>
      <PageErrors>
        {query === undefined && (children as ReactNode)}
        {query?.data !== undefined && <Content data={query.data} draw={children as (data: T) => ReactNode} />}
        {query?.error && query.data === undefined && <ErrorBox error={query.error} retry={() => void query.refetch()} small />}
        {query?.isPending && <Skeleton lines={lines} />}
      </PageErrors>
    </section>
  );
}

// A component of its own, so that a fault in drawing is caught inside the panel.
function Content<T>({ data, draw }: { data: T; draw: (data: T) => ReactNode }) {
  return draw(data);
}

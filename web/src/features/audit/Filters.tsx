import { useEffect, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import { PageLink } from "@/shared/PageLink";
import { TimeRange, type Range } from "@/shared/TimeRange";
import { useValues } from "./queries";
import { outcomes, queryOf, type AuditSearch } from "./search";
import { useWords } from "./words";

interface FiltersProps {
  search: AuditSearch;
  range: Range;
  go: (change: Partial<AuditSearch>, replace?: boolean) => void;
  find: RefObject<HTMLInputElement | null>;
}

/** Who, what, outcome, words, time; and the way to the same records in the log search, where they can be exported. */
export function Filters({ search, range, go, find }: FiltersProps) {
  const { t } = useTranslation("audit");
  const words = useWords();
  const people = useValues("user.name", range).data ?? [];
  const actions = useValues("event.action", range).data ?? [];
  const [text, setText] = useState(search.q ?? "");
  const [last, setLast] = useState(search.q);
  if (last !== search.q) {
    setLast(search.q);
    setText(search.q ?? "");
  }
  useEffect(() => {
    if (text.trim() === (search.q ?? "")) return;
    const timer = setTimeout(() => go({ q: text.trim() || undefined, row: undefined }), 350);
    return () => clearTimeout(timer);
  });
  const select = (name: "who" | "action", any: string, values: string[], label: (v: string) => string) => (
    <select className="fs-input fs-select" aria-label={t(name === "who" ? "column.who" : "column.what")} value={search[name] ?? ""} onChange={(e) => go({ [name]: e.target.value || undefined, row: undefined })}>
      <option value="">{any}</option>
      {[...new Set([...values, ...(search[name] ? [search[name]] : [])])].map((v) => (
        <option key={v} value={v}>
          {label(v)}
        </option>
      ))}
    </select>
  );
  return (
    <div className="fs-page-filters">
      <FilterBar>
        <input ref={find} type="search" className="fs-input" placeholder={t("find")} aria-label={t("find")} value={text} onChange={(e) => setText(e.target.value)} />
        {select("who", t("filter.anybody"), people, (v) => v)}
        {select("action", t("filter.anything"), actions, words.action)}
        <FilterChoice label={t("column.outcome")} value={search.outcome && [search.outcome]} options={outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }))} onChange={(o) => go({ outcome: o?.at(-1), row: undefined })} />
      </FilterBar>
      <div className="fs-page-acts">
        <PageLink to="/logs" search={{ query: queryOf(search), ...range }}>
          {t("inLogs")}
        </PageLink>
        <TimeRange value={range} onChange={(r) => go({ from: r.from, to: r.to, row: undefined })} />
      </div>
    </div>
  );
}

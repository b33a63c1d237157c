import { useEffect, useState, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { FilterBar, FilterChoice, type FilterChip } from "@/shared/FilterBar";
import { TimeRange } from "@/shared/TimeRange";
import { useText } from "@/shared/useText";
import { cell } from "@/shared/visible";
import { usePeople, useSourceNames, type Alert } from "./queries";
import { noConditions, rangeOf, statuses, type AlertsSearch } from "./search";

interface FiltersProps {
  search: AlertsSearch;
  go: (change: Partial<AlertsSearch>, replace?: boolean) => void;
  find: RefObject<HTMLInputElement | null>;
  rows: Alert[];
}

/** The conditions above the list; those without a control of their own are chips that can be taken off. */
export function Filters({ search, go, find, rows }: FiltersProps) {
  const { t } = useTranslation("alerts");
  const { account } = useSession();
  const title = useText();
  const sources = useSourceNames();
  const people = usePeople();
  const rule = rows.find((r) => r.rule_id === search.rule_id);
  const chips: FilterChip[] = [];
  const chip = (id: "rule_id" | "entity", label: string, value: string) => chips.push({ id, label, value, clear: () => go({ [id]: undefined }) });
  if (search.rule_id) chip("rule_id", t("column.rule"), rule ? title(rule.title) : search.rule_id);
  if (search.entity) chip("entity", t("column.entity"), cell(search.entity, 80).text);
  return (
    <div className="fs-page-filters">
      <FilterBar chips={chips} clearAll={() => go(noConditions)}>
        <Find value={search.q} onChange={(q) => go({ q, id: undefined })} find={find} />
        <FilterChoice label={t("column.status")} value={search.status} options={statuses.map((value) => ({ value, label: t(`status.${value}`) }))} onChange={(status) => go({ status })} />
        <select className="fs-input fs-select" aria-label={t("column.assignee")} value={search.assignee ?? ""} onChange={(e) => go({ assignee: e.target.value || undefined })}>
          <option value="">{t("filter.anybody")}</option>
          {account && <option value={account.id}>{t("filter.mine")}</option>}
          {people.filter((p) => p.id !== account?.id).map((p) => (
            <option key={p.id} value={p.id}>
              {p.name}
            </option>
          ))}
        </select>
        {((sources.data?.length ?? 0) > 0 || search.source) && (
          <select className="fs-input fs-select" aria-label={t("column.sources")} value={search.source ?? ""} onChange={(e) => go({ source: e.target.value || undefined })}>
            <option value="">{t("filter.anySource")}</option>
            {search.source && !sources.data?.some((s) => s.id === search.source) && <option value={search.source}>{search.source}</option>}
            {sources.data?.map((s) => (
              <option key={s.id} value={s.id}>
                {s.name}
              </option>
            ))}
          </select>
        )}
      </FilterBar>
      <TimeRange value={rangeOf(search)} onChange={(r) => go({ from: r.from, to: r.to })} />
    </div>
  );
}

/** Searches a moment after the last letter; Enter searches at once. */
function Find({ value, onChange, find }: { value: string | undefined; onChange: (q: string | undefined) => void; find: RefObject<HTMLInputElement | null> }) {
  const { t } = useTranslation("alerts");
  const [text, setText] = useState(value ?? "");
  const [last, setLast] = useState(value);
  if (last !== value) {
    setLast(value);
    setText(value ?? "");
  }
  useEffect(() => {
    if (text.trim() === (value ?? "")) return;
    const timer = setTimeout(() => onChange(text.trim() || undefined), 350);
    return () => clearTimeout(timer);
  });
  return <input ref={find} type="search" className="fs-input" placeholder={t("filter.find")} aria-label={t("filter.find")} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={(e) => e.key === "Enter" && onChange(text.trim() || undefined)} />;
}

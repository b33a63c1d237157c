import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogField, LogFields } from "@/api/contract";
import { queryColumn } from "@/api/problem";
import { ErrorBox } from "@/shared/ErrorBox";
import { Glyph } from "@/shared/Glyph";
import { whole } from "@/shared/number";
import { equals, narrow } from "@/shared/query";
import { Skeleton } from "@/shared/Skeleton";
import { fixed } from "./columns";
import { cell } from "@/shared/visible";

interface FieldListProps {
  open: boolean;
  toggle: () => void;
  fields: UseQueryResult<LogFields>;
  columns: string[];
  onColumn: (field: string) => void;
  onValue: (field: string, value: string, at: Element) => void;
  query: string;
  onQuery: (query: string) => void;
}

/** The fields of the hits; each opens to its most frequent values. */
export function FieldList({ open, toggle, fields, columns, onColumn, onValue, query, onQuery }: FieldListProps) {
  const { t } = useTranslation("logs");
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const items = useMemo(() => {
    const word = wanted.toLowerCase();
    const all = (fields.data?.items ?? []).filter((f) => f.name.toLowerCase().includes(word));
    const rank = (f: LogField) => (columns.includes(f.name) ? 0 : 1);
    return [...all].sort((a, b) => rank(a) - rank(b));
  }, [fields.data, wanted, columns]);
  const flip = (name: string) =>
    setShown((before) => {
      const next = new Set(before);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  return (
    <aside className="fs-fields" data-open={open || undefined} aria-label={t("fields.label")}>
      <div className="fs-fields-head">
        <button type="button" className="fs-btn fs-btn-small" aria-expanded={open} title={t("fields.toggle")} aria-label={t("fields.toggle")} onClick={toggle}>
          <Glyph name="columns" size={14} />
          {open && t("fields.title")}
        </button>
        {open && fields.data && <span className="fs-second">{t("fields.sampled", { n: whole(fields.data.sampled) })}</span>}
      </div>
      {open && (
        <>
          <input type="search" className="fs-input" placeholder={t("fields.search")} aria-label={t("fields.search")} value={wanted} onChange={(e) => setWanted(e.target.value)} />
          {fields.error && queryColumn(fields.error) === 0 && <ErrorBox error={fields.error} retry={() => void fields.refetch()} small />}
          {fields.isPending && !fields.error && <Skeleton lines={12} />}
          <ul className="fs-fields-list">
            {items.map((field) => (
              <Field key={field.name} field={field} open={shown.has(field.name)} flip={flip} column={columns.includes(field.name)} {...{ onColumn, onValue, query, onQuery }} />
            ))}
          </ul>
        </>
      )}
    </aside>
  );
}

interface FieldProps extends Pick<FieldListProps, "onColumn" | "onValue" | "query" | "onQuery"> {
  field: LogField;
  open: boolean;
  flip: (name: string) => void;
  column: boolean;
}

function Field({ field, open, flip, column, onColumn, onValue, query, onQuery }: FieldProps) {
  const { t } = useTranslation("logs");
  return (
    <li>
      <div className="fs-field" data-column={column || undefined}>
        <button type="button" className="fs-field-name" aria-expanded={open} onClick={() => flip(field.name)}>
          <Glyph name={open ? "down" : "unfold"} size={12} />
          <span className="fs-clip">{field.name}</span>
          <span className="fs-second">{whole(field.count)}</span>
        </button>
        {field.name !== fixed && <button
          type="button"
          className="fs-btn fs-btn-small fs-field-pin"
          aria-pressed={column}
          aria-label={t(column ? "fields.columnOff" : "fields.columnOn", { field: field.name })}
          title={t(column ? "fields.columnOff" : "fields.columnOn", { field: field.name })}
          onClick={() => onColumn(field.name)}
        >
          <Glyph name="pin" size={13} />
        </button>}
      </div>
      {open && (
        <ul className="fs-values">
          {field.values.map(({ value, count }) => (
            <li key={value}>
              <button type="button" className="fs-value" title={cell(value, 300).text} onClick={(e) => onValue(field.name, value, e.currentTarget)}>
                <span className="fs-clip">{value === "" ? t("fields.empty") : cell(value, 120).text}</span>
                <span className="fs-second">{whole(count)}</span>
                <i style={{ width: `${Math.round((100 * count) / Math.max(1, field.count))}%` }} />
              </button>
              <button type="button" className="fs-btn fs-btn-small" aria-label={t("fields.include", { value })} title={t("fields.include", { value })} onClick={() => onQuery(narrow(query, equals(field.name, value)))}>
                <Glyph name="plus" size={12} />
              </button>
              <button type="button" className="fs-btn fs-btn-small" aria-label={t("fields.exclude", { value })} title={t("fields.exclude", { value })} onClick={() => onQuery(narrow(query, equals(field.name, value), true))}>
                <Glyph name="minus" size={12} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

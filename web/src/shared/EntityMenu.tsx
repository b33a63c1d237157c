import { useTranslation } from "react-i18next";
import { copyText } from "./Copy";
import { MenuList } from "./Menu";
import type { Anchor } from "./Pop";
import { equals, exists, narrow } from "./query";
import { cell } from "./visible";

/** A field and one value of it, where it was clicked. */
export interface Entity {
  field: string;
  value: string;
  anchor: Anchor;
}

interface EntityMenuProps {
  entity: Entity;
  query: string; // the query it narrows; "" where there is none
  onQuery: (query: string) => void;
  close: (refocus: boolean) => void;
  column?: { shown: boolean; toggle: () => void }; // where the field can be a column
}

/** The menu of a value: include, exclude, only, exists, new search, copy. */
export function EntityMenu({ entity, query, onQuery, close, column }: EntityMenuProps) {
  const { t } = useTranslation("shared");
  const { field, value, anchor } = entity;
  const term = equals(field, value);
  const items = [
    { id: "include", label: t("entity.include"), run: () => onQuery(narrow(query, term)) },
    { id: "exclude", label: t("entity.exclude"), run: () => onQuery(narrow(query, term, true)) },
    { id: "only", label: t("entity.only"), run: () => onQuery(term) },
    { id: "exists", label: t("entity.exists"), run: () => onQuery(narrow(query, exists(field))) },
    { id: "new", label: t("entity.new"), run: () => window.open(`/logs?query=${encodeURIComponent(term)}`, "_blank", "noopener") },
    ...(column ? [{ id: "column", label: t(column.shown ? "entity.columnOff" : "entity.columnOn"), run: column.toggle }] : []),
    { id: "copy", label: t("entity.copy"), run: () => void copyText(value) },
  ];
  const title = (
    <>
      <code>{field}</code> <span className="fs-clip">{cell(value, 80).text}</span>
    </>
  );
  return <MenuList anchor={anchor} label={t("entity.menu", { field })} title={title} items={items} close={close} />;
}

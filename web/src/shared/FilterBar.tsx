import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "./Glyph";
import "./parts.css";

/** A condition that is on, with the way to take it off. */
export interface FilterChip {
  id: string;
  label: string;
  value: string;
  clear: () => void;
}

/** The row above a list: its controls, and the conditions that are on. */
export function FilterBar({ children, chips = [], clearAll }: { children?: ReactNode; chips?: FilterChip[]; clearAll?: () => void }) {
  const { t } = useTranslation("shared");
  return (
    <div className="fs-filters" role="search">
      {children}
      {chips.map((chip) => (
        <span key={chip.id} className="fs-filter">
          <span className="fs-second">{chip.label}</span> {chip.value}
          <button type="button" aria-label={t("filter.clear", { name: chip.label })} title={t("filter.clear", { name: chip.label })} onClick={chip.clear}>
            <Glyph name="close" size={12} />
          </button>
        </span>
      ))}
      {chips.length > 1 && clearAll && (
        <button type="button" className="fs-btn fs-btn-small" onClick={clearAll}>
          {t("filter.clearAll")}
        </button>
      )}
    </div>
  );
}

interface ChoiceProps<W extends string> {
  label: string;
  value: W[] | undefined;
  options: { value: W; label: string }[];
  onChange: (value: W[] | undefined) => void;
}

/** Several of a few words, as buttons that stay pressed. */
export function FilterChoice<W extends string>({ label, value, options, onChange }: ChoiceProps<W>) {
  const toggle = (word: W) => {
    const next = value?.includes(word) ? value.filter((w) => w !== word) : [...(value ?? []), word];
    onChange(next.length > 0 ? next : undefined);
  };
  return (
    <div className="fs-choice" role="group" aria-label={label}>
      {options.map((o) => (
        <button key={o.value} type="button" className="fs-btn fs-btn-small" aria-pressed={value?.includes(o.value) ?? false} onClick={() => toggle(o.value)}>
          {o.label}
        </button>
      ))}
    </div>
  );
}

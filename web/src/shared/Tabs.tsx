import type { KeyboardEvent, ReactNode } from "react";
import "./page.css";

interface TabsProps<W extends string> {
  label: string;
  id: string; // of the panel they control; tabs are <id>-<tab>
  value: W;
  tabs: { id: W; label: ReactNode }[];
  onChange: (tab: W) => void;
}

/** A row of tabs; arrows move and choose. The panel is the caller's, with role tabpanel and this id. */
export function Tabs<W extends string>({ label, id, value, tabs, onChange }: TabsProps<W>) {
  const press = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.findIndex((t) => t.id === value) + by + tabs.length) % tabs.length]!;
    onChange(next.id);
    document.getElementById(`${id}-${next.id}`)?.focus();
  };
  return (
    // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- its tabs take the focus
    <div className="fs-page-tabs" role="tablist" aria-label={label} onKeyDown={press}>
      {tabs.map((t) => (
        <button key={t.id} id={`${id}-${t.id}`} type="button" role="tab" aria-selected={t.id === value} aria-controls={t.id === value ? id : undefined} tabIndex={t.id === value ? 0 : -1} onClick={() => onChange(t.id)}>
          {t.label}
        </button>
      ))}
    </div>
  );
}

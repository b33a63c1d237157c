import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "./Glyph";
import "./page.css";

interface SideProps {
  label: string;
  title: ReactNode;
  close: () => void;
  step?: { at: number; of: number; go: (by: number) => void }; // to the record before and after
  acts?: ReactNode; // below the title
  children: ReactNode;
}

/** One record beside its list. Esc closes it, unless something lies above it or a field is being typed into. */
export function Side({ label, title, close, step, acts, children }: SideProps) {
  const { t } = useTranslation("shared");
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open],.fs-pop")) close();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
  return (
    <aside className="fs-side" aria-label={label}>
      <header>
        <h2>{title}</h2>
        {step && (
          <>
            <button type="button" className="fs-btn fs-btn-small" disabled={step.at <= 0} title="[" aria-label={`${label} [`} onClick={() => step.go(-1)}>
              <Glyph name="fold" size={14} />
            </button>
            <button type="button" className="fs-btn fs-btn-small" disabled={step.at < 0 || step.at >= step.of - 1} title="]" aria-label={`${label} ]`} onClick={() => step.go(1)}>
              <Glyph name="unfold" size={14} />
            </button>
          </>
        )}
        <button type="button" className="fs-btn fs-btn-small" title={`${t("close")} (Esc)`} aria-label={t("close")} onClick={close}>
          <Glyph name="close" size={14} />
        </button>
      </header>
      {acts}
      {children}
    </aside>
  );
}

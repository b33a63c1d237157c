import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Glyph, type GlyphName } from "./Glyph";
import "./parts.css";

export type EmptyKind = "nothing" | "unmatched" | "denied";
const icons: Record<EmptyKind, GlyphName> = { nothing: "clock", unmatched: "search", denied: "seal" };

interface EmptyProps {
  kind: EmptyKind; // nothing yet, nothing matches, not allowed: they never look alike
  title?: string;
  children?: ReactNode; // what it means
  action?: ReactNode; // the one next step
  small?: boolean;
}

/** Says why there is nothing to see, and what to do next. "No data" never looks like "all good". */
export function Empty({ kind, title, children, action, small }: EmptyProps) {
  const { t } = useTranslation("shared");
  return (
    <div className="fs-empty" data-kind={kind} data-small={small || undefined}>
      {!small && <Glyph name={icons[kind]} size={28} />}
      <p className="fs-empty-title">{title ?? t(`empty.${kind}`)}</p>
      {children && <p className="fs-second">{children}</p>}
      {action}
    </div>
  );
}

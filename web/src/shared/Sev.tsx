import { useTranslation } from "react-i18next";
import type { DutyStatus, Level } from "@/api/contract";
import "./parts.css";

export const levels: Level[] = ["critical", "high", "medium", "low", "informational"];

/** The step of the one scale each level stands on; tokens are --fs-<step>, -text, -tint. */
export const stepOf: Record<Level, string> = { critical: "red", high: "orange", medium: "yellow", low: "blue", informational: "info" };

const shapes: Record<Level, string> = {
  critical: "M6 .5l5.500 5.500L6 11.500.5 6z",
  high: "M6 1l5.500 10H.5z",
  medium: "M1.500 1.500h9v9h-9z",
  low: "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z",
  informational: "M1 4.500h10v3H1z",
};

/** The shape of a level alone, for charts and tight places that name it elsewhere. */
export function SevShape({ level }: { level: Level }) {
  return (
    <svg className={`fs-sev-shape fs-sev-${stepOf[level]}`} width="10" height="10" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
      <path d={shapes[level]} />
    </svg>
  );
}

/** A rule's level as colour, shape and word. */
export function Sev({ level }: { level: Level }) {
  const { t } = useTranslation("shared");
  return (
    <span className={`fs-chip fs-chip-${stepOf[level]}`}>
      <SevShape level={level} />
      {t(`level.${level}`)}
    </span>
  );
}

const duty: Record<DutyStatus, { sign: string; step: string }> = {
  met: { sign: "✓", step: "ok" },
  partly: { sign: "◐", step: "yellow" },
  gap: { sign: "✕", step: "red" },
  not_applicable: { sign: "–", step: "info" },
  unknown: { sign: "?", step: "unknown" },
};

/** A compliance status as sign, colour and word. */
export function DutyChip({ status }: { status: DutyStatus }) {
  const { t } = useTranslation("shared");
  const { sign, step } = duty[status] ?? duty.unknown;
  return (
    <span className={`fs-chip fs-chip-${step}`}>
      <span aria-hidden="true">{sign}</span>
      {t(`duty.${status}`)}
    </span>
  );
}

/** A state with a word: ok, waiting, wrong. */
export function StateChip({ step, sign, children }: { step: "ok" | "yellow" | "red" | "info" | "orange" | "blue"; sign: string; children: string }) {
  return (
    <span className={`fs-chip fs-chip-${step}`}>
      <span aria-hidden="true">{sign}</span>
      {children}
    </span>
  );
}

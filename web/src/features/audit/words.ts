import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { cell } from "@/shared/visible";
import type { AuditRecord } from "./record";

export const steps = { success: { step: "ok", sign: "✓" }, denied: { step: "red", sign: "✕" }, failure: { step: "yellow", sign: "!" } } as const;

/** The words for what a record names by ids; an id without words stays as it is. */
export function useWords() {
  const { t, i18n } = useTranslation("audit");
  return useMemo(() => {
    const word = (group: string, id: string) => (/^[\w-]+$/.test(id) && i18n.exists(`audit:${group}.${id}`) ? t(`${group}.${id}`) : cell(id, 100).text);
    const action = (id: string) => word("action", id);
    return {
      action,
      actions: (r: AuditRecord) => r.actions.map(action).join(", ") || "—",
      name: (id: string) => word("name", id),
      who: (r: AuditRecord) => (r.name && r.kind !== "local" ? cell(r.name, 100).text : word("kind", r.kind || "nobody")),
    };
  }, [t, i18n]);
}

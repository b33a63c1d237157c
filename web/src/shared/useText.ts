import { useTranslation } from "react-i18next";
import type { Text } from "@/api/contract";

/** Chooses the language of texts that come as data. */
export function useText(): (text: Text | undefined) => string {
  const { i18n } = useTranslation();
  return (text) => (i18n.language === "en" ? text?.en || text?.zh : text?.zh || text?.en) ?? "";
}

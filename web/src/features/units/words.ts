import { useTranslation } from "react-i18next";
import { useText } from "@/shared/useText";
import { useUnitWords } from "./queries";

/** The words of kinds, industries and operators in the chosen language; the name of a unit in it, else in the other. */
export function useWord() {
  const { i18n } = useTranslation();
  const words = useUnitWords().data;
  const text = useText();
  const zh = i18n.language === "zh-CN";
  const word = (list: { id: string; zh: string; en: string }[] | undefined, id: string) => {
    const found = list?.find((w) => w.id === id);
    return found ? (zh ? found.zh : found.en) : id;
  };
  return {
    words,
    kind: (id: string) => word(words?.kinds, id),
    industry: (id: string) => (id === "" ? "—" : word(words?.industries, id)),
    operator: (id: string) => word(words?.operators, id),
    name: (name: { zh?: string; en?: string }) => text({ zh: name.zh ?? "", en: name.en ?? "" }) || name.zh || name.en || "—",
  };
}

import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "./Glyph";

/** Puts text on the clipboard; over plain HTTP, where browsers forbid the new way, by the old one. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "fs-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** A small button that copies text and says so for two seconds. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation("shared");
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const name = done ? t("copy.done") : (label ?? t("copy.do"));
  return (
    <button type="button" className="fs-btn fs-btn-small fs-copy" title={name} aria-label={name} onClick={() => void copyText(text).then(() => setDone(true))}>
      <Glyph name={done ? "check" : "copy"} size={14} />
      {label && <span>{name}</span>}
    </button>
  );
}

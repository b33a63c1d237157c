import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import type { Command } from "./Shortcuts";

/** The list of commands that work right now. */
export default function ShortcutHelp({ commands, close }: { commands: Command[]; close: () => void }) {
  const { t } = useTranslation("shared");
  const seen = new Map(commands.map((c) => [c.keys, c.label]));
  return (
    <Dialog title={t("keys.title")} close={close}>
      <dl className="fs-keys">
        {[...seen].map(([keys, label]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key, i) => (
                <kbd key={i}>{key}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <p className="fs-second">{t("keys.note")}</p>
    </Dialog>
  );
}

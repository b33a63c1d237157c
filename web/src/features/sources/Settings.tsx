import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "@/shared/Copy";
import { ErrorBox } from "@/shared/ErrorBox";
import { Skeleton } from "@/shared/Skeleton";
import { Tabs } from "@/shared/Tabs";
import { useText } from "@/shared/useText";
import { withToken } from "./form";
import { settingsQuery } from "./queries";

/** A token, shown this once. */
export function TokenBox({ token }: { token: string }) {
  const { t } = useTranslation("sources");
  return (
    <div className="fs-notice">
      <strong>{t("token.title")}</strong>
      <p className="fs-source-token">
        <code>{token}</code>
        <Copy text={token} label={t("token.copy")} />
      </p>
      <p>{t("token.once")}</p>
    </div>
  );
}

/** What each kind of sender needs to be told, ready to copy. */
export function Settings({ id, token }: { id: string; token: string }) {
  const { t } = useTranslation("sources");
  const text = useText();
  const settings = useQuery(settingsQuery(id));
  const [chosen, setChosen] = useState<string>();
  if (settings.error) return <ErrorBox error={settings.error} retry={() => void settings.refetch()} small />;
  if (!settings.data) return <Skeleton lines={5} />;
  const items = settings.data.items;
  const item = items.find((i) => i.sender === chosen) ?? items[0];
  if (!item) return <p className="fs-second">{t("settings.none")}</p>;
  const full = withToken(item.text, token);
  return (
    <section aria-label={t("settings.title")}>
      <Tabs label={t("settings.senders")} id="source-settings" value={item.sender} tabs={items.map((i) => ({ id: i.sender, label: text(i.title) }))} onChange={setChosen} />
      <div id="source-settings" role="tabpanel" aria-labelledby={`source-settings-${item.sender}`}>
        <p className="fs-source-file">
          {item.file ? <code>{item.file}</code> : <span className="fs-second">{t("settings.command")}</span>}
          <Copy text={full} label={t("settings.copy")} />
        </p>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
        <pre className="fs-text" data-code tabIndex={0} role="region" aria-label={text(item.title)}>
          {full}
        </pre>
        {token === "" && full.includes("FENGSUI_TOKEN") && <p className="fs-second">{t("settings.token")}</p>}
      </div>
    </section>
  );
}

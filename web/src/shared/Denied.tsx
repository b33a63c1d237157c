import { useTranslation } from "react-i18next";
import { Empty } from "./Empty";

/** What a page shows to an account without its permission. */
export function Denied({ permission }: { permission: string }) {
  const { t } = useTranslation("shared");
  return (
    <Empty kind="denied">
      {t("denied.text")} <code>{permission}</code>
    </Empty>
  );
}

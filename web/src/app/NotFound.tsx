import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** What an address without a page shows. */
export function NotFound() {
  const { t } = useTranslation("app");
  return (
    <div className="fs-alone">
      <h2>{t("notFound.title")}</h2>
      <p className="fs-second">{t("notFound.text")}</p>
      <Link to="/">{t("notFound.home")}</Link>
    </div>
  );
}

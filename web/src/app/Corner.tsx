import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, must } from "@/api/client";
import { Glyph } from "@/shared/Glyph";
import { Menu } from "@/shared/Menu";
import { prefer, usePreferences, type Language } from "./preferences";
import { useSession } from "./session";

const names: Record<Language, { name: string; next: Language }> = {
  "zh-CN": { name: "English", next: "en" },
  en: { name: "中文", next: "zh-CN" }, // eslint-disable-line no-restricted-syntax -- the language's own name, the same in every language
};

/** Switches between Chinese and English. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation("app");
  const { name, next } = names[i18n.language as Language] ?? names.en;
  const change = () => {
    prefer({ language: next });
    void i18n.changeLanguage(next);
  };
  return (
    <button type="button" className="fs-btn fs-btn-small fs-language" title={t("language.switch")} aria-label={t("language.switch")} lang={next} onClick={change}>
      {name}
    </button>
  );
}

/** Switches between light and dark. */
export function ThemeSwitch() {
  const { t } = useTranslation("app");
  const { theme } = usePreferences();
  const dark = theme === "dark";
  return (
    <button type="button" className="fs-btn fs-btn-small" title={t("theme.switch")} aria-label={t("theme.switch")} onClick={() => prefer({ theme: dark ? "light" : "dark" })}>
      <Glyph name={dark ? "sun" : "moon"} />
    </button>
  );
}

/** Who is here, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation("app");
  const { account } = useSession();
  const { letterKeys } = usePreferences();
  const navigate = useNavigate();
  const signOut = async () => {
    await must(api.DELETE("/api/v1/session"));
    // A fresh document forgets everything the account saw.
    location.assign("/");
  };
  return (
    <Menu
      label={t("account.menu", { name: account?.name })}
      className="fs-btn fs-btn-small"
      align="end"
      items={[
        { id: "who", label: t("account.role", { role: t(`role.${account?.role ?? "none"}`) }), disabled: true },
        { id: "password", label: t("account.settings"), run: () => void navigate({ to: "/account" }) },
        { id: "keys", label: t("keys.letters"), checked: letterKeys, run: () => prefer({ letterKeys: !letterKeys }) },
        { id: "out", label: t("account.signOut"), run: () => void signOut() },
      ]}
    >
      <Glyph name="account" />
      <span className="fs-top-name">{account?.name}</span>
    </Menu>
  );
}

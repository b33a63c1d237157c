import { useTranslation } from "react-i18next";
import type { Session } from "@/api/contract";
import { LanguageSwitch, ThemeSwitch } from "@/app/Corner";
import { SetupForm } from "./SetupForm";
import { SignInForm } from "./SignInForm";
import "./session.css";

/** What stands before the console: the first-run set-up, or the sign-in; over an expired session it lies on top of the page. */
export default function EntrancePage({ session, over }: { session: Session; over?: boolean }) {
  const { t } = useTranslation("session");
  return (
    <div className="fs-entrance" data-over={over || undefined}>
      {!session.secure && (
        <aside className="fs-warning" aria-label={t("notice")}>
          {t("plain")}
        </aside>
      )}
      <main className="fs-entrance-card fs-card">
        <header>
          <div>
            <h1>{t("brand")}</h1>
            <p className="fs-second">{t("motto")}</p>
          </div>
          <div className="fs-entrance-switches">
            <LanguageSwitch />
            <ThemeSwitch />
          </div>
        </header>
        {over && (
          <p className="fs-entrance-note" role="status">
            {t("expired")}
          </p>
        )}
        {session.setup_needed ? <SetupForm /> : <SignInForm />}
      </main>
      <footer className="fs-second">{t("version", { version: session.version })}</footer>
    </div>
  );
}

import { Link, Outlet, useMatchRoute, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { Glyph } from "@/shared/Glyph";
import { PrintHead } from "@/shared/PrintFrame";
import { useCommands, useShortcutHelp } from "@/shared/Shortcuts";
import { AccountMenu, LanguageSwitch, ThemeSwitch } from "./Corner";
import { prefer, usePreferences } from "./preferences";
import { nav, type NavEntry } from "./registry";
import { useCan, useSession } from "./session";
import "./shell.css";

/** The frame around every page: navigation, title, switches, warnings, the page. */
export function Shell() {
  const { t } = useTranslation("app");
  const can = useCan();
  const { narrowNav } = usePreferences();
  const entries = nav.filter((e) => e.permission === undefined || can(e.permission));
  const title = useTitle(entries);
  const path = useRouterState({ select: (s) => s.location.pathname });
  const [openAt, setOpenAt] = useState<string>(); // the page over which the navigation is open, on a narrow screen
  const open = openAt === path;
  useGoKeys(entries);
  const help = useShortcutHelp();

  return (
    <div className="fs-shell" data-narrow={narrowNav || undefined} data-open={open || undefined}>
      <a className="fs-skip" href="#main">
        {t("skip")}
      </a>
      <nav className="fs-nav" aria-label={t("nav.label")}>
        <div className="fs-brand">
          <BrandMark />
          <span className="fs-brand-name">{t("brand")}</span>
        </div>
        <div className="fs-nav-lists">
          <NavList entries={entries.filter((e) => e.group === undefined)} />
          <NavList label={t("nav.settings")} entries={entries.filter((e) => e.group === "settings")} />
        </div>
        <button type="button" className="fs-nav-item fs-nav-fold" aria-pressed={narrowNav} title={t("nav.fold")} onClick={() => prefer({ narrowNav: !narrowNav })}>
          <Glyph name={narrowNav ? "unfold" : "fold"} />
          <span>{t("nav.fold")}</span>
        </button>
      </nav>
      <button type="button" className="fs-nav-shade" aria-label={t("nav.close")} tabIndex={open ? 0 : -1} onClick={() => setOpenAt(undefined)} />
      <div className="fs-frame">
        <header className="fs-top">
          <button type="button" className="fs-btn fs-btn-small fs-nav-open" aria-label={t("nav.open")} aria-expanded={open} onClick={() => setOpenAt(open ? undefined : path)}>
            <Glyph name="menu" />
          </button>
          <h1>{title}</h1>
          <div className="fs-top-right">
            <StationMark />
            <button type="button" className="fs-btn fs-btn-small" title={t("keys.show")} aria-label={t("keys.show")} onClick={help}>
              <Glyph name="keys" />
            </button>
            <LanguageSwitch />
            <ThemeSwitch />
            <AccountMenu />
          </div>
        </header>
        <Warnings />
        <main id="main" className="fs-main" tabIndex={-1}>
          <PrintHead title={title} />
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function NavList({ label, entries }: { label?: string; entries: NavEntry[] }) {
  const { t } = useTranslation("app");
  if (entries.length === 0) return null;
  return (
    <>
      {label && <p className="fs-nav-group">{label}</p>}
      <ul aria-label={label}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <Link to={entry.to} className="fs-nav-item" activeOptions={{ exact: entry.to === "/", includeSearch: false }} title={t(`nav.${entry.id}`)}>
              {entry.icon}
              <span>{t(`nav.${entry.id}`)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

function BrandMark() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#1f5fae" />
      <path d="M16 5c1 4 5 5.400 5 10a5 5 0 0 1-10 0c0-2.300 1.300-3.600 2.200-5 .5 1.500 1.100 2 1.800 2.400C14.600 10 15 7.300 16 5z" fill="#ffd58a" />
      <path d="M11 22h10l1.500 5h-13z" fill="#fff" />
    </svg>
  );
}

/** The title of the page is the label of its entry; the document's title follows. */
function useTitle(entries: NavEntry[]): string {
  const { t } = useTranslation("app");
  const match = useMatchRoute();
  const here = entries.find((e) => match({ to: e.to, fuzzy: e.to !== "/" }) !== false);
  const account = match({ to: "/account" }) !== false;
  const title = here ? t(`nav.${here.id}`) : account ? t("nav.account") : t("brand");
  useEffect(() => {
    document.title = `${title} · ${t("brand")}`;
  }, [title, t]);
  return title;
}

function useGoKeys(entries: NavEntry[]): void {
  const { t } = useTranslation("app");
  const navigate = useNavigate();
  useCommands(
    entries
      .filter((e) => e.letter)
      .map((e) => ({ keys: `g ${e.letter}`, label: t("keys.go", { page: t(`nav.${e.id}`) }), run: () => void navigate({ to: e.to }) })),
  );
}

function StationMark() {
  const { t } = useTranslation("app");
  const { demo, zone } = useSession();
  return (
    <>
      {demo && <span className="fs-tag">{t("demo")}</span>}
      <span className="fs-second fs-top-zone" title={t("zone.title")}>
        {zone}
      </span>
    </>
  );
}

/** Whether the session ends within two minutes, looked at every ten seconds by the server's clock. */
function useEnding(): boolean {
  const { expires_at } = useSession();
  const [ending, setEnding] = useState(false);
  useEffect(() => {
    if (!expires_at) return;
    const timer = setInterval(() => setEnding(Date.parse(expires_at) - serverNow() < 120_000), 10_000);
    return () => clearInterval(timer);
  }, [expires_at]);
  return ending;
}

function Warnings() {
  const { t } = useTranslation("app");
  const { secure } = useSession();
  const ending = useEnding();
  const [reloaded, setReloaded] = useState(() => sessionStorage.getItem("fengsui.reloaded") !== null);
  useEffect(() => {
    sessionStorage.removeItem("fengsui.reloaded");
  }, []);
  if (secure && !reloaded && !ending) return null;
  return (
    <aside aria-label={t("warning.label")}>
      {!secure && <p className="fs-warning">{t("warning.plain")}</p>}
      {ending && (
        <p className="fs-warning" role="status">
          {t("warning.ending")}
        </p>
      )}
      {reloaded && (
        <p className="fs-warning fs-warning-quiet" role="status">
          {t("warning.upgraded")}
          <button type="button" className="fs-btn fs-btn-small" onClick={() => setReloaded(false)}>
            {t("warning.dismiss")}
          </button>
        </p>
      )}
    </aside>
  );
}

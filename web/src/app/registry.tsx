// The one file a feature adds itself to: its route, its entry in the navigation,
// its permission. The label is nav.<id> in locales/.

import { createRoute, type AnyRoute } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { alertsSearch } from "@/features/alerts/search";
import { logsSearch } from "@/features/logs/search";
import { overviewSearch } from "@/features/overview/search";
import { rulesSearch } from "@/features/rules/search";
import { sourcesSearch } from "@/features/sources/search";
import { accountsSearch } from "@/features/accounts/search";
import { auditSearch } from "@/features/audit/search";
import { unitsSearch } from "@/features/units/search";
import { Glyph } from "@/shared/Glyph";
import { page } from "./page";
import { root } from "./root";
import type { Permission } from "./session";

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: overviewSearch,
  component: page(undefined, () => import("@/features/overview/OverviewPage")),
});

const logs = createRoute({
  getParentRoute: () => root,
  path: "/logs",
  validateSearch: logsSearch,
  component: page("log.read", () => import("@/features/logs/LogsPage")),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: alertsSearch,
  component: page("alert.read", () => import("@/features/alerts/AlertsPage")),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: "/rules",
  validateSearch: rulesSearch,
  component: page("rule.read", () => import("@/features/rules/RulesPage")),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: "/sources",
  validateSearch: sourcesSearch,
  component: page("logsource.read", () => import("@/features/sources/SourcesPage")),
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: page(undefined, () => import("@/features/session/AccountPage")),
});

const units = createRoute({
  getParentRoute: () => root,
  path: "/units",
  validateSearch: unitsSearch,
  component: page("unit.read", () => import("@/features/units/UnitsPage")),
});

const accounts = createRoute({
  getParentRoute: () => root,
  path: "/settings/accounts",
  validateSearch: accountsSearch,
  component: page("account.read", () => import("@/features/accounts/AccountsPage")),
});

const tokens = createRoute({
  getParentRoute: () => root,
  path: "/settings/tokens",
  validateSearch: accountsSearch,
  component: page("token.read", () => import("@/features/accounts/TokensPage")),
});

const audit = createRoute({
  getParentRoute: () => root,
  path: "/settings/audit",
  validateSearch: auditSearch,
  component: page("audit.read", () => import("@/features/audit/AuditPage")),
});

export const tree = root.addChildren([overview, logs, alerts, rules, sources, account, units, accounts, tokens, audit]);

/** One entry of the navigation. */
export interface NavEntry {
  id: string; // label is nav.<id>
  to: string;
  icon: ReactNode;
  permission?: Permission; // without it the entry is not shown
  letter?: string; // `g` and then this letter goes there
  group?: "settings"; // stands under this heading, below the others
  route: AnyRoute;
}

export const nav: NavEntry[] = [
  { id: "overview", to: "/", icon: <Glyph name="overview" />, letter: "o", route: overview },
  { id: "logs", to: "/logs", icon: <Glyph name="logs" />, permission: "log.read", letter: "l", route: logs },
  { id: "alerts", to: "/alerts", icon: <Glyph name="alerts" />, permission: "alert.read", letter: "a", route: alerts },
  { id: "rules", to: "/rules", icon: <Glyph name="rules" />, permission: "rule.read", letter: "r", route: rules },
  { id: "sources", to: "/sources", icon: <Glyph name="sources" />, permission: "logsource.read", letter: "s", route: sources },
  { id: "units", to: "/units", icon: <Glyph name="units" />, permission: "unit.read", letter: "u", group: "settings", route: units },
  { id: "accounts", to: "/settings/accounts", icon: <Glyph name="account" />, permission: "account.read", group: "settings", route: accounts },
  { id: "tokens", to: "/settings/tokens", icon: <Glyph name="token" />, permission: "token.read", group: "settings", route: tokens },
  { id: "audit", to: "/settings/audit", icon: <Glyph name="seal" />, permission: "audit.read", group: "settings", route: audit },
];

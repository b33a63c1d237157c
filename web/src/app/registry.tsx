// The one file a feature adds itself to: its route, its entry in the navigation,
// its permission. The label is nav.<id> in locales/.

import { createRoute, type AnyRoute } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { alertsSearch } from "@/features/alerts/search";
import { logsSearch } from "@/features/logs/search";
import { overviewSearch } from "@/features/overview/search";
import { rulesSearch } from "@/features/rules/search";
import { sourcesSearch } from "@/features/sources/search";
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

export const tree = root.addChildren([overview, logs, alerts, rules, sources, account]);

/** One entry of the navigation. */
export interface NavEntry {
  id: string; // label is nav.<id>
  to: string;
  icon: ReactNode;
  permission?: Permission; // without it the entry is not shown
  letter?: string; // `g` and then this letter goes there
  route: AnyRoute;
}

export const nav: NavEntry[] = [
  { id: "overview", to: "/", icon: <Glyph name="overview" />, letter: "o", route: overview },
  { id: "logs", to: "/logs", icon: <Glyph name="logs" />, permission: "log.read", letter: "l", route: logs },
  { id: "alerts", to: "/alerts", icon: <Glyph name="alerts" />, permission: "alert.read", letter: "a", route: alerts },
  { id: "rules", to: "/rules", icon: <Glyph name="rules" />, permission: "rule.read", letter: "r", route: rules },
  { id: "sources", to: "/sources", icon: <Glyph name="sources" />, permission: "logsource.read", letter: "s", route: sources },
];

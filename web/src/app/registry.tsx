// The one file a feature adds itself to: its route, its entry in the navigation,
// its permission. The label is nav.<id> in locales/.

import { createRoute, type AnyRoute } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { logsSearch } from "@/features/logs/search";
import { overviewSearch } from "@/features/overview/search";
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

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: page(undefined, () => import("@/features/session/AccountPage")),
});

export const tree = root.addChildren([overview, logs, account]);

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
];

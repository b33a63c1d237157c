import { createRouter } from "@tanstack/react-router";
import { parseSearch, stringifySearch } from "./address";
import { tree } from "./registry";

/** The console's addresses. */
export const router = createRouter({ routeTree: tree, parseSearch, stringifySearch, defaultPreload: "intent", defaultPreloadDelay: 80 });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

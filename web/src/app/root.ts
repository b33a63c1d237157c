import { createRootRoute } from "@tanstack/react-router";
import { Gate } from "./Gate";
import { NotFound } from "./NotFound";

/** The route above all pages: it shows set-up or sign-in until somebody is here. */
export const root = createRootRoute({ component: Gate, notFoundComponent: NotFound });

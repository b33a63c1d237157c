import createClient, { type Middleware } from "openapi-fetch";
import { noteServerTime } from "./clock";
import type { paths } from "./contract";
import { problemFrom } from "./problem";

type Listener = () => void;
let signedOut: Listener = () => {};

/** Calls listener whenever the server says that the session is over. */
export function onSignedOut(listener: Listener): void {
  signedOut = listener;
}

const watch: Middleware = {
  onResponse({ response, schemaPath }) {
    const date = response.headers.get("Date");
    // The header has whole seconds; the middle of the second is the best guess.
    if (date) noteServerTime(Date.parse(date) + 500, Date.now());
    if (response.status === 401 && !schemaPath.startsWith("/api/v1/session") && schemaPath !== "/api/v1/setup") signedOut();
  },
};

/** The only way the console asks the server for something. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  pathSerializer: (path, values) => path.replace(/\{(\w+)\}/g, (_, name: string) => encodePath(String(values[name] ?? ""))),
});
api.use(watch);

/** Slashes stay: the id of an obligation has them. */
function encodePath(value: string): string {
  return value.split("/").map(encodeURIComponent).join("/");
}

type Outcome<T> = { data?: T; error?: unknown; response: Response };

/** Returns the answer's body, or throws the problem. */
export async function must<T>(pending: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await pending;
  if (error !== undefined || !response.ok) throw problemFrom(error, response);
  return data as T;
}

import type { ProblemBody } from "./contract";

/** What went wrong with a request, as the console shows it. */
export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: { location: string; message: string }[];
  /** Seconds after which the server wants to be asked again; 0 when it did not say. */
  readonly retryAfter: number;

  constructor(body: ProblemBody, status: number, requestId = "", retryAfter = 0) {
    super(body.detail || body.title || body.code || `HTTP ${status}`);
    this.name = "Problem";
    this.code = body.code ?? (status === 0 ? "client.unreachable" : "client.unreadable");
    this.status = status;
    this.title = body.title ?? "";
    this.detail = body.detail ?? "";
    this.requestId = body.request_id ?? requestId;
    this.errors = (body.errors ?? []).map((e) => ({ location: e.location ?? "", message: e.message ?? "" }));
    this.retryAfter = retryAfter;
  }
}

/** Reads a refused answer. A body that is no problem leaves code and texts empty. */
export function problemFrom(body: unknown, response: Response): Problem {
  const known = typeof body === "object" && body !== null ? (body as ProblemBody) : {};
  const retry = Number(response.headers.get("Retry-After"));
  return new Problem(known, response.status, response.headers.get("X-Request-Id") ?? "", Number.isFinite(retry) ? retry : 0);
}

/** Makes a problem of whatever was thrown; a server that cannot be reached has status 0. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ detail: error instanceof Error ? error.message : String(error) }, 0);
}

/** The column of a query that was not understood, counted from 1; 0 when the problem is another. */
export function queryColumn(error: unknown): number {
  if (!(error instanceof Problem) || error.code !== "log.bad_query") return 0;
  for (const text of [...error.errors.map((e) => e.message), error.detail]) {
    const found = /column (\d+)/.exec(text);
    if (found) return Number(found[1]);
  }
  return 0;
}

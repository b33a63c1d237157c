import { expect, it } from "vitest";
import { problemText } from "@/shared/ErrorBox";
import { asProblem, problemFrom, queryColumn } from "./problem";

const refused = (status: number, body: unknown, headers: Record<string, string> = {}) => problemFrom(body, new Response(null, { status, headers }));

it("reads a problem", () => {
  const p = refused(422, { code: "alert.note_missing", title: "t", detail: "d", request_id: "r1", errors: [{ location: "body.note", message: "m" }] });
  expect({ ...p }).toMatchObject({ code: "alert.note_missing", status: 422, title: "t", detail: "d", requestId: "r1", errors: [{ location: "body.note", message: "m" }] });
});
it("takes the request id from the header when the body is no problem", () => expect(refused(502, "<html>", { "X-Request-Id": "r2" })).toMatchObject({ code: "client.unreadable", requestId: "r2" }));
it("reads Retry-After", () => expect(refused(429, {}, { "Retry-After": "7" }).retryAfter).toBe(7));
it("a fetch that failed has status 0", () => expect(asProblem(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, code: "client.unreachable" }));

it.each([
  { name: "in the errors", body: { code: "log.bad_query", errors: [{ location: "query", message: "column 7: unexpected )" }] }, want: 7 },
  { name: "in the detail", body: { code: "log.bad_query", detail: "column 12: open quote" }, want: 12 },
  { name: "of another problem", body: { code: "log.too_slow", detail: "column 12" }, want: 0 },
])("the column $name", ({ body, want }) => expect(queryColumn(refused(400, body))).toBe(want));

it.each([
  { name: "its code's", body: { code: "log.bad_query", title: "t" }, status: 400, want: "problem.log.bad_query" },
  { name: "its status's", body: { code: "x.y", title: "t" }, status: 403, want: "status.403" },
  { name: "one for all failures of the server", body: { code: "x.y" }, status: 503, want: "status.internal" },
  { name: "the server's title", body: { code: "x.y", title: "t" }, status: 418, want: "t" },
])("the words are $name", ({ body, status, want }) => {
  const known = new Set(["problem.log.bad_query", "status.403", "status.internal"]);
  expect(problemText(refused(status, body), (key) => (known.has(key) ? key : undefined))).toBe(want);
});

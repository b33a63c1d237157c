// Names for the shapes of the API. They stand by hand until the server's
// OpenAPI document exists; then each becomes an alias of schema.d.ts.

export type Text = { zh: string; en: string };
export type Level = "critical" | "high" | "medium" | "low" | "informational";
export type Named = { id: string; name: string };

export type Session = {
  signed_in: boolean;
  setup_needed: boolean;
  account?: { id: string; name: string; role: string };
  permissions: string[];
  server_time: string;
  zone: string;
  version: string;
  demo: boolean;
  secure: boolean;
  expires_at?: string;
};

export type LogEvent = {
  seq: number;
  time: string;
  received: string;
  clock_off: boolean;
  source: Named;
  transport: string;
  peer: string;
  class: string;
  raw: string;
  raw_base64?: string;
  fields: Record<string, unknown>;
};
export type LogPage = { events: LogEvent[]; next: string; took_ms: number; scanned: number; partial: boolean; reason: string };
export type ValueCount = { value: string; count: number };
export type LogBucket = { from: string; to: string; count: number; counts?: Record<string, number> };
export type LogStats = {
  total: number;
  histogram: LogBucket[];
  top: ValueCount[];
  took_ms: number;
  scanned: number;
  partial: boolean;
  reason: string;
};
export type LogField = { name: string; count: number; values: ValueCount[] };
export type LogFields = { items: LogField[]; sampled: number };
export type LogProof = {
  seq: number;
  leaf: string;
  size: number;
  root: string;
  path: string[];
  entry_base64: string;
  checkpoint: string;
  verified: boolean;
};

export type AlertStats = {
  open: number;
  by_level: { level: Level; count: number }[];
  by_status: { status: string; count: number }[];
  top_rules: { rule_id: string; title: Text; level: Level; count: number; events: number }[];
  buckets: { from: string; to: string; counts: Record<string, number> }[];
};

export type Source = {
  id: string;
  name: string;
  kind: "http" | "syslog" | "otlp";
  state: "waiting" | "delivering" | "silent";
  silent_after_seconds: number;
  created_at: string;
  first_received?: string;
  last_received?: string;
  received: number;
  per_minute: number;
};
export type SourceActivity = { buckets: { from: string; to: string; counts: Record<string, number> }[]; sources: Named[] };

export type Station = {
  version: string;
  started_at: string;
  demo: boolean;
  ledger: {
    state: string;
    reason: string;
    size: number;
    root: string;
    segments: number;
    stored_bytes: number;
    raw_bytes: number;
    oldest?: string;
    checkpoint: { size: number; time?: string; error: string };
    copies: { place: string; time?: string; size: number; error: string }[];
    damage: { file: string; offset: number; first: number; next: number; reason: string }[];
  };
  index: { indexed: number; lag: number };
  detect: { cursor: number; lag: number };
  listeners: { name: string; address: string }[];
};

export type DutyStatus = "met" | "partly" | "gap" | "unknown" | "not_applicable";
export type FactRow = { id: string; name: string; state: DutyStatus; reason: string; from?: string; to?: string; link?: string };
export type Obligation = {
  id: string;
  provision: string;
  number: string;
  kind: string;
  title: Text;
  summary: Text;
  norm: { id: string; title: Text; version: string; in_force: string };
  numbers: { version: string; number: string; status: string; in_force: string; last_day?: string }[];
  source_status: "found" | "derived" | "recalled";
  status: DutyStatus;
  since?: string;
  valid_at: string;
  known_at: string;
  controls: { id: string; title: Text; status: DutyStatus; evidence: string[] }[];
  evidence: {
    id: string;
    provider: string;
    control: string;
    fact: {
      state: DutyStatus;
      summary: string;
      values: { name: string; text: string }[];
      population: number;
      failing: number;
      rows: FactRow[];
      more: boolean;
      query?: string;
    };
    population: number;
    failing: number;
    period: { from?: string; to?: string };
    links: string[];
    valid_at: string;
    known_at: string;
    confirmed_until: string;
    fresh: boolean;
    seq: number;
  }[];
  exposure: {
    sanction: string;
    number: string;
    version: string;
    in_force: string;
    last_day?: string;
    applies: boolean;
    when: string;
    conditions: Text;
    optional: boolean;
    unit_fine?: { min: number; max: number };
    person_fine?: { min: number; max: number };
    currency: string;
    persons: Text[];
    measures: Text[];
    authority: Text;
    status: string;
  }[];
  not_legal_advice: Text;
};

export type ProblemBody = {
  type?: string;
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  request_id?: string;
  errors?: { location?: string; message?: string }[];
};

type Body<T> = { content: { "application/json": T } };
type Answers<R, S extends number> = { [K in S]: Body<R> } & { default: { content: { "application/problem+json": ProblemBody } } };
type Get<R, Q = never, P = never> = { get: { parameters: { query?: Q; path: P }; responses: Answers<R, 200> } };
type NoPath = { path?: never };
type GetPlain<R, Q = never> = { get: { parameters: { query?: Q } & NoPath; responses: Answers<R, 200> } };

type Range = { from?: string; to?: string };
type LogQuery = Range & { query?: string };

export type paths = {
  "/api/v1/session": GetPlain<Session> & {
    post: { requestBody: Body<{ name: string; password: string }>; responses: Answers<Session, 200> };
    delete: { responses: { 204: { content?: never } } };
  };
  "/api/v1/session/password": {
    post: { requestBody: Body<{ current: string; new: string }>; responses: { 204: { content?: never } } };
  };
  "/api/v1/setup": {
    post: { requestBody: Body<{ code: string; name: string; password: string }>; responses: Answers<Session, 201> };
  };
  "/api/v1/logs": GetPlain<LogPage, LogQuery & { limit?: number; cursor?: string; order?: "desc" | "asc" }>;
  "/api/v1/logs/stats": GetPlain<LogStats, LogQuery & { by?: string; buckets?: number; top?: string; limit?: number }>;
  "/api/v1/logs/fields": GetPlain<LogFields, LogQuery>;
  "/api/v1/logs/{seq}": Get<LogEvent, never, { seq: number }>;
  "/api/v1/logs/{seq}/context": Get<{ events: LogEvent[] }, { before?: number; after?: number }, { seq: number }>;
  "/api/v1/logs/{seq}/proof": Get<LogProof, never, { seq: number }>;
  "/api/v1/alerts/stats": GetPlain<AlertStats, Range>;
  "/api/v1/sources": GetPlain<{ items: Source[]; next: string }, { state?: string; limit?: number; cursor?: string }>;
  "/api/v1/sources/activity": GetPlain<SourceActivity, Range>;
  "/api/v1/station": GetPlain<Station>;
  "/api/v1/compliance/obligations/{id}": Get<Obligation, { valid_at?: string; known_at?: string }, { id: string }>;
};

// Names for the shapes of the API that several parts use. The shapes themselves
// are generated (schema.d.ts): nobody types one twice.

import type { components } from "./schema";

type Schemas = components["schemas"];
export type { paths } from "./schema";

export type Text = Schemas["ComplyText"];
export type Named = Schemas["AlertNamed"];
export type Session = Schemas["AuthnSession"];
export type Level = Schemas["AlertItem"]["level"];

export type LogEvent = Schemas["SearchEvent"];
export type LogPage = Schemas["SearchLogsResponse"];
export type LogStats = Schemas["GetLogStatsResponse"];
export type LogField = Schemas["SearchField"];
export type LogFields = Schemas["ListLogFieldsResponse"];
export type LogProof = Schemas["GetLogProofResponse"];

export type AlertStats = Schemas["GetAlertStatsResponse"];
export type Source = Schemas["LogsourceItem"];
export type SourceActivity = Schemas["GetSourceActivityResponse"];
export type Station = Schemas["GetStationResponse"];

export type DutyStatus = Schemas["ComplyObligation"]["status"];
export type FactRow = Schemas["ComplyRow"];
export type Obligation = Schemas["ComplyObligation"];

export type ProblemBody = Partial<Schemas["Problem"]>;

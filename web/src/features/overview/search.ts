import { moment } from "@/shared/search";

/** The state of the overview, as it stands in the address. */
export interface OverviewSearch {
  from?: string;
  to?: string;
}

export function overviewSearch(raw: Record<string, unknown>): OverviewSearch {
  return { from: moment(raw.from), to: moment(raw.to) };
}

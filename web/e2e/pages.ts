/** Every page with an address, and what is there when it is loaded. Shots and the accessibility test take them from here. */
export const pages = [
  { name: "overview", path: "/", ready: ".fs-duty" },
  { name: "logs", path: "/logs", ready: ".fs-grid-row" },
  { name: "logs-record", path: "/logs?columns=user.name,source.ip&row=1000", ready: ".fs-drawer-fields" },
  { name: "logs-context", path: "/logs?row=1000&tab=context", ready: ".fs-context" },
  { name: "logs-seal", path: "/logs?row=1000&tab=proof", ready: ".fs-proof" },
  { name: "logs-live", path: "/logs?live=1", ready: ".fs-logs-line .fs-chip" },
  { name: "logs-nothing", path: "/logs?query=nothingiscalledthis", ready: ".fs-empty" },
  { name: "alerts", path: "/alerts", ready: ".fs-page-list .fs-grid-row, .fs-page-list .fs-empty" },
  { name: "suppressions", path: "/alerts?view=suppressions", ready: "#alerts-view .fs-plain, #alerts-view .fs-empty" },
  { name: "rules", path: "/rules", ready: ".fs-grid-row" },
  { name: "rule", path: "/rules?id=134da567-2c32-56fc-9ab6-c9b3a6e1ac0f", ready: ".fs-side pre" },
  { name: "sources", path: "/sources", ready: ".fs-grid-row" },
  { name: "strangers", path: "/sources?view=strangers", ready: "#sources-view .fs-plain, #sources-view .fs-empty" },
  { name: "gaps", path: "/sources?view=gaps", ready: "#sources-view .fs-plain, #sources-view .fs-empty" },
  { name: "account", path: "/account", ready: ".fs-account form" },
];

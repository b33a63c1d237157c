/** Every page with an address, and what is there when it is loaded. Shots and the accessibility test take them from here. */
export const pages = [
  { name: "overview", path: "/", ready: ".fs-duty" },
  { name: "logs", path: "/logs", ready: ".fs-grid-row" },
  { name: "logs-record", path: "/logs?columns=user.name,source.ip&row=1000", ready: ".fs-drawer-fields" },
  { name: "logs-context", path: "/logs?row=1000&tab=context", ready: ".fs-context" },
  { name: "logs-seal", path: "/logs?row=1000&tab=proof", ready: ".fs-proof" },
  { name: "logs-live", path: "/logs?live=1", ready: ".fs-logs-line .fs-chip" },
  { name: "logs-nothing", path: "/logs?query=nothingiscalledthis", ready: ".fs-empty" },
  { name: "account", path: "/account", ready: ".fs-account form" },
];

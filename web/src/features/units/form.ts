import type { Contact, Settings, Unit } from "./queries";

/** A unit as it is typed. */
export interface UnitForm {
  zh: string;
  en: string;
  kind: string;
  code: string;
  industry: string;
  operator: Settings["operator"] & string;
  credit: string;
  contacts: Contact[];
}

export const emptyForm: UnitForm = { zh: "", en: "", kind: "department", code: "", industry: "", operator: "other", credit: "", contacts: [] };

export function formOf(u: Pick<Unit, "name" | "kind" | "code" | "industry" | "operator" | "credit_code" | "contacts">): UnitForm {
  return { zh: u.name.zh ?? "", en: u.name.en ?? "", kind: u.kind, code: u.code, industry: u.industry, operator: u.operator, credit: u.credit_code, contacts: u.contacts };
}

/** What goes to the server; contacts without a name and anything else are left out. */
export function bodyOf(f: UnitForm): Omit<Settings, "parent" | "position"> {
  const contacts = f.contacts
    .map((c) => ({ name: c.name.trim(), role: c.role?.trim() ?? "", phone: c.phone?.trim() ?? "", email: c.email?.trim() ?? "" }))
    .filter((c) => Object.values(c).some((v) => v !== ""));
  return { name: { zh: f.zh.trim(), en: f.en.trim() }, kind: f.kind, code: f.code.trim(), industry: f.industry, operator: f.operator, credit_code: f.credit.trim(), contacts };
}

/** The one thing that is checked here: a name in one language, a name for each contact. The rest is the server's. */
export function wrongIn(f: UnitForm): "name" | "contact" | undefined {
  if (f.zh.trim() === "" && f.en.trim() === "") return "name";
  if (bodyOf(f).contacts?.some((c) => c.name === "")) return "contact";
  return undefined;
}

import { expect, it } from "vitest";
import { bodyOf, emptyForm, wrongIn } from "./form";

const contact = (name: string, phone = "") => ({ name, role: "", phone, email: "" });

it.each([
  ["no name", {}, "name"],
  ["a name of spaces", { zh: "  " }, "name"],
  ["an English name only", { en: "School" }, undefined],
  ["a contact without a name", { zh: "学校", contacts: [contact("", "010-1")] }, "contact"],
  ["an empty line of contacts", { zh: "学校", contacts: [contact("")] }, undefined],
])("finds what is wrong in %s", (_, part, want) => expect(wrongIn({ ...emptyForm, ...part })).toBe(want));

it("sends what was typed without blanks and empty contacts", () => {
  expect(bodyOf({ ...emptyForm, zh: " 学校 ", code: " X1 ", contacts: [contact(" 李娜 ", " 010 "), contact("")] })).toEqual({
    name: { zh: "学校", en: "" }, kind: "department", code: "X1", industry: "", operator: "other", credit_code: "", contacts: [{ name: "李娜", role: "", phone: "010", email: "" }],
  });
});

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "@/shared/Form";
import { Glyph } from "@/shared/Glyph";
import type { UnitForm } from "./form";
import type { Version } from "./queries";
import { useWord } from "./words";

interface UnitFieldsProps {
  form: UnitForm;
  change: (part: Partial<UnitForm>) => void;
  wrong?: "name" | "contact";
}

/** The fields of a unit. */
export function UnitFields({ form, change, wrong }: UnitFieldsProps) {
  const { t, i18n } = useTranslation("units");
  const { words } = useWord();
  const label = (w: { zh: string; en: string }) => (i18n.language === "zh-CN" ? w.zh : w.en);
  const select = (name: "kind" | "industry" | "operator", list: { id: string; zh: string; en: string }[] | undefined, help?: string) => (
    <Field label={t(`column.${name}`)} help={help}>
      {(props) => (
        <select {...props} className="fs-input" value={form[name]} onChange={(e) => change({ [name]: e.target.value })}>
          {name === "industry" && <option value="">{t("form.unsaid")}</option>}
          {list?.map((w) => (
            <option key={w.id} value={w.id}>
              {label(w)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <>
      <div className="fs-form-pair">
        <Field label={t("form.zh")} error={wrong === "name" ? t("form.needName") : undefined}>
          {(props) => <input {...props} lang="zh-CN" className="fs-input" maxLength={100} autoComplete="off" value={form.zh} onChange={(e) => change({ zh: e.target.value })} />}
        </Field>
        <Field label={t("form.en")}>{(props) => <input {...props} lang="en" className="fs-input" maxLength={200} autoComplete="off" value={form.en} onChange={(e) => change({ en: e.target.value })} />}</Field>
      </div>
      <div className="fs-form-pair">
        {select("kind", words?.kinds)}
        <Field label={t("column.code")} help={t("form.codeHelp")}>
          {(props) => <input {...props} className="fs-input fs-mono" maxLength={64} autoComplete="off" spellCheck={false} value={form.code} onChange={(e) => change({ code: e.target.value })} />}
        </Field>
      </div>
      <div className="fs-form-pair">
        {select("industry", words?.industries)}
        {select("operator", words?.operators, t("form.operatorHelp"))}
      </div>
      <Field label={t("form.credit")}>{(props) => <input {...props} className="fs-input fs-mono" maxLength={40} autoComplete="off" spellCheck={false} value={form.credit} onChange={(e) => change({ credit: e.target.value })} />}</Field>
      <Contacts form={form} change={change} wrong={wrong === "contact"} />
    </>
  );
}

function Contacts({ form, change, wrong }: { form: UnitForm; change: UnitFieldsProps["change"]; wrong: boolean }) {
  const { t } = useTranslation("units");
  const set = (i: number, part: Partial<UnitForm["contacts"][number]>) => change({ contacts: form.contacts.map((c, k) => (k === i ? { ...c, ...part } : c)) });
  return (
    <fieldset>
      <legend>{t("contacts")}</legend>
      {wrong && <p className="fs-field-error">{t("form.needContact")}</p>}
      {form.contacts.map((c, i) => (
        <div key={i} className="fs-unit-contact">
          {(["name", "role", "phone", "email"] as const).map((name) => (
            <input key={name} className="fs-input" aria-label={t("form.contactField", { n: i + 1, field: t(`contact.${name}`) })} placeholder={t(`contact.${name}`)} maxLength={100} autoComplete="off" value={c[name] ?? ""} onChange={(e) => set(i, { [name]: e.target.value })} />
          ))}
          <button type="button" className="fs-btn fs-btn-small" aria-label={t("form.removeContact", { n: i + 1 })} onClick={() => change({ contacts: form.contacts.filter((_, k) => k !== i) })}>
            <Glyph name="close" size={12} />
          </button>
        </div>
      ))}
      <p>
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={form.contacts.length >= 20} onClick={() => change({ contacts: [...form.contacts, { name: "", role: "", phone: "", email: "" }] })}>
          <Glyph name="plus" size={12} />
          {t("form.addContact")}
        </button>
      </p>
    </fieldset>
  );
}

interface UnitChoiceProps {
  label: string;
  root?: string; // what no unit means; absent: one must be chosen
  value: string;
  units: readonly Version[];
  error?: string;
  onChange: (id: string) => void;
}

const most = 200; // choices at once; more are found by their names

/** One unit of the tree, narrowed by typing. */
export function UnitChoice({ label, root, value, units, error, onChange }: UnitChoiceProps) {
  const { t } = useTranslation("units");
  const word = useWord();
  const [part, setPart] = useState("");
  const wanted = part.trim().toLowerCase();
  const found = units.filter((u) => !u.dissolved && (u.unit === value || [u.name.zh, u.name.en, u.code].some((x) => x?.toLowerCase().includes(wanted))));
  return (
    <Field label={label} error={error} help={found.length > most ? t("form.manyUnits", { n: found.length - most }) : undefined}>
      {(props) => (
        <>
          {units.length > 8 && <input type="search" className="fs-input" aria-label={t("form.findUnit")} placeholder={t("form.findUnit")} value={part} onChange={(e) => setPart(e.target.value)} />}
          <select {...props} className="fs-input" value={value} onChange={(e) => onChange(e.target.value)}>
            <option value="">{root ?? t("form.choose")}</option>
            {found.slice(0, most).map((u) => (
              <option key={u.unit} value={u.unit}>
                {word.name(u.name)} {u.code && `(${u.code})`}
              </option>
            ))}
          </select>
        </>
      )}
    </Field>
  );
}

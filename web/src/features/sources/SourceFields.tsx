import { useTranslation } from "react-i18next";
import { Field } from "@/shared/Form";
import { charsets, fieldsOf, formats, spanUnits, type SourceForm, type SpanUnit, type Wrong } from "./form";
import { kinds, type Kind } from "./search";

interface SourceFieldsProps {
  form: SourceForm;
  change: (part: Partial<SourceForm>) => void;
  wrong: Wrong;
  fixedKind?: boolean; // the kind of a source never changes
}

/** The fields of a source: only those its kind has. */
export function SourceFields({ form, change, wrong, fixedKind }: SourceFieldsProps) {
  const { t } = useTranslation("sources");
  const has = fieldsOf(form.kind);
  const say = (name: keyof Wrong) => (wrong[name] ? t(`wrong.${name}`) : undefined);
  return (
    <>
      {!fixedKind && (
        <fieldset>
          <legend>{t("form.kind")}</legend>
          {kinds.map((kind: Kind) => (
            <label key={kind} className="fs-check">
              <input type="radio" name="kind" checked={form.kind === kind} onChange={() => change({ kind })} />
              <span>
                {t(`kind.${kind}`)} <span className="fs-second">{t(`form.kind_${kind}`)}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <Field label={t("form.name")} help={t("form.nameHelp")} error={say("name")}>
        {(props) => <input {...props} className="fs-input" maxLength={100} autoComplete="off" value={form.name} onChange={(e) => change({ name: e.target.value })} />}
      </Field>
      <Field label={t("form.allow")} help={t(form.kind === "syslog" ? "form.allowSyslog" : "form.allowToken")} error={say("allow")}>
        {(props) => <textarea {...props} className="fs-input fs-mono" rows={2} spellCheck={false} value={form.allow} onChange={(e) => change({ allow: e.target.value })} />}
      </Field>
      {has.certificate && (
        <Field label={t("form.certificate")} help={<>{t("form.certificateHelp")} <code>openssl x509 -in client.pem -noout -fingerprint -sha256</code></>} error={say("certificate")}>
          {(props) => <input {...props} className="fs-input fs-mono" spellCheck={false} autoComplete="off" value={form.certificate} onChange={(e) => change({ certificate: e.target.value })} />}
        </Field>
      )}
      <div className="fs-form-pair">
        <Field label={t("form.silent")} help={t("form.silentHelp")} error={say("silent")}>
          {(props) => (
            <span className="fs-source-span">
              <input {...props} className="fs-input" inputMode="numeric" value={form.silent} onChange={(e) => change({ silent: e.target.value })} />
              <select className="fs-input" aria-label={t("form.unit")} value={form.silentUnit} onChange={(e) => change({ silentUnit: e.target.value as SpanUnit })}>
                {(Object.keys(spanUnits) as SpanUnit[]).map((unit) => (
                  <option key={unit} value={unit}>
                    {t(`unit.${unit}`)}
                  </option>
                ))}
              </select>
            </span>
          )}
        </Field>
        <Field label={t("form.rate")} help={t("form.rateHelp")} error={say("rate")}>
          {(props) => <input {...props} className="fs-input" inputMode="numeric" value={form.rate} onChange={(e) => change({ rate: e.target.value })} />}
        </Field>
      </div>
      {has.reading && (
        <details className="fs-source-more" open={form.format !== "" || form.charset !== "" || form.zone !== ""}>
          <summary>{t("form.reading")}</summary>
          <div className="fs-form-pair">
            <Field label={t("form.format")} help={t("form.formatHelp")}>
              {(props) => (
                <select {...props} className="fs-input" value={form.format} onChange={(e) => change({ format: e.target.value })}>
                  <option value="">{t("form.auto")}</option>
                  {formats.map((f) => (
                    <option key={f} value={f}>
                      {t(`format.${f}`)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={t("form.charset")}>
              {(props) => (
                <select {...props} className="fs-input" value={form.charset} onChange={(e) => change({ charset: e.target.value })}>
                  <option value="">{t("form.charsetDefault")}</option>
                  {charsets.map((c) => (
                    <option key={c} value={c}>
                      {c.toUpperCase()}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          <Field label={t("form.zone")} help={t("form.zoneHelp")}>
            {(props) => <input {...props} className="fs-input fs-mono" placeholder="Asia/Shanghai" spellCheck={false} autoComplete="off" value={form.zone} onChange={(e) => change({ zone: e.target.value })} />}
          </Field>
        </details>
      )}
    </>
  );
}

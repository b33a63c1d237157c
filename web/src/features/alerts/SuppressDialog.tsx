import { useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useZone } from "@/app/session";
import { Field, FormDialog, ReasonField } from "@/shared/Form";
import { stamp } from "@/shared/time";
import { useText } from "@/shared/useText";
import { useSuppress, type Alert } from "./queries";

const hour = 3_600_000;
const spans = { h1: hour, h8: 8 * hour, d1: 24 * hour, d7: 168 * hour, d30: 720 * hour } as const;
type SpanName = keyof typeof spans;

/** Hides what a rule, an entity or a source brings, for a time and with a reason. */
export function SuppressDialog({ alert, close }: { alert: Alert; close: () => void }) {
  const { t } = useTranslation("alerts");
  const zone = useZone();
  const title = useText();
  const suppress = useSuppress();
  const [rule, setRule] = useState(true);
  const [entity, setEntity] = useState(true);
  const [source, setSource] = useState("");
  const [length, setLength] = useState<SpanName>("d1");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const noScope = !rule && !entity && source === "";
  const until = serverNow() + spans[length];
  const submit = () => {
    setTried(true);
    if (noScope || reason.trim() === "") return;
    suppress.mutate(
      {
        reason: reason.trim(),
        expires: new Date(serverNow() + spans[length]).toISOString(),
        ...(rule ? { rule_id: alert.rule_id } : {}),
        ...(entity ? { entity: alert.entity } : {}),
        ...(source ? { source } : {}),
      },
      { onSuccess: close },
    );
  };
  return (
    <FormDialog title={t("suppress.title")} act={t("suppress.do")} cancel={t("dialog.cancel")} busy={suppress.isPending} error={suppress.error} submit={submit} close={close}>
      <fieldset>
        <legend>{t("suppress.scope")}</legend>
        <label className="fs-check">
          <input type="checkbox" checked={rule} onChange={(e) => setRule(e.target.checked)} />
          <span>
            {t("column.rule")}: {title(alert.title)}
          </span>
        </label>
        <label className="fs-check">
          <input type="checkbox" checked={entity} onChange={(e) => setEntity(e.target.checked)} />
          <span>
            {t("column.entity")}: <code>{alert.entity}</code>
          </span>
        </label>
        {alert.sources.map((s) => (
          <label key={s.id} className="fs-check">
            <input type="checkbox" checked={source === s.id} onChange={(e) => setSource(e.target.checked ? s.id : "")} />
            <span>
              {t("column.sources")}: {s.name}
            </span>
          </label>
        ))}
        {tried && noScope && <p className="fs-field-error">{t("suppress.needScope")}</p>}
      </fieldset>
      <Field label={t("suppress.until")} help={t("suppress.untilAt", { time: stamp(until, zone, "minutes") })}>
        {(props) => (
          <select {...props} className="fs-input" value={length} onChange={(e) => setLength(e.target.value as SpanName)}>
            {(Object.keys(spans) as SpanName[]).map((name) => (
              <option key={name} value={name}>
                {t(`suppress.span.${name}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ReasonField label={t("suppress.reason")} value={reason} onChange={setReason} error={tried && reason.trim() === "" ? t("dialog.needNote") : undefined} />
      <p className="fs-notice">{t("suppress.will")}</p>
    </FormDialog>
  );
}

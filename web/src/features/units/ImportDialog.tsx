import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, FormDialog } from "@/shared/Form";
import { whole } from "@/shared/number";
import { cell } from "@/shared/visible";
import { useImport, usePreview, type Imported, type Mode } from "./queries";

const modes: Mode[] = ["stop", "skip", "update"];
const most = 500; // rows of the preview that are shown

/** Takes a file, says what each row would do, and does just that. */
export default function ImportDialog({ close }: { close: () => void }) {
  const { t } = useTranslation("units");
  const [file, setFile] = useState<File>();
  const [mode, setMode] = useState<Mode>("stop");
  const [tried, setTried] = useState(false);
  const preview = usePreview();
  const take = useImport();
  const said = preview.data;
  const forget = () => {
    preview.reset();
    take.reset();
  };
  const bad = said?.counts.error ?? 0;
  const useful = (said?.counts.create ?? 0) + (said?.counts.update ?? 0);
  const stopped = mode === "stop" && bad > 0;
  if (take.data) {
    return (
      <FormDialog title={t("import.done")} act={t("import.close")} cancel={t("cancel")} submit={close} close={close}>
        <Counts result={take.data} />
        <Rows result={take.data} />
      </FormDialog>
    );
  }
  const submit = () => {
    setTried(true);
    if (!file) return;
    if (!said) preview.mutate({ file, mode });
    else if (!stopped && useful > 0) take.mutate({ file, mode, plan: said.plan });
  };
  return (
    <FormDialog title={t("import.title")} act={t(said ? "import.take" : "import.preview")} cancel={t("cancel")} busy={preview.isPending || take.isPending} error={preview.error ?? take.error} submit={submit} close={close}>
      <Field label={t("import.file")} help={t("import.fileHelp")} error={tried && !file ? t("import.needFile") : undefined}>
        {(props) => (
          <input
            {...props}
            type="file"
            className="fs-input"
            accept=".csv,.xlsx"
            onChange={(e) => {
              setFile(e.target.files?.[0]);
              forget();
            }}
          />
        )}
      </Field>
      <fieldset>
        <legend>{t("import.mode")}</legend>
        {modes.map((m) => (
          <label key={m} className="fs-check">
            <input
              type="radio"
              name="mode"
              checked={mode === m}
              onChange={() => {
                setMode(m);
                forget();
              }}
            />
            <span>{t(`mode.${m}`)}</span>
          </label>
        ))}
      </fieldset>
      {said && (
        <>
          <Counts result={said} />
          {stopped && <p className="fs-notice">{t("import.stopped")}</p>}
          {!stopped && useful === 0 && <p className="fs-notice">{t("import.nothing")}</p>}
          <Rows result={said} />
        </>
      )}
    </FormDialog>
  );
}

function Counts({ result }: { result: Imported }) {
  const { t } = useTranslation("units");
  const counts = Object.entries(result.counts).filter(([, n]) => n > 0);
  return (
    <p role="status">
      {counts.map(([action, n]) => (
        <span key={action} className="fs-word">
          {t(`action.${action}`)} {whole(n)}
        </span>
      ))}
      {result.ignored.length > 0 && <span className="fs-second">{t("import.ignored", { columns: result.ignored.map((h) => cell(h, 60).text).join(", ") })}</span>}
    </p>
  );
}

/** The rows, those with errors first. */
function Rows({ result }: { result: Imported }) {
  const { t } = useTranslation("units");
  const rows = [...result.rows].sort((a, b) => Number(b.errors.length > 0) - Number(a.errors.length > 0));
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
    <div className="fs-unit-rows" tabIndex={0} role="region" aria-label={t("import.rows")}>
      <table className="fs-plain">
        <thead>
          <tr>
            <th scope="col" className="fs-num">{t("import.row")}</th>
            <th scope="col">{t("column.code")}</th>
            <th scope="col">{t("import.action")}</th>
            <th scope="col">{t("import.why")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((r) => (
            <tr key={r.row}>
              <td className="fs-num">{r.row}</td>
              <td className="fs-mono">{cell(r.code, 64).text || "—"}</td>
              <td>{t(`action.${r.action}`)}</td>
              <td>
                {r.errors.map((e) => (
                  <p key={e.column + e.message} className="fs-field-error">
                    {e.column && `${cell(e.column, 60).text}: `}
                    {cell(e.message, 300).text}
                  </p>
                ))}
                {r.errors.length === 0 && r.changes.length > 0 && r.changes.map((c) => t(`importColumn.${c}`, { defaultValue: c })).join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && <p className="fs-second">{t("import.moreRows", { n: whole(rows.length - most) })}</p>}
    </div>
  );
}

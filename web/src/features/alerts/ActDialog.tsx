import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { Field, FormDialog, ReasonField } from "@/shared/Form";
import { useText } from "@/shared/useText";
import { closeReasons, usePeople, type Act, type ActBody, type Alert, type CloseReason } from "./queries";

interface ActDialogProps {
  act: Exclude<Act, "acknowledge">;
  alerts: Alert[];
  busy: boolean;
  error: unknown;
  run: (body: ActBody) => void;
  close: () => void;
}

const needsNote = { assign: false, close: true, reopen: true, note: true } as const;

/** Says what an act will do and to how many, and asks for what it needs. */
export function ActDialog({ act, alerts, busy, error, run, close }: ActDialogProps) {
  const { t } = useTranslation("alerts");
  const { account } = useSession();
  const title = useText();
  const people = usePeople();
  const [reason, setReason] = useState<CloseReason | "">("");
  const [assignee, setAssignee] = useState(account?.id ?? "");
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const noReason = act === "close" && reason === "";
  const noNote = needsNote[act] && note.trim() === "";
  const submit = () => {
    setTried(true);
    if (noReason || noNote) return;
    run({
      act,
      ids: alerts.map((a) => a.id),
      ...(act === "assign" ? { assignee } : {}),
      ...(act === "close" && reason ? { reason } : {}),
      ...(note.trim() ? { note: note.trim() } : {}),
    });
  };
  const one = alerts.length === 1 ? alerts[0] : undefined;
  return (
    <FormDialog title={one ? `${t(`act.${act}`)} ${one.number}` : t("dialog.title", { act: t(`act.${act}`), n: alerts.length })} act={t(`act.${act}`)} cancel={t("dialog.cancel")} busy={busy} error={error} submit={submit} close={close}>
      {one && <p className="fs-form-note">{title(one.title)} · {one.entity}</p>}
      <p className="fs-form-note fs-second">{t(`will.${act}`, { n: alerts.length })}</p>
      {act === "close" && (
        <Field label={t("dialog.reason")} error={tried && noReason ? t("dialog.needReason") : undefined}>
          {(props) => (
            <select {...props} className="fs-input" value={reason} onChange={(e) => setReason(e.target.value as CloseReason)}>
              <option value="">{t("dialog.choose")}</option>
              {closeReasons.map((r) => (
                <option key={r} value={r}>
                  {t(`reason.${r}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {act === "assign" && (
        <Field label={t("column.assignee")}>
          {(props) => (
            <select {...props} className="fs-input" value={assignee} onChange={(e) => setAssignee(e.target.value)}>
              {account && <option value={account.id}>{t("dialog.me", { name: account.name })}</option>}
              {people.filter((p) => p.id !== account?.id).map((p) => (
                <option key={p.id} value={p.id}>
                  {p.name}
                </option>
              ))}
              <option value="">{t("dialog.nobody")}</option>
            </select>
          )}
        </Field>
      )}
      <ReasonField label={t(needsNote[act] ? `dialog.note_${act}` : "dialog.noteOptional")} value={note} onChange={setNote} error={tried && noNote ? t("dialog.needNote") : undefined} />
    </FormDialog>
  );
}

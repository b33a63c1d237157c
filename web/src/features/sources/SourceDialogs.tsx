import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog, ReasonField } from "@/shared/Form";
import { changeOf, formOf, wrongIn, type SourceForm } from "./form";
import { useEdit, useRenew, useRetire, type SourceDetail } from "./queries";
import { TokenBox } from "./Settings";
import { SourceFields } from "./SourceFields";
import { Dialog } from "@/shared/Dialog";

interface Props {
  source: SourceDetail;
  close: () => void;
}

/** Changes what is known of a source. */
export function EditDialog({ source, close }: Props) {
  const { t } = useTranslation("sources");
  const [form, setForm] = useState<SourceForm>(() => formOf(source));
  const [tried, setTried] = useState(false);
  const edit = useEdit(source.id);
  const wrong = wrongIn(form);
  const submit = () => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    edit.mutate(changeOf(form), { onSuccess: close });
  };
  return (
    <FormDialog title={t("edit.title", { name: source.name })} act={t("edit.do")} cancel={t("cancel")} busy={edit.isPending} error={edit.error} submit={submit} close={close}>
      <SourceFields fixedKind form={form} change={(part) => setForm({ ...form, ...part })} wrong={tried ? wrong : {}} />
    </FormDialog>
  );
}

/** Takes a source out of use; what it sent stays. */
export function RetireDialog({ source, close }: Props) {
  const { t } = useTranslation("sources");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const retire = useRetire(source.id);
  const submit = () => {
    setTried(true);
    if (reason.trim() !== "") retire.mutate(reason.trim(), { onSuccess: close });
  };
  return (
    <FormDialog title={t("retire.title", { name: source.name })} act={t("act.retire")} cancel={t("cancel")} busy={retire.isPending} error={retire.error} submit={submit} close={close}>
      <p className="fs-form-note">{t("retire.will")}</p>
      <ReasonField label={t("retire.reason")} value={reason} onChange={setReason} error={tried && reason.trim() === "" ? t("retire.need") : undefined} />
    </FormDialog>
  );
}

/** Makes a new token and shows it this once. */
export function TokenDialog({ source, close }: Props) {
  const { t } = useTranslation("sources");
  const renew = useRenew(source.id);
  if (renew.data) {
    return (
      <Dialog
        title={t("token.renewed", { name: source.name })}
        close={close}
        footer={
          <button type="button" className="fs-btn fs-btn-main" onClick={close}>
            {t("added.done")}
          </button>
        }
      >
        <TokenBox token={renew.data.token} />
      </Dialog>
    );
  }
  return (
    <FormDialog title={t("token.renewTitle", { name: source.name })} act={t("act.token")} cancel={t("cancel")} busy={renew.isPending} error={renew.error} submit={() => renew.mutate()} close={close}>
      <p className="fs-form-note">{t("token.will")}</p>
    </FormDialog>
  );
}

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/shared/Dialog";
import { FormDialog } from "@/shared/Form";
import { bodyOf, emptyForm, wrongIn, type SourceForm } from "./form";
import { useAdd, type NewSource } from "./queries";
import { Settings, TokenBox } from "./Settings";
import { SourceFields } from "./SourceFields";
import { Waiting } from "./Waiting";

/** Adds a source, then shows its token this once, what its senders need to be told, and whether the first line came. */
export default function AddDialog({ close, done }: { close: () => void; done: (id: string) => void }) {
  const { t } = useTranslation("sources");
  const [form, setForm] = useState<SourceForm>(emptyForm);
  const [tried, setTried] = useState(false);
  const [made, setMade] = useState<NewSource>();
  const add = useAdd();
  const wrong = wrongIn(form);
  if (made) return <Added source={made} close={() => done(made.id)} />;
  const submit = () => {
    setTried(true);
    if (Object.keys(wrong).length === 0) add.mutate(bodyOf(form), { onSuccess: setMade });
  };
  return (
    <FormDialog title={t("add.title")} act={t("add.do")} cancel={t("cancel")} busy={add.isPending} error={add.error} submit={submit} close={close}>
      <SourceFields form={form} change={(part) => setForm({ ...form, ...part })} wrong={tried ? wrong : {}} />
    </FormDialog>
  );
}

/** What follows after a source was made. */
export function Added({ source, close }: { source: NewSource; close: () => void }) {
  const { t } = useTranslation("sources");
  return (
    <Dialog
      title={t("added.title", { name: source.name })}
      close={close}
      footer={
        <button type="button" className="fs-btn fs-btn-main" onClick={close}>
          {t("added.done")}
        </button>
      }
    >
      <div className="fs-form">
        <Waiting id={source.id} />
        {source.token && <TokenBox token={source.token} />}
        <Settings id={source.id} token={source.token} />
      </div>
    </Dialog>
  );
}

import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "@/shared/Copy";
import { Dialog } from "@/shared/Dialog";
import { Field, FormDialog } from "@/shared/Form";
import { RoleField } from "./fields";
import { useCreateToken, useRevoke, type Token } from "./queries";
import { spans, type Role, type Span } from "./search";

/** Makes a token and shows it this once. */
export function CreateTokenDialog({ close, made }: { close: () => void; made: (id: string) => void }) {
  const { t } = useTranslation("accounts");
  const [form, setForm] = useState({ name: "", role: "reader" as Role, expires: "90d" as Span });
  const [tried, setTried] = useState(false);
  const create = useCreateToken();
  const noName = form.name.trim() === "";
  const token = create.data;
  if (token) {
    const done = () => made(token.id);
    return (
      <Dialog
        title={t("newToken.done", { name: token.name })}
        close={done}
        footer={
          <button type="button" className="fs-btn fs-btn-main" onClick={done}>
            {t("newToken.kept")}
          </button>
        }
      >
        <div className="fs-notice">
          <strong>{t("newToken.secret")}</strong>
          <p className="fs-token">
            <code>{token.token}</code> <Copy text={token.token} label={t("newToken.copy")} />
          </p>
          <p>{t("newToken.once")}</p>
        </div>
      </Dialog>
    );
  }
  const submit = () => {
    setTried(true);
    if (!noName) create.mutate({ ...form, name: form.name.trim() });
  };
  return (
    <FormDialog title={t("newToken.title")} act={t("tokens.add")} cancel={t("cancel")} busy={create.isPending} error={create.error} submit={submit} close={close}>
      <Field label={t("column.name")} help={t("newToken.nameHelp")} error={tried && noName ? t("wrong.name") : undefined}>
        {(props) => <input {...props} className="fs-input" maxLength={64} autoComplete="off" spellCheck={false} value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} />}
      </Field>
      <RoleField value={form.role} onChange={(role) => setForm({ ...form, role })} />
      <Field label={t("newToken.expires")} help={t("newToken.expiresHelp")}>
        {(props) => (
          <select {...props} className="fs-input" value={form.expires} onChange={(e) => setForm({ ...form, expires: e.target.value as Span })}>
            {spans.map((span) => (
              <option key={span} value={span}>
                {t(`span.${span}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </FormDialog>
  );
}

/** Says what revoking does. */
export function RevokeDialog({ token, close }: { token: Token; close: () => void }) {
  const { t } = useTranslation("accounts");
  const revoke = useRevoke(token.id);
  return (
    <FormDialog title={t("revoke.title", { name: token.name })} act={t("act.revoke")} cancel={t("cancel")} busy={revoke.isPending} error={revoke.error} submit={() => revoke.mutate(undefined, { onSuccess: close })} close={close}>
      <p className="fs-form-note">{t("revoke.will")}</p>
    </FormDialog>
  );
}

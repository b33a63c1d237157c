import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, FormDialog } from "@/shared/Form";
import type { Asking } from "./AccountsPage";
import { PasswordField, RoleField } from "./fields";
import { useChange, useCreate, type Account } from "./queries";
import type { Role } from "./search";

/** The dialogs of accounts. */
export default function AccountDialogs({ asking, close, made }: { asking: Asking; close: () => void; made: (id: string) => void }) {
  if (asking.act === "create") return <CreateDialog close={close} made={made} />;
  if (asking.act === "role") return <RoleDialog account={asking.account} close={close} />;
  if (asking.act === "password") return <PasswordDialog account={asking.account} close={close} />;
  return <StateDialog account={asking.account} disable={asking.act === "disable"} close={close} />;
}

const shortest = 8; // characters of a password, as the server has it

function CreateDialog({ close, made }: { close: () => void; made: (id: string) => void }) {
  const { t } = useTranslation("accounts");
  const [form, setForm] = useState({ name: "", role: "reader" as Role, password: "" });
  const [tried, setTried] = useState(false);
  const create = useCreate();
  const noName = form.name.trim() === "";
  const short = form.password.length < shortest;
  const submit = () => {
    setTried(true);
    if (!noName && !short) create.mutate({ ...form, name: form.name.trim() }, { onSuccess: (a) => made(a.id) });
  };
  return (
    <FormDialog title={t("create.title")} act={t("accounts.add")} cancel={t("cancel")} busy={create.isPending} error={create.error} submit={submit} close={close}>
      <Field label={t("column.name")} help={t("create.nameHelp")} error={tried && noName ? t("wrong.name") : undefined}>
        {(props) => <input {...props} className="fs-input" maxLength={64} autoComplete="off" spellCheck={false} value={form.name} onChange={(e) => setForm({ ...form, name: e.target.value })} />}
      </Field>
      <RoleField value={form.role} onChange={(role) => setForm({ ...form, role })} />
      <PasswordField label={t("create.password")} value={form.password} onChange={(password) => setForm({ ...form, password })} error={tried && short ? t("wrong.password") : undefined} />
    </FormDialog>
  );
}

function RoleDialog({ account, close }: { account: Account; close: () => void }) {
  const { t } = useTranslation("accounts");
  const [role, setRole] = useState<Role>(account.role);
  const change = useChange(account.id);
  return (
    <FormDialog title={t("roleDialog.title", { name: account.name })} act={t("act.role")} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={() => change.mutate({ role }, { onSuccess: close })} close={close}>
      <p className="fs-form-note">{t("roleDialog.will")}</p>
      <RoleField value={role} onChange={setRole} />
    </FormDialog>
  );
}

function PasswordDialog({ account, close }: { account: Account; close: () => void }) {
  const { t } = useTranslation("accounts");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const change = useChange(account.id);
  const short = password.length < shortest;
  const submit = () => {
    setTried(true);
    if (!short) change.mutate({ password }, { onSuccess: close });
  };
  return (
    <FormDialog title={t("passwordDialog.title", { name: account.name })} act={t("act.password")} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={submit} close={close}>
      <p className="fs-form-note">{t("passwordDialog.will")}</p>
      <PasswordField label={t("passwordDialog.new")} value={password} onChange={setPassword} error={tried && short ? t("wrong.password") : undefined} />
    </FormDialog>
  );
}

function StateDialog({ account, disable, close }: { account: Account; disable: boolean; close: () => void }) {
  const { t } = useTranslation("accounts");
  const change = useChange(account.id);
  const act = t(disable ? "act.disable" : "act.enable");
  return (
    <FormDialog title={t(disable ? "stateDialog.disable" : "stateDialog.enable", { name: account.name })} act={act} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={() => change.mutate({ disabled: disable }, { onSuccess: close })} close={close}>
      <p className="fs-form-note">{t(disable ? "stateDialog.willDisable" : "stateDialog.willEnable")}</p>
    </FormDialog>
  );
}

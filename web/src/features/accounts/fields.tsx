import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "@/shared/Copy";
import { Field } from "@/shared/Form";
import { newPassword, roles, type Role } from "./search";

/** One of the roles, each with what it may do. */
export function RoleField({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation("accounts");
  return (
    <fieldset>
      <legend>{t("column.role")}</legend>
      {roles.map((role) => (
        <label key={role} className="fs-check">
          <input type="radio" name="role" checked={value === role} onChange={() => onChange(role)} />
          <span>
            {t(`role.${role}`)} <span className="fs-second">{t(`roleText.${role}`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** A password that is handed to somebody else: it can be shown, made up and copied. */
export function PasswordField({ label, value, error, onChange }: { label: string; value: string; error?: string; onChange: (password: string) => void }) {
  const { t } = useTranslation("accounts");
  const [shown, setShown] = useState(false);
  return (
    <>
      <Field label={label} help={t("passwordHelp")} error={error}>
        {(props) => <input {...props} type={shown ? "text" : "password"} className="fs-input fs-mono" autoComplete="new-password" spellCheck={false} value={value} onChange={(e) => onChange(e.target.value)} />}
      </Field>
      <p className="fs-page-acts">
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {t("show")}
        </button>
        <button
          type="button"
          className="fs-btn fs-btn-small fs-btn-line"
          onClick={() => {
            onChange(newPassword());
            setShown(true);
          }}
        >
          {t("generate")}
        </button>
        {value !== "" && <Copy text={value} label={t("copyPassword")} />}
      </p>
    </>
  );
}

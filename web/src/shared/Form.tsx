import { useEffect, useId, useRef, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog";
import { ErrorBox } from "./ErrorBox";
import "./page.css";

interface FieldProps {
  label: string;
  help?: ReactNode;
  error?: string;
  children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

/** One field of a form: label above, help and what is wrong below. */
export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const about = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="fs-field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": about || undefined, "aria-invalid": error ? true : undefined })}
      {help && (
        <p id={`${id}-help`} className="fs-second">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="fs-field-error">
          {error}
        </p>
      )}
    </div>
  );
}

interface FormDialogProps {
  title: string;
  act: string; // what the button does, in a word
  busy?: boolean;
  error?: unknown; // of the last try
  cancel: string;
  submit: () => void;
  close: () => void;
  children: ReactNode;
}

/** A dialog that asks for something and then does it. A refusal stays in it, with what was typed. */
export function FormDialog({ title, act, busy, error, cancel, submit, close, children }: FormDialogProps) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>("input:not([type=hidden]),select,textarea")?.focus(), []);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) submit();
  };
  return (
    <Dialog
      title={title}
      close={close}
      footer={
        <>
          <button type="button" className="fs-btn" onClick={close}>
            {cancel}
          </button>
          <button type="submit" form={id} className="fs-btn fs-btn-main" aria-busy={busy || undefined}>
            {act}
          </button>
        </>
      }
    >
      <form id={id} ref={form} className="fs-form" noValidate onSubmit={send}>
        {error !== undefined && error !== null && <ErrorBox error={error} small />}
        {children}
      </form>
    </Dialog>
  );
}

/** A reason of one or two lines; Ctrl+Enter sends the form it stands in. */
export function ReasonField({ label, help, value, error, onChange }: { label: string; help?: string; value: string; error?: string; onChange: (value: string) => void }) {
  const { i18n } = useTranslation();
  return (
    <Field label={label} help={help} error={error}>
      {(props) => (
        <textarea
          {...props}
          lang={i18n.language}
          className="fs-input"
          rows={3}
          maxLength={1000}
          value={value}
          onChange={(e) => onChange(e.target.value)}
          onKeyDown={(e) => {
            if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.currentTarget.form?.requestSubmit();
          }}
        />
      )}
    </Field>
  );
}

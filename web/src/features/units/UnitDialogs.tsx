import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api/problem";
import { FormDialog, ReasonField } from "@/shared/Form";
import { useChange, useCreate, type Change, type Unit, type Version } from "./queries";
import { subtree } from "./tree";
import { bodyOf, emptyForm, formOf, wrongIn, type UnitForm } from "./form";
import { UnitChoice, UnitFields } from "./fields";
import type { Asking } from "./UnitsPage";
import { useWord } from "./words";

interface DialogsProps {
  asking: Asking;
  units: readonly Version[];
  close: () => void;
  done: (id?: string) => void;
}

/** The dialogs of units. */
export default function UnitDialogs({ asking, units, close, done }: DialogsProps) {
  switch (asking.act) {
    case "create":
      return <CreateDialog parent={asking.parent} units={units} close={close} done={done} />;
    case "edit":
      return <EditDialog unit={asking.unit} close={close} done={done} />;
    case "dissolve":
      return <DissolveDialog unit={asking.unit} close={close} done={done} />;
    default:
      return <PlaceDialog act={asking.act} unit={asking.unit} units={units} close={close} done={done} />;
  }
}

function CreateDialog({ parent, units, close, done }: { parent: string; units: readonly Version[]; close: () => void; done: (id: string) => void }) {
  const { t } = useTranslation("units");
  const [form, setForm] = useState<UnitForm>(emptyForm);
  const [above, setAbove] = useState(parent);
  const [tried, setTried] = useState(false);
  const create = useCreate();
  const wrong = wrongIn(form);
  const submit = () => {
    setTried(true);
    if (!wrong) create.mutate({ ...bodyOf(form), ...(above ? { parent: above } : {}) }, { onSuccess: (u) => done(u.id) });
  };
  return (
    <FormDialog title={t("create.title")} act={t("create.do")} cancel={t("cancel")} busy={create.isPending} error={create.error} submit={submit} close={close}>
      <UnitFields form={form} change={(part) => setForm({ ...form, ...part })} wrong={tried ? wrong : undefined} />
      <UnitChoice label={t("form.parent")} root={t("form.root")} value={above} units={units} onChange={setAbove} />
    </FormDialog>
  );
}

interface ActProps {
  unit: Unit;
  close: () => void;
  done: (id?: string) => void;
}

/** Says that somebody was faster, and that the dialog has to be opened again. */
function Changed({ error }: { error: unknown }) {
  const { t } = useTranslation("units");
  if (!error || asProblem(error).code !== "unit.changed") return null;
  return <p className="fs-notice">{t("changed")}</p>;
}

function EditDialog({ unit, close, done }: ActProps) {
  const { t } = useTranslation("units");
  const word = useWord();
  const [form, setForm] = useState<UnitForm>(() => formOf(unit));
  const [tried, setTried] = useState(false);
  const change = useChange(unit);
  const wrong = wrongIn(form);
  const submit = () => {
    setTried(true);
    if (!wrong) change.mutate({ act: "edit", body: bodyOf(form) }, { onSuccess: () => done() });
  };
  return (
    <FormDialog title={t("edit.title", { name: word.name(unit.name) })} act={t("edit.do")} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={submit} close={close}>
      <Changed error={change.error} />
      <UnitFields form={form} change={(part) => setForm({ ...form, ...part })} wrong={tried ? wrong : undefined} />
    </FormDialog>
  );
}

function DissolveDialog({ unit, close, done }: ActProps) {
  const { t } = useTranslation("units");
  const word = useWord();
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const change = useChange(unit);
  const submit = () => {
    setTried(true);
    if (reason.trim() !== "") change.mutate({ act: "dissolve", body: { reason: reason.trim() } }, { onSuccess: () => done() });
  };
  return (
    <FormDialog title={t("dissolve.title", { name: word.name(unit.name) })} act={t("act.dissolve")} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={submit} close={close}>
      <Changed error={change.error} />
      <p className="fs-form-note">{t(unit.children > 0 ? "dissolve.children" : "dissolve.will", { n: unit.children })}</p>
      <ReasonField label={t("reason")} value={reason} onChange={setReason} error={tried && reason.trim() === "" ? t("needReason") : undefined} />
    </FormDialog>
  );
}

/** Moves a unit below another, or merges it into another. */
function PlaceDialog({ act, unit, units, close, done }: ActProps & { act: "move" | "merge"; units: readonly Version[] }) {
  const { t } = useTranslation("units");
  const word = useWord();
  const [place, setPlace] = useState(act === "move" ? unit.parent : "");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const change = useChange(unit);
  const inside = subtree(units, unit.id);
  const choices = units.filter((u) => !u.dissolved && (act === "move" ? !inside.has(u.unit) : u.unit !== unit.id));
  const noReason = reason.trim() === "";
  const noPlace = act === "merge" && place === "";
  const submit = () => {
    setTried(true);
    if (noReason || noPlace) return;
    const body: Change = act === "move" ? { act, body: { parent: place, reason: reason.trim() } } : { act, body: { into: place, reason: reason.trim() } };
    change.mutate(body, { onSuccess: () => done(act === "merge" ? place : undefined) });
  };
  return (
    <FormDialog title={t(`${act}.title`, { name: word.name(unit.name) })} act={t(`act.${act}`)} cancel={t("cancel")} busy={change.isPending} error={change.error} submit={submit} close={close}>
      <Changed error={change.error} />
      <p className="fs-form-note">{t(`${act}.will`)}</p>
      <UnitChoice label={t(act === "move" ? "form.parent" : "merge.into")} root={act === "move" ? t("form.root") : undefined} value={place} units={choices} onChange={setPlace} error={tried && noPlace ? t("merge.need") : undefined} />
      <ReasonField label={t("reason")} value={reason} onChange={setReason} error={tried && noReason ? t("needReason") : undefined} />
    </FormDialog>
  );
}


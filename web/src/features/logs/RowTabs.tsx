import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { LogEvent } from "@/api/contract";
import { Copy } from "@/shared/Copy";
import { Time } from "@/shared/Clock";
import { whole } from "@/shared/number";
import { cell, valueText, visible } from "@/shared/visible";

/** Fields shown before the rest is asked for: a record can have thousands. */
const firstFields = 200;

/** The fields as a table; a click on a value opens its menu. */
export function FieldsTab({ event, onValue }: { event: LogEvent; onValue: (field: string, value: string, at: Element) => void }) {
  const { t } = useTranslation("logs");
  const [wanted, setWanted] = useState("");
  const [all, setAll] = useState(false);
  const names = useMemo(() => Object.keys(event.fields).sort(), [event]);
  const word = wanted.toLowerCase();
  const matching = word === "" ? names : names.filter((n) => n.toLowerCase().includes(word) || valueText(event.fields[n]).toLowerCase().includes(word));
  const shown = all ? matching : matching.slice(0, firstFields);
  return (
    <>
      <dl className="fs-facts fs-drawer-receipt">
        <dt>{t("row.received")}</dt>
        <dd>
          <Time at={event.received} style="full" />
        </dd>
        <dt>{t("row.peer")}</dt>
        <dd>
          <code>{event.peer || "—"}</code> <span className="fs-second">{event.transport}</span>
        </dd>
      </dl>
      <input type="search" className="fs-input fs-drawer-find" placeholder={t("row.find", { n: names.length })} aria-label={t("row.find", { n: names.length })} value={wanted} onChange={(e) => setWanted(e.target.value)} />
      <table className="fs-drawer-fields">
        <tbody>
          {shown.map((name) => (
            <FieldRow key={name} name={name} value={event.fields[name]} onValue={onValue} />
          ))}
        </tbody>
      </table>
      {shown.length < matching.length && (
        <button type="button" className="fs-btn fs-btn-line" onClick={() => setAll(true)}>
          {t("row.more", { n: whole(matching.length - shown.length) })}
        </button>
      )}
      {matching.length === 0 && <p className="fs-second">{t(names.length === 0 ? "row.noFields" : "row.noMatch")}</p>}
    </>
  );
}

function FieldRow({ name, value, onValue }: { name: string; value: unknown; onValue: (field: string, value: string, at: Element) => void }) {
  const values = Array.isArray(value) ? value : [value];
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {values.slice(0, 50).map((v, i) => (
          <Value key={i} text={valueText(v)} onMenu={(at) => onValue(name, valueText(v), at)} />
        ))}
      </td>
    </tr>
  );
}

function Value({ text, onMenu }: { text: string; onMenu: (at: Element) => void }) {
  const { t } = useTranslation("logs");
  const [whole, setWhole] = useState(false);
  const { text: shown, cut } = cell(text, whole ? Infinity : undefined);
  return (
    <div>
      <button type="button" className="fs-drawer-value" onClick={(e) => onMenu(e.currentTarget)}>
        {shown === "" ? "—" : shown}
      </button>
      {cut > 0 && (
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={() => setWhole(true)}>
          {t("row.rest", { n: cut })}
        </button>
      )}
    </div>
  );
}

/** The event as the API gives it. */
export function JsonTab({ event }: { event: LogEvent }) {
  const { t } = useTranslation("logs");
  const text = useMemo(() => JSON.stringify(event, null, 2), [event]);
  const lines = useMemo(() => text.split("\n").map(visible).join("\n"), [text]);
  return (
    <>
      <Copy text={text} label={t("row.copyJson")} />
      <pre className="fs-drawer-text">{lines}</pre>
    </>
  );
}

/** The raw text as it was received, with what would hide itself made visible. */
export function RawTab({ event }: { event: LogEvent }) {
  const { t } = useTranslation("logs");
  // A line feed is shown and also breaks the line.
  const lines = useMemo(() => event.raw.split("\n").map(visible).join("\u240a\n"), [event]);
  const length = new TextEncoder().encode(event.raw).length;
  return (
    <>
      <p className="fs-drawer-bar">
        <Copy text={event.raw} label={t("row.copyRaw")} />
        <span className="fs-second">{event.raw_base64 ? t("row.notUtf8") : t("row.bytes", { n: whole(length) })}</span>
      </p>
      <pre className="fs-drawer-text">{lines}</pre>
      {event.raw_base64 && (
        <>
          <h3>{t("row.base64")}</h3>
          <pre className="fs-drawer-text">{event.raw_base64}</pre>
        </>
      )}
    </>
  );
}

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useSession, useZone } from "@/app/session";
import type { GridColumn } from "./grid";
import { whole } from "./number";
import { usePrinting } from "./printing";
import { offsetLabel, stamp } from "./time";
import "./print.css";

/** The head of a printed page: its title, as of when, in which zone, for whom, from where. On the screen it is not there. */
export function PrintHead({ title }: { title: string }) {
  const { t } = useTranslation("shared");
  const zone = useZone();
  const { account } = useSession();
  if (!usePrinting()) return null;
  const now = serverNow();
  return (
    <header className="fs-print-head">
      <h1>{title}</h1>
      <p>{t("print.asOf", { time: `${stamp(now, zone)} ${offsetLabel(zone, now)}`, zone, name: account?.name ?? "" })}</p>
      <p className="fs-print-address">{location.href}</p>
    </header>
  );
}

/** The most rows a print shows; more are said to be missing, and are for an export. */
export const printRows = 2000;

interface PrintFrameProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly GridColumn<Row>[];
  rowKey: (row: Row) => string;
  total?: number;
}

/** A long list as a plain table with every loaded row. */
export function PrintFrame<Row>({ label, rows, columns, rowKey, total }: PrintFrameProps<Row>) {
  const { t } = useTranslation("shared");
  const shown = rows.slice(0, printRows);
  const all = total ?? rows.length;
  return (
    <table className="fs-print-table">
      <caption>{all > shown.length ? t("print.some", { label, n: whole(shown.length), all: whole(all) }) : t("print.all", { label, n: whole(shown.length) })}</caption>
      <thead>
        <tr>
          {columns.map((c) => (
            <th key={c.id} scope="col" className={c.align === "right" ? "fs-num" : undefined}>
              {c.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((c) => (
              <td key={c.id} className={c.align === "right" ? "fs-num" : c.mono ? "fs-mono" : undefined}>
                {c.cell(row) as ReactNode}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

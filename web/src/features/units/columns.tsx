import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Glyph } from "@/shared/Glyph";
import type { GridColumn } from "@/shared/grid";
import type { Node } from "./tree";
import { useWord } from "./words";

/** The columns of the tree; a click on the sign before a name folds what is below. */
export function useUnitColumns(room: "wide" | "beside" | "narrow", fold: (id: string) => void): GridColumn<Node>[] {
  const { t, i18n } = useTranslation("units");
  const word = useWord();
  return useMemo(() => {
    const name: GridColumn<Node> = {
      id: "name",
      title: t("column.name"),
      width: 260,
      grow: true,
      hover: (n) => word.name(n.unit.name),
      cell: (n) => (
        <span className={n.hit ? "fs-unit-name" : "fs-unit-name fs-second"} style={{ paddingLeft: n.level * 18 }}>
          {n.below > 0 ? (
            <button
              type="button"
              tabIndex={-1}
              className="fs-btn fs-btn-small"
              aria-expanded={n.open}
              aria-label={t(n.open ? "fold" : "unfold", { name: word.name(n.unit.name) })}
              onClick={(e) => {
                e.stopPropagation();
                fold(n.unit.unit);
              }}
            >
              <Glyph name={n.open ? "down" : "unfold"} size={12} />
            </button>
          ) : (
            <i className="fs-unit-leaf" />
          )}
          <span className="fs-clip">{word.name(n.unit.name)}</span>
          {n.unit.dissolved && <span className="fs-tag">{t("isDissolved")}</span>}
        </span>
      ),
    };
    const kind: GridColumn<Node> = { id: "kind", title: t("column.kind"), width: 110, cell: (n) => word.kind(n.unit.kind), hover: () => "" };
    const code: GridColumn<Node> = { id: "code", title: t("column.code"), width: 130, mono: true, cell: (n) => n.unit.code || "—", hover: (n) => n.unit.code };
    if (room === "narrow") return [name];
    if (room === "beside") return [name, kind, code];
    return [
      name,
      kind,
      code,
      { id: "industry", title: t("column.industry"), width: 170, cell: (n) => word.industry(n.unit.industry), hover: () => "" },
      { id: "operator", title: t("column.operator"), width: 210, cell: (n) => word.operator(n.unit.operator), hover: () => "" },
    ];
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the words follow the language and their own loading
  }, [t, i18n.language, word.words, room, fold]);
}

import { useRef, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { clampWidth } from "./grid";

interface ResizerProps {
  column: { id: string; title: string; width: number };
  onWidth: (column: string, px: number) => void;
}

/** The edge of a column: drag it, or focus it and use left and right. */
export function Resizer({ column, onWidth }: ResizerProps) {
  const { t } = useTranslation("shared");
  const start = useRef<{ x: number; width: number }>(undefined);
  const down = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, width: column.width };
  };
  const move = (event: PointerEvent) => {
    if (start.current) onWidth(column.id, clampWidth(start.current.width + event.clientX - start.current.x));
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    onWidth(column.id, clampWidth(column.width + by));
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a separator that can be moved is interactive (ARIA 1.2)
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={t("grid.resize", { column: column.title })}
      aria-valuenow={column.width}
      aria-valuemin={48}
      aria-valuemax={900}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="fs-grid-resize"
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onKeyDown={press}
    />
  );
}

import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";
import "./parts.css";

export interface Anchor {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface PopProps {
  anchor: Anchor;
  owner?: Element; // the button that opened it: a press on it is its own matter
  align?: "start" | "end";
  close: (refocus: boolean) => void;
  className?: string;
  role?: string;
  label?: string;
  children: ReactNode;
}

/** A floating panel beside its anchor, kept inside the window. Esc, a click elsewhere and leaving by Tab close it. */
export function Pop({ anchor, owner, align = "start", close, className, role, label, children }: PopProps) {
  const place = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ left: number; top: number }>();
  useLayoutEffect(() => {
    const box = place.current?.getBoundingClientRect();
    if (!box) return;
    const left = align === "end" ? anchor.right - box.width : anchor.left;
    const below = anchor.bottom + 4;
    const top = below + box.height > innerHeight - 8 && anchor.top - box.height - 4 > 8 ? anchor.top - box.height - 4 : below;
    setAt({ left: Math.max(8, Math.min(left, innerWidth - box.width - 8)), top: Math.max(8, Math.min(top, innerHeight - box.height - 8)) });
  }, [anchor, align]);
  useOutside(place, owner, close);
  return createPortal(
    <div
      ref={place}
      className={`fs-pop ${className ?? ""}`}
      role={role}
      aria-label={label}
      style={at ?? { left: 0, top: 0, visibility: "hidden" }}
    >
      {children}
    </div>,
    document.querySelector("dialog[open]") ?? document.querySelector("main") ?? document.body, // a modal dialog lies above everything else
  );
}

function useOutside(place: RefObject<HTMLElement | null>, owner: Element | undefined, close: (refocus: boolean) => void): void {
  const latest = useRef(close);
  useEffect(() => {
    latest.current = close;
  });
  useEffect(() => {
    const inside = (target: EventTarget | null) => target instanceof Node && (place.current?.contains(target) || owner?.contains(target));
    const down = (event: Event) => !inside(event.target) && latest.current(false);
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      latest.current(true);
    };
    const focus = (event: FocusEvent) => event.target !== document.body && !inside(event.target) && latest.current(false);
    document.addEventListener("pointerdown", down, true);
    document.addEventListener("keydown", key, true);
    document.addEventListener("focusin", focus);
    return () => {
      document.removeEventListener("pointerdown", down, true);
      document.removeEventListener("keydown", key, true);
      document.removeEventListener("focusin", focus);
    };
  }, [place, owner]);
}

export function anchorOf(element: Element): Anchor {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return { left, top, right, bottom };
}

interface DropProps {
  label?: string; // accessible name of the button; default: its content
  className?: string;
  align?: "start" | "end";
  title?: string;
  disabled?: boolean;
  face: ReactNode;
  panelLabel: string;
  children: (close: () => void) => ReactNode;
}

/** A button that opens a floating panel; the first control of the panel takes focus. */
export function Drop({ label, className = "fs-btn", align, title, disabled, face, panelLabel, children }: DropProps) {
  const [open, setOpen] = useState<{ owner: HTMLElement; anchor: Anchor }>();
  const close = (refocus: boolean) => {
    setOpen(undefined);
    if (refocus) open?.owner.focus();
  };
  const panel = useCallback((element: HTMLDivElement | null) => {
    element?.querySelector<HTMLElement>("input,button,select,textarea,a[href]")?.focus();
  }, []);
  return (
    <>
      <button
        type="button"
        className={className}
        title={title}
        disabled={disabled}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open !== undefined}
        onClick={(e) => setOpen(open ? undefined : { owner: e.currentTarget, anchor: anchorOf(e.currentTarget) })}
      >
        {face}
      </button>
      {open && (
        <Pop {...open} align={align} close={close} role="dialog" label={panelLabel}>
          <div ref={panel}>{children(() => close(true))}</div>
        </Pop>
      )}
    </>
  );
}

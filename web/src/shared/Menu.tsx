import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Glyph } from "./Glyph";
import { anchorOf, Pop, type Anchor } from "./Pop";

/** One line of a menu: an act, a choice (checked), a link (href) or, without any of them, a heading. */
export interface MenuItem {
  id: string;
  label: ReactNode;
  run?: () => void;
  checked?: boolean;
  disabled?: boolean;
  hint?: string; // right-aligned: a key, a count
  href?: string; // followed as a download
}

interface MenuListProps {
  anchor: Anchor;
  owner?: Element;
  align?: "start" | "end";
  label: string;
  title?: ReactNode;
  items: MenuItem[];
  close: (refocus: boolean) => void;
}

/** An open menu: arrows move, letters jump, Enter acts. */
export function MenuList({ anchor, owner, align, label, title, items, close }: MenuListProps) {
  const list = useRef<HTMLDivElement>(null);
  const options = () => [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled=true])") ?? [])];
  useEffect(() => options()[0]?.focus({ preventScroll: true }), []);
  const press = (event: KeyboardEvent) => {
    const all = options();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") {
      event.preventDefault();
      close(true);
    } else if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key.length === 1 && event.key !== " ") {
      const key = event.key.toLowerCase();
      [...all.slice(at + 1), ...all].find((o) => o.textContent?.trim().toLowerCase().startsWith(key))?.focus();
    }
  };
  const act = (item: MenuItem) => {
    close(true);
    item.run?.();
  };
  return (
    <Pop anchor={anchor} owner={owner} align={align} close={close} className="fs-menu">
      {title && <div className="fs-menu-title">{title}</div>}
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus -- its items take the focus */}
      <div role="menu" aria-label={label} ref={list} onKeyDown={press}>
        {items.map((item) =>
          item.href ? (
            <a key={item.id} role="menuitem" tabIndex={-1} className="fs-menu-item" href={item.href} download onClick={() => close(true)}>
              <span>{item.label}</span>
              {item.hint && <span className="fs-second">{item.hint}</span>}
            </a>
          ) : (
            <button
              key={item.id}
              type="button"
              tabIndex={-1}
              role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked={item.checked}
              aria-disabled={item.disabled || undefined}
              className="fs-menu-item"
              onClick={() => !item.disabled && act(item)}
            >
              {item.checked !== undefined && <span className="fs-menu-check">{item.checked && <Glyph name="check" size={14} />}</span>}
              <span>{item.label}</span>
              {item.hint && <span className="fs-second">{item.hint}</span>}
            </button>
          ),
        )}
      </div>
    </Pop>
  );
}

interface MenuProps {
  label: string; // accessible name of the button
  title?: string;
  className?: string;
  align?: "start" | "end";
  items: MenuItem[];
  disabled?: boolean;
  children: ReactNode;
}

/** A button with a menu. */
export function Menu({ label, title, className = "fs-btn", align, items, disabled, children }: MenuProps) {
  const [open, setOpen] = useState<{ owner: HTMLElement; anchor: Anchor }>();
  const close = (refocus: boolean) => {
    setOpen(undefined);
    if (refocus) open?.owner.focus();
  };
  return (
    <>
      <button
        type="button"
        className={className}
        title={title ?? label}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open !== undefined}
        disabled={disabled}
        onClick={(e) => setOpen(open ? undefined : { owner: e.currentTarget, anchor: anchorOf(e.currentTarget) })}
      >
        {children}
      </button>
      {open && <MenuList {...open} align={align} label={label} items={items} close={close} />}
    </>
  );
}

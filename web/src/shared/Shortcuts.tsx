import { createContext, lazy, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { preferences } from "@/app/preferences";

/** One command of the keyboard, listed under `?`. */
export interface Command {
  keys: string; // "g l", "/", "?", "Ctrl+Enter"
  label: string;
  run?: () => void; // without it the command is only listed: its part listens itself
}

interface Book {
  add: (commands: Command[]) => () => void;
  list: () => Command[];
  help: () => void;
}

const Context = createContext<Book | null>(null);
const Help = lazy(() => import("./ShortcutHelp"));

/** Tells whether a key press belongs to a field that is being typed into. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[role=dialog],[role=menu]") !== null;
}

/** Finds the command a sequence of presses means, and whether a longer one begins so. */
export function resolve(commands: Command[], pressed: string): { run?: Command; more: boolean } {
  const run = [...commands].reverse().find((c) => c.keys === pressed && c.run);
  return { run, more: commands.some((c) => c.run && c.keys.startsWith(`${pressed} `)) };
}

/** Listens for the commands of the pages inside it. */
export function Shortcuts({ children }: { children: ReactNode }) {
  const { t } = useTranslation("shared");
  const sets = useRef(new Set<Command[]>());
  const [listed, setListed] = useState<Command[]>();
  const help = useCallback(() => setListed([...sets.current].flat()), []);
  const book = useMemo<Book>(
    () => ({
      add: (commands) => {
        sets.current.add(commands);
        return () => sets.current.delete(commands);
      },
      list: () => [...sets.current].flat(),
      help,
    }),
    [help],
  );
  useEffect(() => book.add([{ keys: "?", label: t("keys.help"), run: help }]), [book, help, t]);
  useEffect(() => {
    let before = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const forget = () => {
      before = "";
    };
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (!preferences().letterKeys || typing(event.target) || event.key.length !== 1) return;
      const pressed = before === "" ? event.key : `${before} ${event.key}`;
      const { run, more } = resolve(book.list(), pressed);
      clearTimeout(timer);
      forget();
      if (run) {
        event.preventDefault();
        run.run?.();
      } else if (more) {
        before = pressed;
        timer = setTimeout(forget, 1200);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [book]);
  return (
    <Context.Provider value={book}>
      {children}
      {listed && (
        <Suspense>
          <Help commands={listed} close={() => setListed(undefined)} />
        </Suspense>
      )}
    </Context.Provider>
  );
}

/** Adds commands while the caller is mounted; their keys and labels decide whether they changed. */
export function useCommands(commands: Command[]): void {
  const book = useContext(Context);
  const latest = useRef(commands);
  useEffect(() => {
    latest.current = commands;
  });
  const shape = commands.map((c) => `${c.keys}\n${c.label}`).join("\n\n");
  useEffect(
    () => book?.add(latest.current.map((c, i) => ({ ...c, run: c.run && (() => latest.current[i]?.run?.()) }))),
    [book, shape],
  );
}

/** Opens the list of commands. */
export function useShortcutHelp(): () => void {
  const book = useContext(Context);
  return book?.help ?? (() => {});
}

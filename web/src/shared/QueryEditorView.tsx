import { acceptCompletion, autocompletion, closeBrackets, completionKeymap, completionStatus, moveCompletionSelection, selectedCompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewline } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderOf } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef } from "react";
import { nonce } from "@/app/nonce";
import { completing, fieldName, quote } from "./query";
import type { QueryEditorProps } from "./QueryEditor";

const words = /^(and|or|not|in|range|ipv4_range)\b/i;

const language = StreamLanguage.define<{ value: boolean }>({
  startState: () => ({ value: false }),
  token(stream, state) {
    if (stream.eatSpace()) {
      state.value = false;
      return null;
    }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/) || stream.match(/^`[^`]*`?/)) return stream.peek() === ":" ? "propertyName" : "string";
    if (stream.match(/^[\w.@/-]+(?=:)/)) {
      state.value = false;
      return "propertyName";
    }
    if (stream.match(/^(:=|:~|:>=|:<=|:>|:<|:|=|~)/)) {
      state.value = true;
      return "operator";
    }
    if (!state.value && stream.match(words)) return "keyword";
    if (stream.match(/^-?\d+(\.\d+)?(?=[\s,)\]]|$)/)) return "number";
    if (stream.match(/^[!()[\],|*-]/)) return "operator";
    if (stream.match(/^[^\s"'`:()[\],|!]+/)) return null;
    stream.next();
    return null;
  },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--fs-code-field)" },
  { tag: tags.string, color: "var(--fs-code-string)" },
  { tag: tags.keyword, color: "var(--fs-code-word)", fontWeight: "600" },
  { tag: tags.number, color: "var(--fs-code-number)" },
  { tag: tags.operator, color: "var(--fs-second)" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "transparent", color: "var(--fs-text)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--fs-mono)", lineHeight: "20px", maxHeight: "108px", overflow: "auto" },
  ".cm-content": { padding: "4px 0", caretColor: "var(--fs-text)" },
  ".cm-cursor": { borderLeftColor: "var(--fs-text)" },
  ".cm-placeholder": { color: "var(--fs-placeholder)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--fs-selected) !important" },
  ".cm-tooltip": { backgroundColor: "var(--fs-surface)", color: "var(--fs-text)", border: "1px solid var(--fs-line)", borderRadius: "6px", boxShadow: "var(--fs-shadow)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--fs-mono)", fontSize: "12.5px", maxHeight: "16em" },
  ".cm-tooltip-autocomplete > ul > li": { lineHeight: "24px", padding: "0 10px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--fs-selected)", color: "var(--fs-text)" },
  ".cm-completionDetail": { color: "var(--fs-second)", fontStyle: "normal", marginLeft: "2em" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-diagnostic": { borderLeft: "3px solid var(--fs-red)", padding: "4px 10px" },
});

/** The editor itself, with everything it needs of CodeMirror. */
export default function QueryEditorView({ label, placeholder, value, onRun, fields, error, handle }: QueryEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ onRun, fields });
  useEffect(() => {
    latest.current = { onRun, fields };
  });
  useImperativeHandle(handle, () => ({ focus: () => view.current?.focus(), text: () => view.current?.state.doc.toString() ?? value }), [value]);
  useEffect(() => {
    if (!place.current) return;
    const complete = (context: CompletionContext) => suggest(context, latest.current.fields);
    const run = (v: EditorView) => {
      latest.current.onRun(v.state.doc.toString().trim());
      return true;
    };
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          history(),
          bracketMatching(),
          closeBrackets(),
          language,
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          placeholderOf(placeholder),
          autocompletion({ override: [complete], icons: false, selectOnOpen: false, interactionDelay: 0 }),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
          Prec.highest(
            keymap.of([
              { key: "Mod-Enter", run },
              // Enter runs, unless a completion was chosen with the arrows; an input method that composes takes it before us.
              { key: "Enter", run: (v) => !v.composing && (selectedCompletion(v.state) ? acceptCompletion(v) : run(v)), shift: insertNewline },
              { key: "Tab", run: acceptFirst },
            ]),
          ),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
    // The document is set below; everything else is read through latest.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [label, placeholder]);
  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString().trim() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, selection: { anchor: value.length } });
  }, [value]);
  const column = error?.column ?? 0;
  const message = error?.message ?? "";
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const from = Math.max(0, Math.min(column - 1, length - 1));
    const found = column > 0 && length > 0 ? [{ from, to: Math.min(length, wordEnd(editor.state.doc.toString(), from)), severity: "error" as const, message }] : [];
    editor.dispatch(setDiagnostics(editor.state, found));
  }, [column, message, value]);
  return <div ref={place} className="fs-query-view" />;
}

/** Tab takes the chosen completion, or the first one; without any it moves on as everywhere. */
function acceptFirst(v: EditorView): boolean {
  if (completionStatus(v.state) !== "active") return false;
  if (!selectedCompletion(v.state)) moveCompletionSelection(true)(v);
  return acceptCompletion(v);
}

function wordEnd(text: string, from: number): number {
  const rest = /^[^\s)]*/.exec(text.slice(from))?.[0].length ?? 0;
  return from + Math.max(1, rest);
}

function suggest(context: CompletionContext, fields: QueryEditorProps["fields"]): CompletionResult | null {
  const line = context.state.doc.sliceString(0, context.pos);
  const at = completing(line);
  if (!at) {
    if (!context.explicit) return null;
    return { from: context.pos, options: fields.map((f, i) => ({ label: f.name, apply: `${fieldName(f.name)}:`, boost: -i / 100 })) };
  }
  if (at.kind === "field") {
    return {
      from: at.from,
      options: fields.map((f) => ({ label: f.name, apply: `${fieldName(f.name)}:`, detail: f.count === undefined ? undefined : String(f.count) })),
      validFor: /^[\w.@-]*$/,
    };
  }
  const field = fields.find((f) => f.name === at.field);
  if (!field) return null;
  const exact = line.slice(0, at.from).endsWith("=");
  return {
    from: at.from,
    options: field.values.slice(0, 50).map((v) => ({
      label: v.value,
      apply: (exact ? "" : "=") + quote(v.value) + " ",
      detail: v.count === undefined ? undefined : String(v.count),
    })),
    filter: at.word !== "",
  };
}

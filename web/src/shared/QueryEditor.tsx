import { lazy, Suspense, type Ref } from "react";
import "./query.css";

/** A field that can be completed, with values seen in it. */
export interface Completable {
  name: string;
  count?: number;
  values: { value: string; count?: number }[];
}

export interface EditorHandle {
  focus: () => void;
  text: () => string;
}

export interface QueryEditorProps {
  label: string;
  placeholder: string;
  value: string; // what runs; typing does not change it until it is run
  onRun: (text: string) => void;
  fields: Completable[];
  error?: { column: number; message: string }; // column counts from 1; 0: it has none
  handle?: Ref<EditorHandle>;
}

const View = lazy(() => import("./QueryEditorView"));

/** The query bar: highlighting, completion of fields and values, the error at its column. Enter or Ctrl+Enter runs, Shift+Enter breaks the line. */
export function QueryEditor(props: QueryEditorProps) {
  return (
    <div className="fs-query">
      <Suspense fallback={<Plain {...props} />}>
        <View {...props} />
      </Suspense>
    </div>
  );
}

// The editor is a chunk of its own; until it is here the query can be read and run.
function Plain({ label, placeholder, value, onRun }: QueryEditorProps) {
  return (
    <input
      className="fs-query-plain"
      aria-label={label}
      placeholder={placeholder}
      defaultValue={value}
      spellCheck={false}
      onKeyDown={(e) => e.key === "Enter" && !e.nativeEvent.isComposing && onRun(e.currentTarget.value)}
    />
  );
}

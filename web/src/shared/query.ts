// Writing and changing query text (the documented subset of LogsQL). Reading it
// is the server's.

const bare = /^[A-Za-z_@][\w.@-]*$/;

/** Writes a name or value so that the query reads it as one piece. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}

/** Writes a field's name; one with other characters than a name has is quoted. */
export function fieldName(name: string): string {
  return bare.test(name) ? name : quote(name);
}

/** The condition that a field has exactly this value; an empty value means it is absent. */
export function equals(field: string, value: string): string {
  return `${fieldName(field)}:=${quote(value)}`;
}

/** The condition that a field is there. */
export function exists(field: string): string {
  return `${fieldName(field)}:*`;
}

/** Narrows a query by a term. The same term is not added twice, and its opposite is taken out. */
export function narrow(query: string, term: string, exclude = false): string {
  const wanted = exclude ? `-${term}` : term;
  const opposite = exclude ? term : `-${term}`;
  const parts = conjuncts(query);
  if (parts === undefined) return `(${query.trim()}) ${wanted}`;
  const kept = parts.filter((p) => p !== opposite && p !== "*");
  return [...kept.filter((p) => p !== wanted), wanted].join(" ");
}

/** Splits a query into the terms that must all hold; undefined when it is not of that form (or, pipes, open quotes). */
export function conjuncts(query: string): string[] | undefined {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  let quoted = "";
  const text = query.trim();
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === "\\") part += c + (text[++i] ?? "");
      else {
        part += c;
        if (c === quoted) quoted = "";
      }
      continue;
    }
    if (c === '"' || c === "'" || c === "`") quoted = c;
    else if (c === "(" || c === "[") depth++;
    else if (c === ")" || c === "]") depth--;
    else if (c === "|" && depth === 0) return undefined;
    if (/\s/.test(c) && depth <= 0) {
      if (part) parts.push(part);
      part = "";
    } else part += c;
  }
  if (quoted || depth !== 0) return undefined;
  if (part) parts.push(part);
  const out: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const word = parts[i]!.toLowerCase();
    if (word === "or") return undefined;
    if (word === "and") continue;
    if (word === "not" || word === "!" || word === "-") out.push(`-${parts[++i] ?? ""}`);
    else out.push(parts[i]!.replace(/^!/, "-"));
  }
  return out;
}

/** What stands before the cursor: a value of a field, or a name that is begun. */
export function completing(before: string): { kind: "field" | "value"; field: string; word: string; from: number } | undefined {
  if ((before.match(/(?<!\\)"/g)?.length ?? 0) % 2 === 1) {
    const open = /([\w.@-]+):=?"((?:[^"\\]|\\.)*)$/.exec(before);
    return open ? { kind: "value", field: open[1]!, word: open[2]!, from: before.length - open[2]!.length - 1 } : undefined;
  }
  const value = /([\w.@-]+):(?:=|!=)?([\w.@:/-]*)$/.exec(before);
  if (value) return { kind: "value", field: value[1]!, word: value[2]!, from: before.length - value[2]!.length };
  const name = /(?:^|[\s(!-])([A-Za-z_@][\w.@-]*)$/.exec(before);
  return name ? { kind: "field", field: "", word: name[1]!, from: before.length - name[1]!.length } : undefined;
}

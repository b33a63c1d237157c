import type { Version } from "./queries";

/** One line of the tree as it is shown. */
export interface Node {
  unit: Version;
  level: number; // 0: a root
  below: number; // units directly below it that can be shown
  open: boolean;
  hit: boolean; // it meets the search itself, not only something below it
}

interface Shown {
  q?: string;
  closed: ReadonlySet<string>; // ids of what is folded; a search opens everything
  dissolved?: boolean;
}

/** The lines of a tree from its units in any order: parents before their children, siblings as they come. */
export function lines(units: readonly Version[], { q, closed, dissolved }: Shown): Node[] {
  const there = units.filter((u) => dissolved || !u.dissolved);
  const ids = new Set(there.map((u) => u.unit));
  const children = new Map<string, Version[]>();
  for (const u of there) {
    const parent = ids.has(u.parent) && u.parent !== u.unit ? u.parent : ""; // a part of the tree has roots of its own
    const list = children.get(parent);
    if (list) list.push(u);
    else children.set(parent, [u]);
  }
  const part = q?.trim().toLowerCase() ?? "";
  const meets = (u: Version) => [u.name.zh, u.name.en, u.code, u.credit_code].some((text) => text?.toLowerCase().includes(part));
  const out: Node[] = [];
  // A unit is shown when it or something below it meets the search.
  const walk = (parent: string, level: number): boolean => {
    let any = false;
    for (const unit of children.get(parent) ?? []) {
      const hit = part === "" || meets(unit);
      const at = out.length;
      const below = children.get(unit.unit)?.length ?? 0;
      const open = part !== "" || !closed.has(unit.unit);
      out.push({ unit, level, below, open: open && below > 0, hit });
      const deeper = open && below > 0 && walk(unit.unit, level + 1);
      if (part !== "" && !hit && !deeper) out.length = at;
      else any = true;
    }
    return any;
  };
  walk("", 0);
  return out;
}

/** The unit and everything below it: where it cannot be moved to. */
export function subtree(units: readonly Version[], id: string): Set<string> {
  const inside = new Set([id]);
  for (let before = 0; before !== inside.size; ) {
    before = inside.size;
    for (const u of units) if (inside.has(u.parent)) inside.add(u.unit);
  }
  return inside;
}

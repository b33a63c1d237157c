// What Sigma's attack.* tags say. Names of tactics are in the texts (attack.<id>).

export const tactics = [
  "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation", "defense-evasion",
  "credential-access", "discovery", "lateral-movement", "collection", "command-and-control", "exfiltration", "impact",
] as const;
export type Tactic = (typeof tactics)[number];

/** The techniques (T1110.001) and tactics of a rule's tags; other tags are left over. */
export function readTags(tags: readonly string[]): { techniques: string[]; tactics: Tactic[]; other: string[] } {
  const out: { techniques: string[]; tactics: Tactic[]; other: string[] } = { techniques: [], tactics: [], other: [] };
  for (const tag of tags) {
    const name = tag.toLowerCase().startsWith("attack.") ? tag.slice(7).toLowerCase().replaceAll("_", "-") : "";
    const tactic = tactics.find((t) => t === name);
    if (tactic) out.tactics.push(tactic);
    else if (/^t\d{4}(\.\d{3})?$/.test(name)) out.techniques.push(name.toUpperCase());
    else out.other.push(tag);
  }
  return out;
}

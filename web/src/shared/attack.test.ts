import { expect, it } from "vitest";
import { readTags } from "./attack";

it.each([
  { name: "a tactic, with either sign between words", tags: ["attack.lateral-movement", "attack.defense_evasion"], want: { tactics: ["lateral-movement", "defense-evasion"], techniques: [], other: [] } },
  { name: "a technique and a part of one", tags: ["attack.t1110", "attack.T1070.001"], want: { tactics: [], techniques: ["T1110", "T1070.001"], other: [] } },
  { name: "anything else stays as it is", tags: ["cve.2021-44228", "attack.g0032", "attack.t1"], want: { tactics: [], techniques: [], other: ["cve.2021-44228", "attack.g0032", "attack.t1"] } },
])("reads $name", ({ tags, want }) => expect(readTags(tags)).toEqual(want));

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesOf, speaksOf, verifyInclusion } from "./proof";

// A Merkle tree as RFC 9162 section 2.1 defines it, written straight from its recursion.
const hash = (...parts: Uint8Array[]) => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
const entry = (i: number) => new TextEncoder().encode(`entry ${i}`);
const position = (i: number) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, i);
const split = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
function root(from: number, n: number): Uint8Array {
  if (n === 1) return hash(Uint8Array.of(0), position(from), entry(from));
  const k = split(n);
  return hash(Uint8Array.of(1), root(from, k), root(from + k, n - k));
}
function path(m: number, from: number, n: number): Uint8Array[] {
  if (n === 1) return [];
  const k = split(n);
  return m < k ? [...path(m, from, k), root(from + k, n - k)] : [...path(m - k, from + k, n - k), root(from, k)];
}
const proof = (seq: number, size: number) => ({ seq, size, entry: entry(seq), path: path(seq, 0, size), root: root(0, size) });

describe("an inclusion proof", () => {
  it("holds for every leaf of every tree up to 17", async () => {
    for (let size = 1; size <= 17; size++) for (let seq = 0; seq < size; seq++) expect([size, seq, await verifyInclusion(proof(seq, size))]).toEqual([size, seq, true]);
  });
  const good = proof(5, 11);
  it.each([
    { name: "another entry", bad: { ...good, entry: entry(6) } },
    { name: "another place", bad: { ...good, seq: 4 } },
    { name: "another size", bad: { ...good, size: 17 } },
    { name: "another root", bad: { ...good, root: root(0, 10) } },
    { name: "a shorter path", bad: { ...good, path: good.path.slice(1) } },
    { name: "a longer path", bad: { ...good, path: [...good.path, good.root] } },
    { name: "a place beyond the tree", bad: { ...good, seq: 11 } },
    { name: "a flipped bit", bad: { ...good, path: good.path.map((h, i) => (i === 2 ? h.map((b, j) => (j === 0 ? b ^ 1 : b)) : h)) } },
  ])("does not hold with $name", async ({ bad }) => expect(await verifyInclusion(bad)).toBe(false));
});

it("reads hashes in hex and base64", () => {
  const bytes = hash(entry(1));
  const text = Buffer.from(bytes);
  expect([bytesOf(text.toString("hex")), bytesOf(text.toString("base64"))]).toEqual([bytes, bytes]);
});

it.each([
  { name: "of this tree", size: 11, root: root(0, 11), want: true },
  { name: "of another size", size: 12, root: root(0, 11), want: false },
  { name: "of another root", size: 11, root: root(0, 10), want: false },
])("a checkpoint $name", ({ size, root: r, want }) => {
  const note = `origin\n${size}\n${Buffer.from(r).toString("base64")}\nhead x\n\n\u2014 origin c2ln\n`;
  expect(speaksOf(note, 11, root(0, 11))).toBe(want);
});
it.each(["", "origin", "origin\n11\n???\n"])("%j is no checkpoint of it", (note) => expect(speaksOf(note, 11, root(0, 11))).toBe(false));

import { describe, expect, it } from "vitest";
import { completing, conjuncts, equals, narrow, quote } from "./query";

describe("quoting", () => {
  it.each([
    ["plain", '"plain"'],
    ['say "hi"', String.raw`"say \"hi\""`],
    [String.raw`C:\Windows`, String.raw`"C:\\Windows"`],
    ["two\nlines", String.raw`"two\nlines"`],
  ])("%s", (value, want) => expect(quote(value)).toBe(want));
  it("names with other characters are quoted", () => expect(equals("a b", "c")).toBe('"a b":="c"'));
});

describe("narrowing", () => {
  const term = 'user.name:="root"';
  it.each([
    { name: "an empty query", query: "", exclude: false, want: term },
    { name: "a word", query: "sshd", exclude: false, want: `sshd ${term}` },
    { name: "everything", query: "*", exclude: false, want: term },
    { name: "the same term again", query: `sshd ${term}`, exclude: false, want: `sshd ${term}` },
    { name: "its opposite", query: `-${term} sshd`, exclude: false, want: `sshd ${term}` },
    { name: "excluding what was included", query: `sshd ${term}`, exclude: true, want: `sshd -${term}` },
    { name: "a spelled-out not", query: `not ${term}`, exclude: false, want: term },
    { name: "an exclamation mark", query: `!${term}`, exclude: false, want: term },
    { name: "alternatives keep together", query: "a or b", exclude: false, want: `(a or b) ${term}` },
    { name: "a parenthesis is one term", query: "(a or b) c", exclude: false, want: `(a or b) c ${term}` },
    { name: "spaces and signs in quotes", query: 'x:="a or (b"', exclude: true, want: `x:="a or (b" -${term}` },
  ])("$name", ({ query, exclude, want }) => expect(narrow(query, term, exclude)).toBe(want));
  it.each(['"open', "(open", "a | stats count()"])("%s is not taken apart", (query) => expect(conjuncts(query)).toBeUndefined());
});

describe("completion", () => {
  it.each([
    { before: "", want: undefined },
    { before: "user.n", want: { kind: "field", field: "", word: "user.n", from: 0 } },
    { before: "sshd -us", want: { kind: "field", field: "", word: "us", from: 6 } },
    { before: "(us", want: { kind: "field", field: "", word: "us", from: 1 } },
    { before: "user.name:ro", want: { kind: "value", field: "user.name", word: "ro", from: 10 } },
    { before: "user.name:=", want: { kind: "value", field: "user.name", word: "", from: 11 } },
    { before: 'user.name:="ro', want: { kind: "value", field: "user.name", word: "ro", from: 11 } },
    { before: 'a:="b" ', want: undefined },
    { before: '"a phrase', want: undefined },
  ])("after $before", ({ before, want }) => expect(completing(before)).toEqual(want));
});

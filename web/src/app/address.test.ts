import { expect, it } from "vitest";
import { parseSearch, stringifySearch } from "./address";

it.each([
  { name: "nothing", search: {}, text: "" },
  { name: "what is empty is left out", search: { query: "", row: undefined, live: false, tab: null }, text: "" },
  { name: "text, number, flag, list", search: { query: 'a:="b c" -d', row: 0, live: true, columns: ["x.y", "z"] }, text: "?query=a%3A%3D%22b+c%22+-d&row=0&live=1&columns=x.y%2Cz" },
  { name: "digits stay text", search: { query: "123" }, text: "?query=123" },
  { name: "Chinese", search: { query: "登录" }, text: "?query=%E7%99%BB%E5%BD%95" },
])("writes $name", ({ search, text }) => {
  expect(stringifySearch(search)).toBe(text);
});

it("reads what it wrote, as text", () => {
  expect(parseSearch("?query=a%3A%3D%22b+c%22&row=0&live=1")).toEqual({ query: 'a:="b c"', row: "0", live: "1" });
});

import { expect, it } from "vitest";
import { readPreferences } from "./preferences";

it.each([
  { name: "nothing kept, Chinese browser", kept: null, language: "zh-TW", dark: false, want: { language: "zh-CN", theme: "light", letterKeys: true, narrowNav: false } },
  { name: "nothing kept, other browser in the dark", kept: null, language: "de", dark: true, want: { language: "en", theme: "dark", letterKeys: true, narrowNav: false } },
  { name: "kept choices win", kept: '{"language":"en","theme":"light","letterKeys":false}', language: "zh-CN", dark: true, want: { language: "en", theme: "light", letterKeys: false, narrowNav: false } },
  { name: "damaged text falls back", kept: "{", language: "en", dark: false, want: { language: "en", theme: "light", letterKeys: true, narrowNav: false } },
  { name: "unknown words fall back", kept: '{"language":"fr","theme":"sepia"}', language: "zh", dark: false, want: { language: "zh-CN", theme: "light", letterKeys: true, narrowNav: false } },
])("$name", ({ kept, language, dark, want }) => {
  expect(readPreferences(kept, language, dark)).toEqual(want);
});

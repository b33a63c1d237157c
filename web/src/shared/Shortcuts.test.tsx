import { fireEvent, render } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { prefer } from "@/app/preferences";
import { resolve, Shortcuts, useCommands } from "./Shortcuts";

vi.mock("react-i18next", () => ({ useTranslation: () => ({ t: (key: string) => key, i18n: { language: "en" } }) }));
beforeEach(() => prefer({ letterKeys: true }));

const run = () => {};
it.each([
  { pressed: "g", found: undefined, more: true },
  { pressed: "g l", found: "g l", more: false },
  { pressed: "/", found: "/", more: false },
  { pressed: "z", found: undefined, more: false },
  { pressed: "j", found: undefined, more: false }, // only listed: the list takes it itself
])("$pressed", ({ pressed, found, more }) => {
  const commands = [{ keys: "g l", label: "", run }, { keys: "/", label: "", run }, { keys: "j", label: "" }];
  const got = resolve(commands, pressed);
  expect([got.run?.keys, got.more]).toEqual([found, more]);
});

function Page({ go }: { go: () => void }) {
  useCommands([{ keys: "g l", label: "go", run: go }]);
  return <input aria-label="field" />;
}

function pressAll(target: Element, ...keys: string[]) {
  for (const key of keys) fireEvent.keyDown(target, { key });
}

it("two keys in a row go", () => {
  const go = vi.fn();
  render(<Shortcuts><Page go={go} /></Shortcuts>);
  pressAll(document.body, "g", "l");
  expect(go).toHaveBeenCalledTimes(1);
});
it("do nothing while a field is typed into", () => {
  const go = vi.fn();
  const { getByLabelText } = render(<Shortcuts><Page go={go} /></Shortcuts>);
  pressAll(getByLabelText("field"), "g", "l");
  expect(go).not.toHaveBeenCalled();
});
it("do nothing when they are switched off", () => {
  prefer({ letterKeys: false });
  const go = vi.fn();
  render(<Shortcuts><Page go={go} /></Shortcuts>);
  pressAll(document.body, "g", "l");
  expect(go).not.toHaveBeenCalled();
});
it("another key between forgets the first", () => {
  const go = vi.fn();
  render(<Shortcuts><Page go={go} /></Shortcuts>);
  pressAll(document.body, "g", "x", "l");
  expect(go).not.toHaveBeenCalled();
});

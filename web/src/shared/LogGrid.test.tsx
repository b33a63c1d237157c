import { fireEvent, render, screen } from "@testing-library/react";
import type { ComponentProps } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clampWidth, columnTemplate, type GridColumn } from "./grid";
import { LogGrid } from "./LogGrid";

vi.mock("react-i18next", () => ({ useTranslation: () => ({ t: (key: string) => key, i18n: { language: "en" } }) }));

interface Row {
  id: string;
  user: string;
}
const rows: Row[] = Array.from({ length: 10_000 }, (_, i) => ({ id: String(i), user: `user ${i % 7}` }));
const columns: GridColumn<Row>[] = [
  { id: "id", title: "Id", width: 80, cell: (r) => r.id },
  { id: "user", title: "User", width: 120, value: true, cell: (r) => r.user },
];

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function show(extra: Partial<ComponentProps<typeof LogGrid<Row>>> = {}) {
  render(<LogGrid label="rows" rows={rows} columns={columns} rowKey={(r) => r.id} total={12_345} {...extra} />);
  const grid = screen.getByRole("grid");
  return { grid, press: (...keys: (string | [string, object])[]) => keys.forEach((k) => (typeof k === "string" ? fireEvent.keyDown(grid, { key: k }) : fireEvent.keyDown(grid, { key: k[0], ...k[1] }))) };
}

describe("a long grid", () => {
  it("draws only what is in sight and tells how many there are", () => {
    const { grid } = show();
    const drawn = screen.getAllByRole("row").length;
    expect([drawn > 20, drawn < 60]).toEqual([true, true]);
    expect(grid.getAttribute("aria-rowcount")).toBe("12346");
  });
  it("moves and opens by keys", () => {
    const onOpen = vi.fn();
    const { press } = show({ onOpen });
    press("j", "ArrowDown", "k", "Enter");
    expect(onOpen).toHaveBeenCalledWith(rows[1], 1);
  });
  it("opens the next record as it moves, when one is open", () => {
    const onOpen = vi.fn();
    show({ onOpen, open: "0" }).press("j");
    expect(onOpen).toHaveBeenCalledWith(rows[1], 1);
  });
  it("opens the menu of a value by key", () => {
    const onValue = vi.fn();
    show({ onValue }).press("f");
    expect(onValue.mock.calls[0]!.slice(0, 2)).toEqual([rows[0], columns[1]]);
  });
  it("marks one, and a range", () => {
    const onSelect = vi.fn();
    const { press } = show({ onSelect, selected: new Set(["9"]) });
    press("x");
    expect([...onSelect.mock.calls[0]![0]]).toEqual(["9", "0"]);
    press("j", "j", ["X", { shiftKey: true }]);
    expect([...onSelect.mock.calls[1]![0]]).toEqual(["9", "0", "1", "2"]);
  });
  it("hands other letters to the page", () => {
    const onKey = vi.fn(() => true);
    show({ onKey }).press("e");
    expect(onKey).toHaveBeenCalledWith("e", rows[0]);
  });
  it("leaves keys with Ctrl alone", () => {
    const onOpen = vi.fn();
    show({ onOpen }).press(["Enter", { ctrlKey: true }]);
    expect(onOpen).not.toHaveBeenCalled();
  });
  it("a click on a row opens it, a click on a value its menu", () => {
    const onOpen = vi.fn();
    const onValue = vi.fn();
    show({ onOpen, onValue });
    fireEvent.click(screen.getByText("3"));
    fireEvent.click(screen.getAllByText("user 4")[0]!);
    expect([onOpen.mock.calls.map((c) => c[1]), onValue.mock.calls.map((c) => c[0].id)]).toEqual([[3], ["4"]]);
  });
});

it("a column that grows has a least width", () => expect(columnTemplate([{ width: 80 }, { width: 320, grow: true }], true)).toBe("32px 80px minmax(320px, 1fr)"));
it.each([[10, 48], [100.4, 100], [5000, 900]])("a width of %d becomes %d", (px, want) => expect(clampWidth(px)).toBe(want));

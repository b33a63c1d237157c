import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { Menu } from "./Menu";


function show() {
  const run = vi.fn();
  render(
    <Menu label="More" items={[{ id: "a", label: "Alpha", run: () => run("a") }, { id: "b", label: "Beta", disabled: true }, { id: "c", label: "Gamma", run: () => run("c") }]}>
      …
    </Menu>,
  );
  fireEvent.click(screen.getByRole("button", { name: "More" }));
  return run;
}

it("opens with the first act in focus", () => {
  show();
  expect(document.activeElement?.textContent).toBe("Alpha");
});
it("arrows pass over what cannot be done, and go round", () => {
  show();
  const menu = screen.getByRole("menu");
  fireEvent.keyDown(menu, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Gamma");
  fireEvent.keyDown(menu, { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Alpha");
});
it("acts once and closes", () => {
  const run = show();
  fireEvent.click(screen.getByText("Gamma"));
  expect([run.mock.calls, screen.queryByRole("menu")]).toEqual([[["c"]], null]);
});
it("does nothing for what cannot be done", () => {
  const run = show();
  fireEvent.click(screen.getByText("Beta"));
  expect(run).not.toHaveBeenCalled();
});
it("Escape closes it and gives the focus back", () => {
  show();
  fireEvent.keyDown(document, { key: "Escape" });
  expect([screen.queryByRole("menu"), document.activeElement?.getAttribute("aria-label")]).toEqual([null, "More"]);
});

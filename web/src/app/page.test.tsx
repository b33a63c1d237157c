import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Session } from "@/api/contract";
import { page } from "./page";
import { SessionContext } from "./session";

vi.mock("react-i18next", () => ({ useTranslation: () => ({ t: (key: string) => key, i18n: { language: "en" } }) }));

function show(permissions: string[], load = () => Promise.resolve({ default: () => <p>the page</p> })) {
  const Guarded = page("log.read", load);
  render(
    <SessionContext value={{ permissions } as Session}>
      <Guarded />
    </SessionContext>,
  );
}

it("shows the page to whom may see it", async () => {
  show(["log.read"]);
  expect(await screen.findByText("the page")).toBeInTheDocument();
});
it("refuses it to others, and does not even load it", () => {
  const load = vi.fn(() => Promise.resolve({ default: () => <p>the page</p> }));
  show(["alert.read"], load);
  expect([screen.getByText("log.read").tagName, load.mock.calls.length]).toEqual(["CODE", 0]);
});
it("keeps a page that breaks to itself", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  show(["log.read"], () => Promise.resolve({ default: () => { throw new Error("broken on purpose"); } }));
  expect(await screen.findByText("broken on purpose")).toBeInTheDocument();
});

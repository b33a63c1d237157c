import { createSocket } from "node:dgram";
import { events } from "./fixtures/station";
import { expect, expectAccessible, test } from "./fixtures/test";

const unique = () => `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;

test("a source is added, its token shown once, and its first line awaited", async ({ page, open, station, t }) => {
  const name = `filebeat-${unique()}`;
  await open("/sources");
  await page.getByRole("grid").locator(".fs-grid-row").first().waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: t("sources:add.do") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: t("sources:add.do") }).click();
  await expect(dialog.getByText(t("sources:wrong.name"))).toBeVisible();
  await expect(dialog.getByText(t("sources:wrong.allow"))).toBeVisible(); // syslog is known by its address
  await expectAccessible(page);
  await dialog.getByRole("radio", { name: t("sources:form.kind_http") }).check();
  await expect(dialog.getByText(t("sources:form.certificate"))).toHaveCount(0);
  await dialog.getByRole("textbox", { name: t("sources:form.name") }).fill(name);
  await dialog.getByRole("button", { name: t("sources:add.do") }).click();

  const token = (await dialog.locator(".fs-source-token code").textContent())!;
  await expect(dialog.getByText(t("sources:wait.first"))).toBeVisible();
  await expect(dialog.locator("pre")).toContainText(token);
  await expectAccessible(page);
  await station.send(token, events(3));
  await expect(dialog.getByText(t("sources:wait.came"))).toBeVisible();
  await dialog.getByRole("button", { name: t("sources:added.done") }).click();

  const side = page.locator(".fs-side");
  await expect(side.getByRole("heading", { name })).toBeVisible();
  await expect(side.locator("pre").first()).not.toContainText(token); // it is not shown again
  await side.getByRole("tab", { name: t("sources:tab.facts") }).click();
  await expectAccessible(page);
  await side.getByRole("button", { name: t("sources:act.token") }).click();
  await dialog.getByRole("button", { name: t("sources:act.token") }).click();
  await expect(dialog.locator(".fs-source-token code")).not.toHaveText(token);
  await dialog.getByRole("button", { name: t("sources:added.done") }).click();

  await side.getByRole("button", { name: t("sources:act.edit"), exact: true }).click();
  await dialog.getByRole("textbox", { name: t("sources:form.silent"), exact: true }).fill("2");
  await dialog.getByRole("button", { name: t("sources:edit.do") }).click();
  await expect(side.getByText(t("sources:span.h", { n: 2 }), { exact: true })).toBeVisible();
  await side.getByRole("button", { name: t("sources:act.retire"), exact: true }).click();
  await dialog.getByRole("textbox").fill("replaced");
  await dialog.getByRole("button", { name: t("sources:act.retire"), exact: true }).click();
  await expect(side.getByText("replaced")).toBeVisible();
  await expect(side.getByRole("button", { name: t("sources:act.edit"), exact: true })).toBeDisabled();
});

test("a source that receives says so while the page is open", async ({ page, open, station, t }) => {
  const name = `live-${unique()}`;
  const token = await station.addSource(name);
  await open(`/sources?q=${name}`);
  const row = page.getByRole("grid").locator(".fs-grid-row").first();
  await expect(row).toContainText(t("sources:state.waiting"));
  await station.send(token, events(2));
  await expect(row).toContainText(t("sources:justNow"));
  await expect(row).toContainText(t("sources:state.delivering"));
});

test.describe("a name that is taken", () => {
  test.use({ provokes: [409] });
  test("stays in the form with what was typed", async ({ page, open, t }) => {
    await open("/sources");
    await page.getByRole("button", { name: t("sources:add.do") }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: t("sources:form.name") }).fill("jump-01");
    await dialog.getByRole("textbox", { name: t("sources:form.allow") }).fill("192.0.2.7");
    await dialog.getByRole("button", { name: t("sources:add.do") }).click();
    await expect(dialog.getByRole("alert")).toBeVisible();
    await expect(dialog.getByRole("textbox", { name: t("sources:form.allow") })).toHaveValue("192.0.2.7");
  });
});

test("an unknown sender is adopted", async ({ page, open, station, cookie, t }) => {
  const answer = await fetch(`${station.url}/api/v1/station`, { headers: { Cookie: cookie } });
  const { listeners } = (await answer.json()) as { listeners: { name: string; address: string }[] };
  const syslog = listeners.find((l) => l.name === "syslog_udp")!.address;
  const port = Number(syslog.slice(syslog.lastIndexOf(":") + 1));
  const peer = `127.0.${Math.floor(Math.random() * 200) + 20}.${Math.floor(Math.random() * 200) + 20}`;
  const socket = createSocket("udp4");
  await new Promise<void>((done) => socket.bind(0, peer, done));
  await new Promise((done) => socket.send("<13>Nov 24 22:00:00 printer lpd: paper out \u001b[31m", port, "127.0.0.1", done));
  await open("/sources?view=strangers");
  const row = page.getByRole("row").filter({ hasText: peer });
  await expect(row).toContainText("paper out \u241b[31m");
  await expectAccessible(page);
  await row.getByRole("button", { name: t("sources:strangers.adopt") }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: t("sources:form.allow") })).toHaveValue(peer);
  await dialog.getByRole("textbox", { name: t("sources:form.name") }).fill(`printer-${peer}`);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: t("sources:strangers.adopt") }).click();
  await expect(dialog.getByText(t("sources:added.title", { name: `printer-${peer}` }))).toBeVisible();
  await new Promise((done) => socket.send("<13>Nov 24 22:00:00 printer lpd: paper in", port, "127.0.0.1", done));
  await expect(dialog.getByText(t("sources:wait.came"))).toBeVisible();
  await dialog.getByRole("button", { name: t("sources:added.done") }).click();
  await expect(row).toHaveCount(0);
  socket.close();
});

test("gaps have a tab of their own", async ({ page, open, t }) => {
  await open("/sources?view=gaps");
  await expect(page.getByText(t("sources:gaps.none")).or(page.locator(".fs-plain")).first()).toBeVisible();
  await expectAccessible(page);
});

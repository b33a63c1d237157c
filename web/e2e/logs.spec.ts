import { events } from "./fixtures/station";
import { expect, expectAccessible, test } from "./fixtures/test";

test("completion, value menu, columns, and the address that carries it all", async ({ page, open, t }) => {
  await open("/logs");
  const grid = page.getByRole("grid");
  await grid.getByRole("row").nth(2).waitFor();
  const editor = page.getByRole("textbox", { name: t("logs:query.label") });
  await editor.click();
  await page.keyboard.type("user.na");
  await page.locator(".cm-tooltip-autocomplete li").first().waitFor();
  await page.keyboard.press("Tab"); // takes the first
  await page.keyboard.type("=");
  await page.locator(".cm-tooltip-autocomplete li", { hasText: "lina" }).click();
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/query=user\.name%3A%3D%22lina%22/);
  await expect(grid.getByText("lina").first()).toBeVisible();
  await expect(grid.getByText("zhangwei")).toHaveCount(0);

  // A column of the field list, then out with a value of it by its menu.
  await page.getByRole("button", { name: t("logs:fields.columnOn", { field: "event.outcome" }) }).click();
  await grid.locator(".fs-grid-value", { hasText: "failure" }).first().click();
  await page.getByRole("menuitem", { name: t("shared:entity.exclude") }).click();
  await expect(grid.locator(".fs-grid-value", { hasText: "failure" })).toHaveCount(0);
  await expect(page).toHaveURL(/columns=event\.outcome/);
  await expectAccessible(page);

  const address = page.url();
  await page.goto("about:blank");
  await page.goto(address);
  await expect(grid.locator(".fs-grid-value", { hasText: "success" }).first()).toBeVisible();
  await page.goBack();
});

test.describe("a query that cannot be read", () => {
  test.use({ provokes: [400] });
  test("is explained at its column", async ({ page, open, t }) => {
    await open("/logs?query=user.name:%3D%22a%22%20and%20)");
    await expect(page.locator(".fs-logs-bad")).toContainText(/\d+/);
    await expect(page.getByText(t("logs:empty.bad"))).toBeVisible();
    await expect(page.locator(".cm-lintRange-error")).toBeVisible();
    await expectAccessible(page);
  });
});

test("the histogram zooms by drag and by keys, and shows its table", async ({ page, open, t }) => {
  await open("/logs?from=-1h");
  const plot = page.getByRole("application", { name: t("logs:timeline.label") });
  await plot.locator("rect").first().waitFor();
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.55, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 30, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=20\d\d.*to=20\d\d/);
  const dragged = page.url();
  await plot.locator("rect").first().waitFor();
  await plot.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveURL(dragged);
  await page.goBack();
  await expect(page).toHaveURL(dragged);
  await page.getByRole("button", { name: t("shared:chart.table") }).click();
  await expect(page.getByRole("region", { name: t("logs:timeline.label") }).getByRole("columnheader", { name: t("shared:chart.total") })).toBeVisible();
});

test("a record by keys: fields, neighbours, raw text, the proof of its seal", async ({ page, open, t }) => {
  await open("/logs?query=attempt");
  const grid = page.getByRole("grid");
  await grid.getByRole("row").nth(2).waitFor();
  await grid.focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const drawer = page.locator(".fs-drawer");
  await expect(drawer.getByRole("rowheader", { name: "user.name" })).toBeVisible();
  const first = page.url();
  await page.keyboard.press("j"); // the next record, still in the drawer
  await expect(page).not.toHaveURL(first);
  await page.keyboard.press("[");
  await expect(page).toHaveURL(first);
  await drawer.getByRole("tab", { name: t("logs:tab.context") }).click();
  await expect(drawer.locator(".fs-context [data-here]")).toBeVisible();
  await drawer.getByRole("tab", { name: t("logs:tab.raw") }).click();
  await expect(drawer.locator("pre")).toContainText("message");
  await drawer.getByRole("tab", { name: t("logs:tab.proof") }).click();
  await expect(drawer.getByText(t("logs:proof.verified"))).toBeVisible();
  await expect(drawer.getByText(t("logs:proof.here"))).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(drawer).toBeHidden();
});

test("the live tail starts, pauses while one reads, goes on, and survives a restart", async ({ page, open, station, t }) => {
  test.setTimeout(90_000);
  page.removeAllListeners("console"); // the browser reports the lost connection there
  const token = await station.addSource(`live-${Date.now()}`);
  await open("/logs?live=1&query=heartbeat");
  await expect(page.getByText(t("logs:live.open")).first()).toBeVisible();
  const beat = (i: number) => ({ ...events(1)[0], message: `heartbeat ${i} end` });
  await station.send(token, [beat(1)]);
  const grid = page.getByRole("grid");
  await expect(grid.getByText("heartbeat 1 end")).toBeVisible();
  await page.getByRole("button", { name: t("logs:live.pause") }).click();
  await station.send(token, [beat(2)]);
  await expect(page.getByRole("button", { name: t("logs:live.resume", { n: 1 }) })).toBeVisible();
  await expect(grid.getByText("heartbeat 2 end")).toHaveCount(0);
  await page.getByRole("button", { name: t("logs:live.resume", { n: 1 }) }).click();
  await expect(grid.getByText("heartbeat 2 end")).toBeVisible();
  await station.stop();
  await expect(page.getByText(t("logs:live.lost")).first()).toBeVisible();
  await station.run();
  await expect(page.getByText(t("logs:live.open")).first()).toBeVisible({ timeout: 30_000 });
  await station.send(token, [beat(3)]);
  await expect(grid.getByText("heartbeat 3 end")).toBeVisible();
});

test("an export is a file with the hits", async ({ page, open, t }) => {
  await open("/logs?query=user.name%3A%3D%22lina%22");
  await page.getByRole("grid").getByRole("row").nth(2).waitFor();
  await page.getByRole("button", { name: t("logs:export.label") }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: t("logs:export.ndjson") }).click()]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  const lines = Buffer.concat(chunks).toString("utf8").trim().split("\n");
  expect(lines.length).toBe(300);
  expect(lines.every((line) => line.includes("lina"))).toBe(true);
});

test("keys are listed and lead to pages", async ({ page, open, t }) => {
  await open("/");
  await page.locator(".fs-tiles").waitFor();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: t("shared:keys.title") })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/\/logs$/);
  await page.getByRole("grid").getByRole("row").nth(2).waitFor();
  await page.keyboard.press("/");
  await expect(page.getByRole("textbox", { name: t("logs:query.label") })).toBeFocused();
});

import { expect, expectAccessible, test } from "./fixtures/test";

const unique = () => `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;

test.use({ provokes: [409] }); // a change that came too late

test("units are made, changed, moved and dissolved; the past stays", async ({ page, open, station, cookie, t }) => {
  const [root, child] = [`省教育厅 ${unique()}`, `信息中心 ${unique()}`];
  await open("/units");
  const dialog = page.getByRole("dialog");
  const side = page.locator(".fs-side");
  const grid = page.getByRole("grid");
  await page.locator(".fs-page-list .fs-grid-row, .fs-page-list .fs-empty").first().waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: t("units:create.do") }).first().click();
  await dialog.getByRole("button", { name: t("units:create.do") }).click();
  await expect(dialog.getByText(t("units:form.needName"))).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel(t("units:form.zh")).fill(root);
  await dialog.getByLabel(t("units:column.kind"), { exact: true }).selectOption("province");
  await dialog.getByRole("button", { name: t("units:form.addContact") }).click();
  await dialog.getByLabel(t("units:form.contactField", { n: 1, field: t("units:contact.name") })).fill("李娜");
  await dialog.getByRole("button", { name: t("units:create.do") }).click();
  await expect(side.getByRole("heading", { name: root })).toBeVisible();
  await expect(side.getByText("李娜")).toBeVisible();
  await page.getByRole("button", { name: t("units:create.below") }).click();
  await dialog.getByLabel(t("units:form.zh")).fill(child);
  await dialog.getByRole("button", { name: t("units:create.do") }).click();
  await expect(side.getByRole("heading", { name: child })).toBeVisible();
  await expect(side.getByRole("button", { name: root })).toBeVisible(); // the way to it
  await expectAccessible(page);

  // Somebody is faster: nothing is saved, and it is said.
  const id = new URL(page.url()).searchParams.get("id")!;
  await side.getByRole("button", { name: t("units:act.edit") }).click();
  await dialog.getByLabel(t("units:column.code"), { exact: true }).fill(`C-${unique()}`);
  const other = await fetch(`${station.url}/api/v1/units/${id}`, { method: "PATCH", headers: { "Content-Type": "application/json", Cookie: cookie, "If-Match": "*" }, body: JSON.stringify({ name: { zh: child, en: "Centre" } }) });
  expect(other.status).toBe(200);
  await dialog.getByRole("button", { name: t("units:edit.do") }).click();
  await expect(dialog.getByText(t("units:changed"))).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await side.getByRole("button", { name: t("units:act.move") }).click();
  await dialog.getByLabel(t("units:form.parent")).selectOption("");
  await dialog.getByRole("button", { name: t("units:act.move") }).click();
  await expect(dialog.getByText(t("units:needReason"))).toBeVisible();
  await dialog.getByRole("textbox", { name: t("units:reason") }).fill("reorganised");
  await dialog.getByRole("button", { name: t("units:act.move") }).click();
  await expect(dialog).toHaveCount(0);
  await side.getByRole("button", { name: t("units:act.dissolve") }).click();
  await dialog.getByRole("textbox", { name: t("units:reason") }).fill("closed down");
  await dialog.getByRole("button", { name: t("units:act.dissolve") }).click();
  await expect(side.getByText("closed down")).toBeVisible();
  await expect(side.getByRole("button", { name: t("units:act.edit") })).toBeDisabled();
  await side.getByRole("tab", { name: t("units:tab.history") }).click();
  await expect(side.locator(".fs-unit-history > li")).toHaveCount(4);
  await expectAccessible(page);
  await page.goto(`${station.url}/units?at=2020-01-01`);
  await expect(page.getByText(t("units:empty.notThen"))).toBeVisible();
  await expect(page.getByRole("button", { name: t("units:import.do") })).toBeDisabled();
  await expect(grid).toHaveCount(0);
});

test("a file is previewed row by row and then imported", async ({ page, open, t }) => {
  const code = `I${unique().toUpperCase()}`;
  const file = (rows: string[]) => ({ name: "units.csv", mimeType: "text/csv", buffer: Buffer.from(["Code,Name (Chinese),Parent code,Kind", ...rows].join("\n")) });
  await open("/units");
  await page.locator(".fs-page-list .fs-grid-row, .fs-page-list .fs-empty").first().waitFor();
  await page.getByRole("button", { name: t("units:import.do") }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.locator("input[type=file]").setInputFiles(file([`${code},测试大学,,institution`, `${code}-1,图书馆,${code},nonsense`]));
  await dialog.getByRole("button", { name: t("units:import.preview") }).click();
  await expect(dialog.getByText(t("units:import.stopped"))).toBeVisible();
  await expect(dialog.locator("tbody .fs-field-error")).toHaveCount(1);
  await expectAccessible(page);
  await dialog.locator("input[type=file]").setInputFiles(file([`${code},测试大学,,institution`, `${code}-1,图书馆,${code},department`]));
  await dialog.getByRole("button", { name: t("units:import.preview") }).click();
  await expect(dialog.locator("tbody tr")).toHaveCount(2);
  await dialog.getByRole("button", { name: t("units:import.take") }).click();
  await expect(dialog.getByRole("heading", { name: t("units:import.done") })).toBeVisible();
  await dialog.getByRole("button", { name: t("units:import.close") }).last().click();
  await page.getByRole("searchbox").fill(`${code}-1`);
  await expect(page.getByRole("grid").locator(".fs-grid-row")).toHaveCount(2); // with the unit above it
  await expectAccessible(page);
});

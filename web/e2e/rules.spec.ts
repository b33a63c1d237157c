import { expect, expectAccessible, test } from "./fixtures/test";

const rule = "134da567-2c32-56fc-9ab6-c9b3a6e1ac0f"; // a shipped one

test("rules are found, read and switched with a reason", async ({ page, open, t }) => {
  await open("/rules");
  const grid = page.getByRole("grid");
  await grid.locator(".fs-grid-row").nth(3).waitFor();
  await expectAccessible(page);
  await page.getByRole("searchbox").fill("t1070.001");
  await expect(page).toHaveURL(/q=t1070\.001/);
  await page.getByRole("button", { name: t("shared:level.critical"), exact: true }).click();
  await expect(page).toHaveURL(/level=critical/);
  await grid.focus();
  await page.keyboard.press("Enter");
  const side = page.locator(".fs-side");
  await expect(side.locator("pre")).toContainText("detection:");
  await expect(side.getByText(t("rules:tactic.defense-evasion"))).toBeVisible();
  await expectAccessible(page);

  await open(`/rules?id=${rule}`);
  await side.getByRole("button", { name: t("rules:switch.off") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: t("rules:switch.off") }).click();
  await expect(dialog.getByText(t("rules:switch.needReason"))).toBeVisible();
  await dialog.getByRole("textbox").fill("too loud during the move");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: t("rules:switch.off") }).click();
  await expect(side.getByText(t("rules:switch.because", { reason: "too loud during the move" }))).toBeVisible();
  await page.getByRole("button", { name: t("rules:enabled.false"), exact: true }).click();
  await expect(grid.locator(".fs-grid-row")).toHaveCount(1);

  await side.getByRole("button", { name: t("rules:switch.on") }).click();
  await dialog.getByRole("textbox").fill("done");
  await dialog.getByRole("textbox").press("Control+Enter");
  await expect(side.getByRole("button", { name: t("rules:switch.off") })).toBeVisible();
});

test("reloading says what came of it; refused rules have a tab", async ({ page, open, t }) => {
  await open("/rules");
  await page.getByRole("button", { name: t("rules:reload.do") }).click();
  await expect(page.locator(".ant-message-notice")).toContainText(/\d+/);
  await page.getByRole("tab", { name: t("rules:view.problems") }).click();
  await expect(page.getByText(t("rules:problems.none"))).toBeVisible();
  await expectAccessible(page);
});

test("nothing matches is said as such", async ({ page, open, t }) => {
  await open("/rules?q=nothingiscalledthis");
  await expect(page.locator(".fs-empty[data-kind=unmatched]")).toBeVisible();
  await page.getByRole("button", { name: t("rules:empty.clear") }).click();
  await page.getByRole("grid").locator(".fs-grid-row").first().waitFor();
});

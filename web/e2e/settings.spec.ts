import { expect, expectAccessible, test } from "./fixtures/test";
import { administrator } from "./fixtures/station";

const unique = () => `${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;

test("an account is made, changed, disabled, and each act stands in the trail", async ({ page, open, station, t }) => {
  const name = `lina-${unique()}`;
  await open("/settings/accounts");
  const grid = page.getByRole("grid");
  await grid.locator(".fs-grid-row").first().waitFor();
  await page.getByRole("button", { name: t("accounts:accounts.add") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: t("accounts:accounts.add") }).click();
  await expect(dialog.getByText(t("accounts:wrong.name"))).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("textbox", { name: t("accounts:column.name") }).fill(name);
  await dialog.getByRole("radio", { name: t("accounts:roleText.analyst") }).check();
  await dialog.getByLabel(t("accounts:create.password")).fill(administrator.password);
  await dialog.getByRole("button", { name: t("accounts:accounts.add") }).click();

  const side = page.locator(".fs-side");
  await expect(side.getByRole("heading", { name })).toBeVisible();
  await expectAccessible(page);
  await side.getByRole("button", { name: t("accounts:act.role") }).click();
  await dialog.getByRole("radio", { name: t("accounts:roleText.reader") }).check();
  await dialog.getByRole("button", { name: t("accounts:act.role") }).click();
  await expect(side.getByText(t("accounts:roleText.reader"))).toBeVisible();
  await station.signIn(name);
  await side.getByRole("button", { name: t("accounts:act.password") }).click();
  await dialog.getByRole("button", { name: t("accounts:generate") }).click();
  await expect(dialog.getByLabel(t("accounts:passwordDialog.new"))).toHaveValue(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
  await dialog.getByRole("button", { name: t("accounts:act.password") }).click();
  await expect(dialog).toHaveCount(0);
  await side.getByRole("button", { name: t("accounts:act.disable"), exact: true }).click();
  await dialog.getByRole("button", { name: t("accounts:act.disable"), exact: true }).click();
  await expect(side.getByText(t("accounts:state.disabled"))).toBeVisible();

  // What was just done is sealed, and found within seconds.
  await expect(async () => {
    await page.goto(`${station.url}/settings/audit?action=update-account`);
    await expect(grid.locator(".fs-grid-row")).not.toHaveCount(0, { timeout: 3000 });
  }).toPass();
  await expectAccessible(page);
  await grid.locator(".fs-grid-row").first().click();
  await expect(side.locator("pre")).toContainText("update-account");
  await expect(side.getByText(t("audit:outcome.success"))).toBeVisible();
  await expectAccessible(page);
  await side.getByRole("link", { name: t("audit:side.proof") }).click();
  await expect(page.locator(".fs-proof, .fs-drawer")).not.toHaveCount(0);
});

test("nobody disables their own account", async ({ page, open, t }) => {
  await open("/settings/accounts");
  await page.getByRole("searchbox").fill(administrator.name);
  await page.getByRole("grid").locator(".fs-grid-row").first().click();
  await expect(page.getByRole("button", { name: t("accounts:act.disable"), exact: true })).toBeDisabled();
  await expect(page.getByRole("button", { name: t("accounts:act.role") })).toBeDisabled();
});

test("a token is made, shown once, works, and is revoked", async ({ page, open, station, t }) => {
  const name = `report-${unique()}`;
  await open("/settings/tokens");
  await page.locator(".fs-page-list .fs-grid-row, .fs-page-list .fs-empty").first().waitFor();
  await expectAccessible(page);
  await page.getByRole("button", { name: t("accounts:tokens.add") }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: t("accounts:column.name") }).fill(name);
  await dialog.getByLabel(t("accounts:newToken.expires")).selectOption("30d");
  await dialog.getByRole("button", { name: t("accounts:tokens.add") }).click();
  const token = (await dialog.locator(".fs-token code").textContent())!;
  await expectAccessible(page);
  const ask = () => fetch(`${station.url}/api/v1/rules?limit=1`, { headers: { Authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);
  await dialog.getByRole("button", { name: t("accounts:newToken.kept") }).click();
  const side = page.locator(".fs-side");
  await expect(side.getByRole("heading", { name })).toBeVisible();
  await expect(page.getByText(token)).toHaveCount(0);
  await side.getByRole("button", { name: t("accounts:act.revoke") }).click();
  await dialog.getByRole("button", { name: t("accounts:act.revoke") }).click();
  await expect(side).toHaveCount(0);
  expect((await ask()).status).toBe(401);
});

test("a reader has no settings of others in the menu, and their pages say so", async ({ page, context, station, cookie, t }) => {
  const name = `reader-${unique()}`;
  await station.addAccount(cookie, name, "reader");
  const [key, value] = (await station.signIn(name)).split("=") as [string, string];
  await context.addCookies([{ name: key, value, url: station.url, httpOnly: true, sameSite: "Strict" }]);
  await page.goto(`${station.url}/settings/audit`);
  await expect(page.locator(".fs-empty[data-kind=denied]")).toBeVisible();
  await expect(page.getByRole("link", { name: t("app:nav.audit") })).toHaveCount(0);
  await expectAccessible(page);
});

test("tabs of a browser share one stream, and another takes it over", async ({ page, context, open, station }) => {
  const streams = new Map<object, number>();
  context.on("request", (request) => {
    if (request.url().includes("/api/v1/stream?")) streams.set(request.frame().page(), (streams.get(request.frame().page()) ?? 0) + 1);
  });
  await open("/sources");
  await expect.poll(() => streams.get(page) ?? 0).toBeGreaterThan(0);
  const second = await context.newPage();
  await second.goto(`${station.url}/sources`);
  await second.getByRole("grid").locator(".fs-grid-row").first().waitFor();
  expect(streams.get(second) ?? 0).toBe(0);
  await page.close();
  await expect.poll(() => streams.get(second) ?? 0).toBeGreaterThan(0);
});

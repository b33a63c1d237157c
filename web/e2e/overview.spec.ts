import { expect, test } from "./fixtures/test";

test("figures lead to their records", async ({ page, open, t }) => {
  await open("/");
  await expect(page.getByRole("region", { name: t("overview:ledger.title") }).getByText(t("overview:ledger.root"))).toBeVisible();
  const tile = page.getByRole("link", { name: t("overview:tile.events") });
  await expect(tile.locator("strong")).not.toHaveText("—");
  await tile.click();
  await expect(page).toHaveURL(/\/logs\?from=-24h&to=now/);
});

test("a source of the chart leads to its events", async ({ page, open, t }) => {
  await open("/");
  await page.getByRole("region", { name: t("overview:activity.title") }).getByRole("button", { name: "jump-01" }).click();
  await expect(page).toHaveURL(/\/logs\?.*query=source%3A%3D%22jump-01%22/);
  await expect(page.getByRole("grid").locator(".fs-grid-value", { hasText: "jump-01" }).first()).toBeVisible();
});

test("the duty shows its status, evidence and both versions of the law", async ({ page, open, t }) => {
  await open("/");
  const duty = page.getByRole("region", { name: t("overview:duty.title") });
  await expect(duty.locator(".fs-chip").first()).toBeVisible();
  await expect(duty.getByText(t("overview:duty.applies"), { exact: true })).toBeVisible();
  await expect(duty.getByText(t("overview:duty.notApplies"), { exact: true })).toBeVisible();
});

test("a panel that fails fails alone", async ({ page, open, t }) => {
  await page.route("**/api/v1/alerts/stats**", (route) =>
    route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify({ nothing: "of what was expected" }) }),
  );
  page.removeAllListeners("console"); // React reports the caught fault there
  await open("/");
  await expect(page.getByText(t("shared:error.broken")).first()).toBeVisible();
  await expect(page.getByRole("region", { name: t("overview:ledger.title") }).getByText(t("overview:ledger.root"))).toBeVisible();
});

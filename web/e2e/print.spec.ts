import { expect, test } from "./fixtures/test";

const lists = [
  { path: "/sources", row: ".fs-print-table tbody tr" },
  { path: "/rules", row: ".fs-print-table tbody tr" },
  { path: "/settings/accounts", row: ".fs-print-table tbody tr" },
];

for (const { path, row } of lists) {
  test(`${path} prints every row, on white, with its head`, async ({ page, open }) => {
    await open(path);
    await page.getByRole("grid").locator(".fs-grid-row").first().waitFor();
    const all = Number(await page.getByRole("grid").getAttribute("aria-rowcount")) - 1;
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await expect(page.locator(row)).toHaveCount(all);
    await expect(page.locator(".fs-print-head h1")).toBeVisible();
    await expect(page.locator(".fs-nav")).toBeHidden();
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(255, 255, 255)");
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--fs-text").trim())).toBe("#1b2530");
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await expect(page.getByRole("grid")).toHaveCount(1);
  });
}

test("the whole page becomes a PDF of several A4 sheets", async ({ page, open }) => {
  await open("/rules");
  await page.getByRole("grid").locator(".fs-grid-row").first().waitFor();
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const text = pdf.toString("latin1");
  expect([...text.matchAll(/\/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]/g)].length).toBeGreaterThan(1);
});

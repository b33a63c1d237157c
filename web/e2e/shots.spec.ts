import { fileURLToPath } from "node:url";
import { Station } from "./fixtures/station";
import { test } from "./fixtures/test";
import { pages } from "./pages";

const place = (name: string) => fileURLToPath(new URL(`../shots/${name}.png`, import.meta.url));

for (const { name, path, ready } of pages) {
  test(name, async ({ page, open, language, theme }) => {
    await open(path);
    await page.locator(ready).first().waitFor();
    await page.screenshot({ path: place(`${name}-${language}-${theme}`) });
  });
}

test("set-up and an empty station", async ({ page, language, theme }) => {
  const station = await Station.start();
  try {
    await page.goto(station.url);
    await page.locator("form").waitFor();
    await page.screenshot({ path: place(`setup-${language}-${theme}`) });
    await page.locator("#code").fill(station.code);
    await page.locator("#password").fill("correct horse battery staple");
    await page.locator("#again").fill("correct horse battery staple");
    await page.locator("button[type=submit]").click();
    await page.locator(".fs-overview-grid .fs-empty").first().waitFor();
    await page.screenshot({ path: place(`empty-${language}-${theme}`), fullPage: true });
  } finally {
    await station.remove();
  }
});

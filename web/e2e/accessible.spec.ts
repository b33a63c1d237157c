import { expectAccessible, test } from "./fixtures/test";
import { pages } from "./pages";

for (const { name, path, ready } of pages) {
  test(`${name} has no accessibility fault`, async ({ page, open }) => {
    await open(path);
    await page.locator(ready).first().waitFor();
    await expectAccessible(page);
  });
}

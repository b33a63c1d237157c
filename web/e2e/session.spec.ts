import { administrator, events, Station } from "./fixtures/station";
import { expect, expectAccessible, test } from "./fixtures/test";

test.describe("first run", () => {
  test.use({ provokes: [403] });
  test("from the set-up code to the first log line", async ({ page, t }) => {
    const station = await Station.start();
    try {
      await page.goto(station.url);
      await expect(page.getByRole("heading", { name: t("session:setup.title") })).toBeVisible();
      await expect(page.getByText(t("session:plain"))).toBeVisible();
      await expectAccessible(page);

      const fill = async (code: string) => {
        await page.getByLabel(t("session:setup.code")).fill(code);
        await page.getByRole("textbox", { name: t("session:name") }).fill(administrator.name);
        await page.getByLabel(t("session:newPassword"), { exact: true }).fill(administrator.password);
        await page.getByLabel(t("session:again")).fill(administrator.password);
        await page.getByRole("button", { name: t("session:setup.do") }).click();
      };
      await fill("WRONG-CODE");
      await expect(page.getByRole("alert").filter({ hasText: t("shared:problem.auth.set_up_code") })).toBeVisible();
      await fill(station.code);
      await expect(page.getByRole("heading", { level: 1, name: t("app:nav.overview") })).toBeVisible();
      await expect(page.locator(".fs-empty-title", { hasText: t("overview:sources.none") })).toBeVisible(); // nothing yet, and what to do next
      await expect(page.getByText(t("app:warning.plain"))).toBeVisible();
      await expectAccessible(page);

      await page.getByRole("link", { name: t("app:nav.logs"), exact: true }).click();
      await expect(page.getByRole("grid").getByText("attempt 0")).toHaveCount(0);
      await station.send(await station.addSource("first"), events(1));
      await page.getByRole("button", { name: t("logs:query.run"), exact: true }).click();
      await expect(page.getByRole("grid").getByText("attempt 0")).toBeVisible();
    } finally {
      await station.remove();
    }
  });
});

test.describe("sign in", () => {
  test.use({ provokes: [401] });
  test("with a wrong and a right password, out again, and the address stays", async ({ page, station, t }) => {
    await page.goto(`${station.url}/logs?query=attempt`);
    await page.getByRole("textbox", { name: t("session:name") }).fill(administrator.name);
    await page.getByLabel(t("session:password"), { exact: true }).fill("not this one");
    await page.getByRole("button", { name: t("session:signIn.do") }).click();
    await expect(page.getByText(t("shared:problem.auth.sign_in_failed"))).toBeVisible();
    await expectAccessible(page);
    await page.getByLabel(t("session:password"), { exact: true }).fill(administrator.password);
    await page.getByRole("button", { name: t("session:signIn.do") }).click();
    await expect(page.getByRole("grid").getByText("attempt").first()).toBeVisible();
    expect(new URL(page.url()).search).toBe("?query=attempt");

    await page.getByRole("button", { name: t("app:account.menu", { name: administrator.name }) }).click();
    await page.getByRole("menuitem", { name: t("app:account.signOut") }).click();
    await expect(page.getByRole("heading", { name: t("session:signIn.title") })).toBeVisible();
  });

  test("an expired session keeps what was typed", async ({ page, context, open, t }) => {
    await open("/logs");
    await page.getByRole("grid").getByRole("row").nth(2).waitFor();
    await page.getByPlaceholder(t("logs:fields.search")).fill("user");
    await context.clearCookies();
    await page.getByRole("button", { name: t("logs:query.run"), exact: true }).click();
    await expect(page.getByText(t("session:expired"))).toBeVisible();
    await page.getByRole("textbox", { name: t("session:name") }).fill(administrator.name);
    await page.getByLabel(t("session:password"), { exact: true }).fill(administrator.password);
    await page.getByRole("button", { name: t("session:signIn.do") }).click();
    await expect(page.getByText(t("session:expired"))).toBeHidden();
    await expect(page.getByPlaceholder(t("logs:fields.search"))).toHaveValue("user");
  });
});

test("language and theme persist", async ({ page, open, language, theme }) => {
  await open("/");
  await page.locator(".fs-language").click();
  await page.locator(".fs-top-right button").nth(2).click();
  await page.reload();
  await page.locator(".fs-tiles").waitFor();
  await expect(page.locator("html")).toHaveAttribute("lang", language === "en" ? "zh-CN" : "en");
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme === "dark" ? "light" : "dark");
});

test("a reader sees what a reader may, and no more", async ({ page, context, station, cookie, language, t }) => {
  const name = `reader-${language}`;
  await station.addAccount(cookie, name, "reader");
  const [key, value] = (await station.signIn(name)).split("=") as [string, string];
  await context.addCookies([{ name: key, value, url: station.url, httpOnly: true, sameSite: "Strict" }]);
  await page.goto(`${station.url}/logs`);
  await page.getByRole("grid").getByRole("row").nth(2).waitFor();
  await expect(page.getByRole("button", { name: t("logs:export.label") })).toBeDisabled();
  await expect(page.getByRole("button", { name: t("logs:export.label") })).toHaveAttribute("title", t("logs:export.denied"));
});

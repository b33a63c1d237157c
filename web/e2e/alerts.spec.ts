import type { Station } from "./fixtures/station";
import { expect, expectAccessible, test } from "./fixtures/test";

/** Windows events that say a host's security log was cleared: a shipped rule fires on each host. */
const cleared = (hosts: string[]) =>
  hosts.map((host) => ({
    "@timestamp": new Date().toISOString(),
    event: { code: "1102", provider: "Microsoft-Windows-Eventlog" },
    host: { name: host },
    message: "审核日志已被清除。",
    winlog: { channel: "Security", computer_name: host, event_id: "1102", provider_name: "Microsoft-Windows-Eventlog" },
  }));

let made = 0;
/** Makes alerts on hosts nobody else has, and waits until they are there. */
async function raise(station: Station, cookie: string, n: number): Promise<{ hosts: string[]; mark: string }> {
  const mark = `run${Date.now().toString(36)}${made++}`;
  const hosts = Array.from({ length: n }, (_, i) => `${mark}-${i}.example.net`);
  const token = await station.addSource(`windows-${mark}`);
  await station.send(token, cleared(hosts));
  await expect
    .poll(async () => {
      const answer = await fetch(`${station.url}/api/v1/alerts?q=${mark}`, { headers: { Cookie: cookie } });
      return ((await answer.json()) as { items: unknown[] }).items.length;
    })
    .toBe(n);
  return { hosts, mark };
}

test("an alert by keys: why it fired, its sealed event, its rule, its history", async ({ page, open, station, cookie, t }) => {
  const { hosts, mark } = await raise(station, cookie, 2);
  await open(`/alerts?q=${mark}`);
  const grid = page.getByRole("grid");
  await grid.getByText(hosts[0]!).waitFor();
  await expectAccessible(page);
  await grid.focus();
  await page.keyboard.press("Enter");
  const side = page.locator(".fs-side");
  await expect(side.getByText("winlog.event_id").first()).toBeVisible();
  await expect(side.locator(".fs-samples mark").first()).toHaveText("1102");
  await expect(side.getByText(t("alerts:why.sealed"))).toBeVisible();
  await expectAccessible(page);
  const first = page.url();
  await page.keyboard.press("]");
  await expect(page).not.toHaveURL(first);
  await side.getByRole("tab", { name: t("alerts:tab.rule") }).click();
  await expect(side.locator("pre")).toContainText("logsource");
  await side.getByRole("button", { name: t("alerts:act.note") }).click();
  await page.getByRole("textbox", { name: t("alerts:dialog.note_note") }).fill("looked at it");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await side.getByRole("tab", { name: t("alerts:tab.history") }).click();
  await expect(side.getByText("looked at it")).toBeVisible();
  const address = page.url();
  await page.reload();
  await expect(side.getByText("looked at it")).toBeVisible();
  expect(page.url()).toBe(address);
  await page.keyboard.press("Escape");
  await expect(side).toHaveCount(0);
});

test("a sample event leads to the log and its proof", async ({ page, open, station, cookie, t }) => {
  const { mark } = await raise(station, cookie, 1);
  const headers = { Cookie: cookie };
  const list = (await (await fetch(`${station.url}/api/v1/alerts?q=${mark}`, { headers })).json()) as { items: { samples: number[] }[] };
  const seq = list.items[0]!.samples[0]!;
  // A checkpoint speaks of the event within ten seconds.
  await expect.poll(async () => (await fetch(`${station.url}/api/v1/logs/${seq}/proof`, { headers })).status, { timeout: 30_000 }).toBe(200);
  await open(`/alerts?q=${mark}`);
  await page.getByRole("grid").locator(".fs-grid-row").first().click();
  await page.getByRole("link", { name: t("alerts:why.proofNamed", { seq }) }).click();
  await expect(page).toHaveURL(/\/logs\?.*tab=proof/);
  await expect(page.getByText(t("logs:proof.verified"))).toBeVisible();
});

test("a bulk act reports each row, what was not done stays selected, closing is undone", async ({ page, open, station, cookie, t }) => {
  const { hosts, mark } = await raise(station, cookie, 3);
  await open(`/alerts?q=${mark}`);
  const grid = page.getByRole("grid");
  await grid.getByText(hosts[2]!).waitFor();
  await grid.focus();
  await page.keyboard.press("e"); // the first row
  await expect(page.getByText(t("alerts:done.acknowledge", { n: 1 }))).toBeVisible();
  await page.keyboard.press("x");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Shift+x");
  await expect(page.getByText(t("alerts:acts.selected", { n: 3 }))).toBeVisible();
  await page.getByRole("toolbar").getByRole("button", { name: t("alerts:act.acknowledge") }).click();
  await expect(page.getByText(t("alerts:done.acknowledge", { n: 2 }))).toBeVisible();
  await expect(page.getByText(t("alerts:code.alert.unchanged"))).toBeVisible();
  await expect(page.getByText(t("alerts:acts.selected", { n: 1 }))).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("toolbar").getByRole("button", { name: t("alerts:act.close"), exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: t("alerts:act.close"), exact: true }).last().click();
  await expect(dialog.getByText(t("alerts:dialog.needReason"))).toBeVisible();
  await dialog.getByRole("combobox").selectOption("false_positive");
  await dialog.getByRole("textbox").fill("planned maintenance");
  await expectAccessible(page);
  await dialog.getByRole("textbox").press("Control+Enter");
  await expect(grid.getByText(t("alerts:status.closed"))).toHaveCount(1);
  await page.getByRole("button", { name: t("alerts:done.undo") }).click();
  await expect(grid.getByText(t("alerts:status.closed"))).toHaveCount(0);
});

test("suppress with expiry, and lift", async ({ page, open, station, cookie, t }) => {
  const { hosts, mark } = await raise(station, cookie, 1);
  await open(`/alerts?q=${mark}`);
  const grid = page.getByRole("grid");
  await grid.getByText(hosts[0]!).waitFor();
  await grid.focus();
  await page.keyboard.press("s");
  await page.getByRole("textbox", { name: t("alerts:suppress.reason") }).fill("known maintenance");
  await expectAccessible(page);
  await page.keyboard.press("Control+Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByRole("tab", { name: t("alerts:view.suppressions") }).click();
  const row = page.getByRole("row").filter({ hasText: hosts[0]! });
  await expect(row.getByText("known maintenance")).toBeVisible();
  await expectAccessible(page);
  await row.getByRole("button", { name: t("alerts:suppressions.lift") }).click();
  await page.getByRole("dialog").getByRole("button", { name: t("alerts:suppressions.lift") }).click();
  await expect(row).toHaveCount(0);
});

test("new alerts are announced while the page is open", async ({ page, open, station, cookie, t }) => {
  await raise(station, cookie, 1);
  await open("/alerts");
  await page.getByRole("grid").locator(".fs-grid-row").first().waitFor();
  await page.waitForTimeout(500); // the stream opens after the page
  const { hosts } = await raise(station, cookie, 1);
  await page.getByRole("button", { name: t("alerts:fresh", { n: 1 }) }).click();
  await expect(page.getByRole("grid").getByText(hosts[0]!)).toBeVisible();
});

test("nothing matches is said as such, and a filter is one click away", async ({ page, open, t }) => {
  await open("/alerts?q=nothingiscalledthis");
  await expect(page.locator(".fs-empty[data-kind=unmatched]")).toBeVisible();
  await page.getByRole("button", { name: t("alerts:empty.clear") }).click();
  await expect(page).toHaveURL(/\/alerts$/);
});

test("a reader sees alerts and may not act", async ({ page, context, station, cookie, t }) => {
  await raise(station, cookie, 1);
  const name = `reader${Date.now().toString(36)}`;
  await station.addAccount(cookie, name, "reader");
  const [key, value] = (await station.signIn(name)).split("=") as [string, string];
  await context.addCookies([{ name: key, value, url: station.url, httpOnly: true, sameSite: "Strict" }]);
  await page.goto(`${station.url}/alerts`);
  await page.getByRole("grid").locator(".fs-grid-row").first().click();
  const act = page.locator(".fs-side").getByRole("button", { name: t("alerts:act.acknowledge"), exact: true });
  await expect(act).toBeDisabled();
  await expect(act).toHaveAttribute("title", t("alerts:acts.denied"));
});

test.describe("on a telephone", () => {
  test.use({ viewport: { width: 390, height: 844 } });
  test("an alert is read and acknowledged", async ({ page, open, station, cookie, t }) => {
    const { mark } = await raise(station, cookie, 1);
    await open(`/alerts?q=${mark}`);
    await page.getByRole("grid").locator(".fs-grid-row").first().click();
    const side = page.locator(".fs-side");
    await side.getByRole("button", { name: t("alerts:act.acknowledge"), exact: true }).click();
    await expect(side.getByText(t("alerts:status.acknowledged")).first()).toBeVisible();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await expectAccessible(page);
  });
});

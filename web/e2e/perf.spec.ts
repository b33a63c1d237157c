import { events } from "./fixtures/station";
import { expect, test } from "./fixtures/test";

// CPU of the page's main thread in milliseconds: it does not swing with the
// machine's load, so it is printed beside the limit of the console guide.
test("main-thread CPU of what people do all day", async ({ page, context, open, station, t }) => {
  const token = await station.addSource("perf-01");
  for (let i = 0; i < 10; i++) await station.send(token, events(1000));
  const cdp = await context.newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const cpu = async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? 0;
    return 1000 * of("TaskDuration");
  };
  const frames = () => page.evaluate(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))));
  const say = (what: string, ms: number, limit: number) => console.log(`${what.padEnd(48)} ${ms.toFixed(0).padStart(6)} ms of ${limit}`);
  const measure = async (what: string, limit: number, times: number, act: (i: number) => Promise<void>) => {
    await frames();
    const before = await cpu();
    for (let i = 0; i < times; i++) {
      await act(i);
      await frames();
    }
    say(what, ((await cpu()) - before) / times, limit);
  };
  const rows = page.getByRole("grid").locator(".fs-grid-row");

  await expect(async () => {
    await open("/logs?query=source:=perf-01&from=-1h");
    await expect(page.locator(".fs-logs-line strong")).toContainText("10,000", { timeout: 5000 });
  }).toPass();
  await page.goto("about:blank");
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const before = await cpu();
  await open("/logs?query=source:=perf-01&from=-1h");
  await rows.first().waitFor();
  await frames();
  say("open /logs over 10,000 events", (await cpu()) - before, 800);
  await page.getByRole("grid").hover();
  await measure("one wheel step (20 rows)", 35, 20, async () => page.mouse.wheel(0, 600));
  await page.getByRole("grid").focus();
  await measure("j", 18, 20, async () => page.keyboard.press("j"));
  await measure("open and close a drawer", 180, 5, async () => {
    await page.keyboard.press("Enter");
    await page.locator(".fs-drawer-fields").waitFor();
    await page.keyboard.press("Escape");
  });
  await measure("switch theme", 300, 4, async () => page.getByRole("button", { name: t("app:theme.switch") }).click());
  await measure("switch language there and back", 600, 2, async () => {
    await page.locator(".fs-top-right .fs-btn", { hasText: "English" }).click();
    await page.locator(".fs-top-right .fs-btn", { hasText: "中文" }).click();
  });
  await open("/logs?live=1");
  await page.locator(".fs-logs-line .fs-chip").first().waitFor();
  const begun = await cpu();
  const start = Date.now();
  for (let i = 0; i < 10; i++) {
    await station.send(token, events(200));
    await page.waitForTimeout(Math.max(0, start + (i + 1) * 1000 - Date.now()));
  }
  say("live tail, 200 events/s, a second", ((await cpu()) - begun) / ((Date.now() - start) / 1000), 150);
});

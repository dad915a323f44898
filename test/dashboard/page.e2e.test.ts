import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { withoutProgram } from "../support/programs.ts";
import { launch, seen } from "./chromium.ts";
import { crash, NOW } from "./explanations.ts";
import { DESKTOP, emptyBook, PHONE, paintedPixels, playedBook, screens, visit } from "./pageWorld.ts";

describe("the status page in a real browser", { skip: withoutProgram("chromium") }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  for (const [name, size] of [
    ["desktop", DESKTOP],
    ["phone", PHONE],
  ] as const) {
    test(`at ${name} width it tells the story of the crash, and nothing is wider than the screen`, async () => {
      await visit(browser, playedBook(), size, async (page) => {
        const text = await seen(page, "body");
        for (const words of [
          "running",
          "Recorded data",
          "100 % played",
          "35.08 %",
          "LTV 64.92 %",
          "25.89 %",
          "LT 74.11 %",
        ]) {
          assert.ok(text.includes(words), `${words} is on the page`);
        }
        assert.ok((await screens(page)) < (name === "phone" ? 4 : 5.5), `${await screens(page)} screens`);
        await page.evaluate("for (const one of document.querySelectorAll('details.panel')) one.open = true");
        const all = await seen(page, "body");
        assert.match(text, /Exposure limit\s+12,000\s+tokens\s+target [\d,]+ tokens, \$182\.05 M/i);
        assert.match(
          text,
          /\$14\.98 M sell in 4 h; a fall of 25\.2 % makes 8\.2 % due\s+12,000 tokens, because governance's maximum binds/,
        );
        assert.match(all, /Calibration[\s\S]*WETH\s+initial\s+212\s+3\s+1\.0 %\s+14\.0 %\s+kept/i);
        assert.match(all, /WETH\s+maintenance\s+212\s+9\s+1\.0 %\s+170\.0 %\s+broken/);
        const lenders = await seen(page, "#lenders");
        const flat = lenders
          .replaceAll(/(LENDER|HAS|CONTRACT SAYS|STATE|DIFFERS FOR|NEXT IN|WHY)\s+/gi, "")
          .replaceAll(/\s+/g, " ");
        assert.match(
          flat,
          /Aave 74\.00 % \/ 81\.00 %, 12,000 74\.00 % \/ 80\.00 %, 12,000 STEPPING - 60 min its threshold/,
        );
        assert.match(flat, /Spark .* REFUSED 2\.0 h 0 s it refuses the change \(sync: no role\)/);
        assert.match(
          flat,
          /Aave Prime not read .* UNREADABLE 25\.0 h - a view fails, .* \(preview: answered 0x0{78}\.\.\.\)/,
        );
        assert.match(all, /DEAD_BAND\s*the change is smaller than the dead band/);
        assert.match(all, /liquidation bonus\s+\+836 bp\s+1\/\(1 \+ 5\.00 %\)/);
        assert.match(all, /deribit:ETH:history[\s\S]*not usable[\s\S]*UNREACHABLE connection refused/);
        assert.match(all, /15 Feb 2026, 10:00[\s\S]*confirmed/);
        const [content, screen] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        assert.ok(content <= screen, `${content} px on a screen of ${screen} px`);
        const wide = await page.evaluate<string[]>(
          "[...document.querySelectorAll('.tile *, .panel h2, .waterfall li *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.textContent)",
        );
        assert.deepEqual(wide, [], "no text runs out of its box");
        const cut = await page.evaluate<number[]>(
          "[...document.querySelectorAll('#markets, details.panel')].map((e) => e.scrollWidth - e.clientWidth)",
        );
        assert.ok(Math.max(...cut) <= 1, `no table is cut: ${cut} px`);
        // A window made narrower, or a phone that is turned.
        await page.setViewportSize({ width: 390, height: 844 });
        const narrow = page.waitForFunction("document.documentElement.scrollWidth === 390", null, { timeout: 5_000 });
        await narrow.catch(() => assert.fail("what was drawn wide does not follow the window"));
      });
    });

    for (const colorScheme of ["light", "dark"] as const) {
      test(`at ${name} width every line of the charts is painted in its colour, ${colorScheme}`, async () => {
        await visit(browser, playedBook(), { ...size, colorScheme }, async (page) => {
          const [haircuts, limit, volatility, price] = await paintedPixels(page);
          for (const [chart, colour] of [
            [haircuts, "initial"],
            [haircuts, "maintenance"],
            [limit, "limit"],
            [volatility, "volatility"],
            [price, "price"],
          ] as const) {
            assert.ok((chart?.[colour] ?? 0) > 300, `${colour}: ${chart?.[colour]} pixels`);
          }
          assert.equal(price?.["initial"], 0, "one colour means one series, everywhere");
        });
      });
    }
  }

  test("moving over a chart shows time and values in every chart", async () => {
    await visit(browser, playedBook(), DESKTOP, async (page) => {
      const chart = page.locator(".canvas .u-over").first();
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + box.width * 0.45, box.y + 40);
      const tips = await page.locator(".tooltip").allInnerTexts();
      assert.match(tips[0] ?? "", /5 Feb 2026, \d\d:00\s+Initial, on chain 3\d\.\d\d %/);
      assert.match(tips[1] ?? "", /Limit, on chain 12,000\s+Limit, target \d\d,\d{3}/);
      assert.match(tips[2] ?? "", /Volatility 1\d\d\.\d %/);
      assert.match(tips[3] ?? "", /Price \$2,\d{3}/);
    });
  });

  test("each bar of a waterfall starts where the last one ended, and the sum spans them all", async () => {
    await visit(browser, playedBook(), DESKTOP, async (page) => {
      const bars = await page.evaluate<[number, number][]>(
        "[...document.querySelector('.waterfall').querySelectorAll('.span')].map((bar) => bar.getBoundingClientRect()).map((box) => [box.left, box.right])",
      );
      const [first, sum] = [bars[0], bars.at(-1)];
      assert.ok(first !== undefined && sum !== undefined && bars.length === 5);
      for (const [at, [left]] of bars.slice(1, -1).entries()) assert.ok(Math.abs(left - (bars[at]?.[1] ?? 0)) < 1.5);
      assert.ok(Math.abs(sum[0] - first[0]) < 1 && Math.abs(sum[1] - (bars.at(-2)?.[1] ?? 0)) < 1.5);
    });
  });

  test("charts have words for those who do not see them, and a table", async () => {
    await visit(browser, playedBook(), DESKTOP, async (page) => {
      const labels = await page.evaluate<string[]>(
        "[...document.querySelectorAll('.canvas[role=img]')].map((one) => one.ariaLabel)",
      );
      assert.match(labels[0] ?? "", /Initial, on chain: from 22\.00 % to 35\.08 %/);
      await page.locator("#points summary").click();
      await page.locator("#points tbody tr").first().waitFor();
      assert.equal(await page.locator("#points tbody tr").count(), 74);
      assert.match(await seen(page, "#points tbody tr >> nth=0"), /15 Feb 2026, 10:00/);
    });
  });

  test("before the first decision it says what it waits for, then fills by itself", async () => {
    const book = emptyBook();
    await visit(browser, book, PHONE, async (page) => {
      assert.match(await seen(page, "#empty"), /Waiting for the first decision\s+This page fills by itself\./);
      assert.match(await seen(page, "#banner:has(.warning)"), /^starting\s+Bringing up the local chain\.$/);
      assert.equal(await page.locator("#filled").isVisible(), false);
      for (const explanation of crash().slice(0, 3)) book.decided(explanation);
      await page.locator("#filled").waitFor();
      assert.equal(await page.locator("#empty").isVisible(), false);
      assert.ok(((await paintedPixels(page))[3]?.["price"] ?? 0) > 50);
    });
  });

  test("a failed keeper is said in words and with what to do", async () => {
    const book = playedBook();
    book.update({
      keeper: {
        state: "failed",
        severity: "critical",
        message: "The endpoint answers for chain 1: correct RPC_URL.",
        cycles: 3,
        lastCycle: NOW,
      },
    });
    await visit(browser, book, DESKTOP, async (page) => {
      assert.match(await seen(page, "[role=alert]"), /^failed\s+The endpoint answers for chain 1: correct RPC_URL\.$/);
    });
  });

  test("what a venue says is text, never markup", async () => {
    const book = playedBook();
    book.update({ data: { kind: "live", label: '<img src=x onerror="document.title=1">' } });
    await visit(browser, book, DESKTOP, async (page) => {
      assert.match(await seen(page, "#data"), /<img src=x/);
      assert.equal(await page.locator("#data img").count(), 0);
    });
  });

  test("when the keeper is gone the page says so, keeps what it has, and recovers", async () => {
    const book = playedBook();
    let dashboard = await startDashboard({ port: 0, host: "127.0.0.1", data: book });
    const page = await browser.newPage(DESKTOP);
    await page.goto(dashboard.url);
    await page.locator(".tile").first().waitFor();
    await dashboard.close();
    await page.getByText("The keeper does not answer.").waitFor();
    assert.match(await seen(page, "#overview"), /35\.08 %/);
    dashboard = await startDashboard({ port: Number(new URL(dashboard.url).port), host: "127.0.0.1", data: book });
    await page.getByText("The keeper does not answer.").waitFor({ state: "hidden" });
    await page.close();
    await dashboard.close();
  });
});

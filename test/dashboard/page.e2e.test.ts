import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import type { DashboardData } from "../../keeper/dashboard/status.ts";
import { createStatusBook, type StatusBook } from "../../keeper/dashboard/statusBook.ts";
import { type Condition, headline, readiness } from "../../keeper/operations/readiness.ts";
import { aCondition } from "../support/condition.ts";
import { withoutProgram } from "../support/programs.ts";
import { launch, seen } from "./chromium.ts";
import { crash, NOW } from "./explanations.ts";

const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const END = NOW + 73 * 21_600;
const HASH = `0x${"5c".repeat(32)}`;

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
    test(`at ${name} width it tells the story of the crash`, async () => {
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
        assert.match(text, /Exposure limit\s+12,000\s+tokens\s+target [\d,]+ tokens, \$182\.05 M/i);
        assert.match(
          text,
          /\$14\.98 M sell in 4 h; a fall of 25\.2 % makes 8\.2 % due\s+12,000 tokens, because governance's maximum binds/,
        );
        assert.match(text, /Calibration[\s\S]*WETH\s+initial\s+212\s+3\s+1\.0 %\s+14\.0 %\s+kept/i);
        assert.match(text, /WETH\s+maintenance\s+212\s+9\s+1\.0 %\s+170\.0 %\s+broken/);
        assert.match(text, /DEAD_BAND\s*the change is smaller than the dead band/);
        assert.match(text, /liquidation bonus\s+\+836 bp\s+1\/\(1 \+ 5\.00 %\)/);
        assert.match(text, /deribit:ETH:history[\s\S]*not usable[\s\S]*UNREACHABLE connection refused/);
        assert.match(text, /15 Feb 2026, 10:00[\s\S]*confirmed/);
      });
    });

    test(`at ${name} width nothing is wider than the screen`, async () => {
      await visit(browser, playedBook(), size, async (page) => {
        const [content, screen] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        assert.ok(content <= screen, `${content} px on a screen of ${screen} px`);
        const wide = await page.evaluate<string[]>(
          "[...document.querySelectorAll('.tile *, .panel h2, .waterfall li *')].filter((e) => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map((e) => e.textContent)",
        );
        assert.deepEqual(wide, [], "no text runs out of its box");
      });
    });

    for (const colorScheme of ["light", "dark"] as const) {
      test(`at ${name} width every line of the charts is painted in its colour, ${colorScheme}`, async () => {
        await visit(browser, playedBook(), { ...size, colorScheme }, async (page) => {
          const [haircuts, volatility, price] = await paintedPixels(page);
          for (const [chart, colour] of [
            [haircuts, "initial"],
            [haircuts, "maintenance"],
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
      const box = await page.locator(".canvas .u-over").first().boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + box.width * 0.45, box.y + 40);
      const tips = await page.locator(".tooltip").allInnerTexts();
      assert.match(tips[0] ?? "", /5 Feb 2026, \d\d:00\s+Initial, on chain 3\d\.\d\d %/);
      assert.match(tips[1] ?? "", /Volatility 1\d\d\.\d %/);
      assert.match(tips[2] ?? "", /Price \$2,\d{3}/);
    });
  });

  test("each bar of a waterfall starts where the last one ended, and the sum spans them all", async () => {
    await visit(browser, playedBook(), DESKTOP, async (page) => {
      const bars = await page.evaluate<[number, number][]>(
        "[...document.querySelector('.waterfall').querySelectorAll('.span')].map((bar) => bar.getBoundingClientRect()).map((box) => [box.left, box.right])",
      );
      const [first, sum] = [bars[0], bars.at(-1)];
      assert.ok(first !== undefined && sum !== undefined && bars.length === 6);
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

  test("choosing another market shows that market", async () => {
    await visit(browser, playedBook(), DESKTOP, async (page) => {
      await page.getByRole("button", { name: "WBTC" }).click();
      await page.locator("button[aria-pressed=true]", { hasText: "WBTC" }).waitFor();
      assert.match(await seen(page, "#overview"), /\$5\d,\d{3}/);
    });
  });

  test("before the first decision it says what it waits for, then fills by itself", async () => {
    const book = emptyBook();
    await visit(browser, book, PHONE, async (page) => {
      assert.match(await seen(page, "#empty"), /Waiting for the first decision\s+This page fills by itself\./);
      assert.equal(await seen(page, "#headline .warning"), "Bringing up the local chain.");
      assert.equal(await page.locator("#filled").isVisible(), false);
      for (const explanation of crash().slice(0, 3)) book.decided(explanation);
      await page.locator("#filled").waitFor();
      assert.equal(await page.locator("#empty").isVisible(), false);
      assert.ok(((await paintedPixels(page))[2]?.["price"] ?? 0) > 50);
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
      assert.equal(await seen(page, "[role=alert]"), "The endpoint answers for chain 1: correct RPC_URL.");
    });
  });

  test("a keeper that could not protect never stands under green, and says why in the words of /ready and its alerts", async () => {
    const [WETH] = aCondition().markets as [Condition["markets"][number]];
    const states: readonly Partial<Condition>[] = [
      {},
      { markets: [{ ...WETH, stale: true }] },
      { markets: [{ ...WETH, dataState: "STALE" }] },
      { switches: [{ name: "onChain", reason: "on chain: the writer has tripped and only tightens" }] },
      { switches: [{ name: "onChain", reason: "on chain: WETH NO_NEW_RISK until 2026-02-06T12:00Z" }] },
      { switches: [{ name: "submissionHalt", reason: "submission halt: 3 batches in a row" }] },
      { switches: [{ name: "environment", reason: "TONSOR_PAUSED until 2026-02-06T12:00:00.000Z" }] },
      { obstacles: [{ cause: "signer", detail: "SIGNER_REFUSES: -32000 No unlocked account" }] },
    ];
    let condition = aCondition();
    const book = playedBook();
    const unasked = () => assert.fail("the page does not ask for it");
    const operations = { live: unasked, status: unasked, metrics: unasked };
    const asked = { headline: () => headline(condition), ready: () => readiness(condition) };
    const data = { ...book, operations: { ...operations, ...asked } };
    await visit(browser, data, DESKTOP, async (page) => {
      for (const change of states) {
        condition = aCondition(change);
        const { message, severity } = headline(condition);
        await page.locator("#headline", { hasText: message }).waitFor();
        const green = await page.locator("#headline .good, #state .good").count();
        assert.equal(green, severity === "good" ? 2 : 0, message);
        assert.equal(await page.locator("#headline .mark, #state .mark").count(), 2);
        const { reason } = (await (await fetch(new URL("/ready", page.url()))).json()) as { reason: string };
        assert.equal(await seen(page, "#headline"), reason);
      }
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

/** Opens the page over `data`, lets `look` at it once it is drawn, and fails on any console word or foreign request. */
async function visit(
  browser: Browser,
  data: DashboardData,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const dashboard = await startDashboard({ port: 0, host: "127.0.0.1", data });
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  context.on("request", (request) => hosts.add(new URL(request.url()).host));
  try {
    await page.goto(dashboard.url);
    const drawn = data.snapshot().markets.length > 0 ? ".u-over" : "#data:not([hidden])";
    await page.locator(drawn).first().waitFor();
    await look(page);
  } finally {
    await context.close();
    await dashboard.close();
  }
  assert.deepEqual(complaints, [], "the console stays silent");
  assert.deepEqual([...hosts], [new URL(dashboard.url).host], "no request leaves the keeper");
}

/** Pixels of each series' colour, chart by chart. */
function paintedPixels(page: Page): Promise<Record<string, number>[]> {
  return page.evaluate(`[...document.querySelectorAll("canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["initial", "maintenance", "volatility", "price"].map((name) => {
      const hex = style.getPropertyValue("--" + name).trim();
      const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 200 && wanted.every((value, channel) => Math.abs(data[at + channel] - value) < 12)) count += 1;
      }
      return [name, count];
    }));
  })`);
}

function emptyBook(): StatusBook {
  return createStatusBook(
    {
      time: NOW,
      keeper: {
        state: "starting",
        severity: "warning",
        message: "Bringing up the local chain.",
        cycles: 0,
        lastCycle: null,
      },
      data: { kind: "recorded", label: "Deribit, 28 January to 15 February 2026." },
      replay: { from: NOW, to: END, clock: NOW, speed: 7200 },
      chain: { chainId: 31_337, contract: `0x${"5f".repeat(20)}` },
    },
    async () => null,
  );
}

function playedBook(): StatusBook {
  const book = emptyBook();
  for (const explanation of [...crash(), ...crash("WBTC", 88_000)]) book.decided(explanation);
  const watched = { market: "WETH", windows: 212, promised: 0.01 };
  book.calibrated([
    { ...watched, haircut: "initial", exceeded: 3, evidence: 0.14 },
    { ...watched, haircut: "maintenance", exceeded: 9, evidence: 1.7 },
  ]);
  for (let sequence = 1; sequence <= 12; sequence += 1) {
    const time = END - (12 - sequence) * 21_600;
    book.sent({ time, sequence, markets: ["WETH", "WBTC"], hash: HASH, status: "CONFIRMED", evidenceHash: HASH });
  }
  book.update({
    time: END,
    keeper: { state: "running", severity: "good", message: "between two cycles", cycles: 74, lastCycle: END },
    replay: { from: NOW, to: END, clock: END, speed: 7200 },
  });
  return book;
}

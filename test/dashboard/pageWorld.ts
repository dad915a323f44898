import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import type { DashboardData } from "../../keeper/dashboard/status.ts";
import { createStatusBook, type StatusBook } from "../../keeper/dashboard/statusBook.ts";
import { anExplanation, calmed, crash, NOW } from "./explanations.ts";

export const DESKTOP = { viewport: { width: 1280, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
export const END = NOW + 73 * 21_600;
export const HASH = `0x${"5c".repeat(32)}`;

/** Opens the page over `data`, lets `look` at it once it is drawn, and fails on any console word or foreign request. */
export async function visit(
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

/** How many screens the page is high. */
export function screens(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollHeight / innerHeight");
}

export async function href(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().getAttribute("href")) ?? "";
}

/** Pixels of each series' colour, chart by chart. */
export function paintedPixels(page: Page): Promise<Record<string, number>[]> {
  return page.evaluate(`[...document.querySelectorAll("canvas")].map((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["initial", "maintenance", "limit", "volatility", "price"].map((name) => {
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

export function emptyBook(): StatusBook {
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
      chain: { chainId: 1, contract: `0x${"5f".repeat(20)}`, explorer: "https://etherscan.io" },
    },
    async () => null,
  );
}

/** A keeper with one market and nothing to say against either. */
export function calmBook(): StatusBook {
  const book = emptyBook();
  book.decided(calmed(anExplanation({ now: END })));
  const keeper = { state: "running", severity: "good", message: "all is well", cycles: 74, lastCycle: END } as const;
  book.update({ time: END, keeper });
  return book;
}

export function playedBook(): StatusBook {
  const book = emptyBook();
  const weighed = { market: "WETH", collateralUsd: 9_000_000, debtUsd: 5_000_000, atRiskUsd: 2_500_000, why: null };
  for (const explanation of [...crash(), ...crash("WBTC", 88_000)]) {
    const isWeighed = explanation.assessment.market === "WETH" && explanation.assessment.now === END;
    book.decided(explanation, false, isWeighed ? weighed : undefined);
  }
  const watched = { market: "WETH", windows: 212, promised: 0.01 };
  book.calibrated([
    { ...watched, haircut: "initial", exceeded: 3, evidence: 0.14 },
    { ...watched, haircut: "maintenance", exceeded: 9, evidence: 1.7 },
  ]);
  const [has, says] = [
    { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 },
    { ltvBps: 7_400, thresholdBps: 8_000, supplyCap: 12_000 },
  ];
  const aave = { market: "WETH", has, says, since: null, nextAt: null, detail: null, tried: null };
  const answer = `preview: answered 0x${"00".repeat(39)}...`;
  book.driven([
    { ...aave, lender: "Aave", state: "STEPPING", nextAt: END + 3_600 },
    { ...aave, lender: "Spark", state: "REFUSED", since: END - 7_200, nextAt: END - 5, detail: "sync: no role" },
    { ...aave, lender: "Aave Prime", has: null, state: "UNREADABLE", since: END - 90_000, detail: answer },
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

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import type { Explanation } from "../../keeper/dashboard/status.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { type Condition, headline, readiness } from "../../keeper/operations/readiness.ts";
import { aCondition } from "../support/condition.ts";
import { withoutProgram } from "../support/programs.ts";
import { launch, seen } from "./chromium.ts";
import { anExplanation, calmed, crash, NOW } from "./explanations.ts";
import { calmBook, DESKTOP, END, emptyBook, HASH, href, PHONE, playedBook, screens, visit } from "./pageWorld.ts";

describe("what governance acts on, in a real browser", { skip: withoutProgram("chromium") }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  test("one table has every market, a link of its own leads to each, and the focus stays while figures move", async () => {
    const book = playedBook();
    await visit(browser, book, DESKTOP, async (page) => {
      const rows = await page.locator("#markets tbody tr").allInnerTexts();
      assert.match(rows[0] ?? "", /WETH\s+data DEGRADED\s+35\.08 %\s+target\s+34\.84 %/);
      assert.match(rows[0] ?? "", /12,000\s+target\s+[\d,]+\s+\w+: .+\s+in \d\.\d h\s+\$2\.50 M\s+38\.6 %/);
      assert.match(rows[1] ?? "", /WBTC[\s\S]*\u2014\s+\u2014/, "what is not known is no zero");
      assert.match(await seen(page, "#unknown"), /\u2014 WBTC: .*no update has been weighed against positions yet/);
      const link = page.getByRole("link", { name: "WBTC" });
      await link.click();
      await page.locator("#market", { hasText: "WBTC" }).waitFor();
      assert.match(await seen(page, "#overview"), /\$5\d,\d{3}/);
      assert.ok(page.url().endsWith("#WBTC"));
      book.decided(anExplanation({ market: "WBTC", now: END + 60, chainInitialBps: 4_321 }));
      await page.locator("#markets tr", { hasText: "43.21 %" }).waitFor();
      assert.equal(await page.evaluate("document.activeElement.textContent"), "WBTC");
      await page.reload();
      await page.locator("#market", { hasText: "WBTC" }).waitFor();
    });
  });

  test("a hundred markets are one table that scrolls, and the worst comes first", async () => {
    const book = emptyBook();
    for (let n = 0; n < 100; n += 1) book.decided(anExplanation({ market: `M${n}` }));
    const { onChain, ...rest } = anExplanation({ market: "M77" });
    book.decided({ ...rest, onChain: { ...(onChain as OnChainMarket), asOf: NOW - 864_000 } });
    await visit(browser, book, PHONE, async (page) => {
      assert.equal(await page.locator("#markets tbody tr").count(), 100);
      assert.match(await seen(page, "#markets tbody tr >> nth=0"), /M77\s+stale/);
      assert.match(await seen(page, "#banner"), /M77 stale: initial closed/);
      assert.ok((await screens(page)) < 4, `${await screens(page)} screens`);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      assert.ok(wide <= 0, `${wide} px too wide`);
    });
  });

  test("one point spans an hour, more are looked at closer by a button or by dragging, and bounds and events are drawn", async () => {
    const book = emptyBook();
    book.update({ replay: null });
    const [first] = crash();
    book.decided(first as Explanation);
    await visit(browser, book, DESKTOP, async (page) => {
      const ticks = () =>
        page.evaluate<[number, number]>("(({ min, max }) => [min, max])(uPlot.sync('tonsor').plots[0].scales.x)");
      assert.deepEqual(await ticks(), [NOW, NOW + 3_600]);
      for (const explanation of crash().slice(1)) book.decided(explanation);
      await page.getByRole("button", { name: "1 week" }).click();
      await page.locator('.canvas[aria-label*="to 35.08 %"]').waitFor();
      assert.deepEqual(await ticks(), [END - 604_800, END]);
      const chart = page.locator(".canvas .u-over").first();
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      assert.ok(box !== null);
      await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 4 });
      await page.mouse.up();
      const [from, to] = await ticks();
      assert.ok(Math.abs(from - (END - 453_600)) < 3_600 && Math.abs(to - (END - 302_400)) < 3_600, `${from} ${to}`);
      assert.equal(await page.locator("#spans [aria-pressed=true]").count(), 0);
      assert.match(await seen(page, "#bounds"), /limit to 1,200 \u2013 12,000 tokens/);
      assert.match(await seen(page, "#timeline"), /data DEGRADED: a source is missing/);
      assert.match(await seen(page, "#notice"), /Maintenance falls from 25\.\d\d % to 25\.80 %[\s\S]*74\.20 %/);
      const csv = await (await fetch(new URL(await href(page, "#csv"), page.url()))).text();
      assert.equal(csv.trim().split("\r\n").length, 75);
    });
  });

  test("transactions and contract lead to the chain's explorer, parts that add nothing are folded and stay as one leaves them", async () => {
    const book = playedBook();
    await visit(browser, book, DESKTOP, async (page) => {
      assert.equal(await href(page, "#chain a"), `https://etherscan.io/address/0x${"5f".repeat(20)}`);
      for (const table of ["#transactions", "#timeline"]) {
        assert.equal(await href(page, `${table} td a`), `https://etherscan.io/tx/${HASH}`);
      }
      const fold = page.locator(".waterfall details").first();
      assert.equal(await fold.locator("summary").textContent(), "1 part adds nothing now");
      await fold.locator("summary").click();
      book.update({ chain: { chainId: 1, contract: "0x12", explorer: "javascript:alert(1)//" } });
      book.decided(crash()[72] as Explanation);
      await page.locator("#chain", { hasText: "Contract 0x12" }).waitFor();
      assert.equal(await page.locator("#chain a, #transactions td:nth-child(4) a").count(), 0, "no wild address");
      assert.equal(await fold.getAttribute("open"), "");
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
    const book = calmBook();
    const unasked = () => assert.fail("the page does not ask for it");
    const operations = { live: unasked, status: unasked, metrics: unasked, publicHeadline: unasked };
    const asked = { headline: () => headline(condition), ready: () => readiness(condition) };
    const data = { ...book, operations: { ...operations, ...asked } };
    await visit(browser, data, DESKTOP, async (page) => {
      for (const change of states) {
        condition = aCondition(change);
        const { message, severity } = headline(condition);
        await page.locator("#banner", { hasText: message }).waitFor();
        const green = await page.locator("#banner .good").count();
        assert.equal(green, severity === "good" ? 1 : 0, message);
        assert.equal(await page.locator(".banner .mark, .top .mark").count(), 1, "it is said in one place");
        const { reason } = (await (await fetch(new URL("/ready", page.url()))).json()) as { reason: string };
        assert.equal(await seen(page, "#banner span:last-child"), reason);
      }
    });
  });

  test("a market out of the ordinary never stands under green, though the keeper has no bad word", async () => {
    const { onChain, ...calm } = calmed(anExplanation({ now: END }));
    const chain = onChain as OnChainMarket;
    const states: readonly [words: string, Partial<OnChainMarket>][] = [
      ["WETH stale: initial closed", { asOf: END - 864_000 }],
      ["WETH NO_NEW_RISK until 17 Feb 2026, 10:00", { mode: "NO_NEW_RISK", modeUntil: END + 172_800 }],
      ["WETH FROZEN until lifted", { mode: "FROZEN", modeUntil: 2 ** 40 - 1 }],
      ["WETH tighten-only", { writer: { ...chain.writer, tightenOnly: true } }],
      ["WETH tighten-only", { classHeldUntil: END + 60 }],
    ];
    const book = calmBook();
    await visit(browser, book, DESKTOP, async (page) => {
      await page.locator("#banner .good").waitFor();
      for (const [words, change] of states) {
        book.decided({ ...calm, onChain: { ...chain, ...change } });
        await page.locator("#banner", { hasText: words }).waitFor();
        assert.equal(await page.locator("#banner .good").count(), 0, words);
        book.decided({ ...calm, onChain });
        await page.locator("#banner .good").waitFor();
      }
    });
  });
});

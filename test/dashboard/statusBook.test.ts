import assert from "node:assert/strict";
import { test } from "node:test";
import { pageRoutes } from "../../keeper/dashboard/pageRoutes.ts";
import type { DashboardData, TransactionStatus } from "../../keeper/dashboard/status.ts";
import { createStatusBook } from "../../keeper/dashboard/statusBook.ts";
import { anExplanation, crash, NOW } from "./explanations.ts";

const HEAD: Parameters<typeof createStatusBook>[0] = {
  time: NOW,
  keeper: { state: "running", severity: "good", message: "between two cycles", cycles: 1, lastCycle: NOW },
  data: { kind: "generated", label: "sample" },
  replay: null,
  chain: null,
};
const book = () => createStatusBook(HEAD, async () => null);
const sent = (sequence: number, change: Partial<TransactionStatus> = {}): TransactionStatus => ({
  ...{ time: NOW, sequence, markets: ["WETH"], hash: `0x${sequence}`, status: "SENT", evidenceHash: "0x0" },
  ...change,
});

test("a new book is empty and says what it was told", () => {
  assert.deepEqual(book().snapshot(), { ...HEAD, markets: [], calibration: [], lenders: [], transactions: [] });
  assert.deepEqual(book().series("WETH"), []);
});

test("an update changes what it names and leaves the rest", () => {
  const changed = book();
  changed.update({ time: NOW + 60 });
  assert.deepEqual(changed.snapshot(), {
    ...HEAD,
    time: NOW + 60,
    markets: [],
    calibration: [],
    lenders: [],
    transactions: [],
  });
});

test("each decision is a point; the latest is the market's state", () => {
  const filled = book();
  for (const explanation of crash()) filled.decided(explanation);
  const points = filled.series("WETH");
  assert.equal(points.length, 74);
  assert.equal(filled.snapshot().markets.length, 1);
  assert.equal(filled.snapshot().markets[0]?.priceUsd, points.at(-1)?.priceUsd);
  for (const [index, point] of points.slice(1).entries()) assert.ok(point.time > (points[index]?.time ?? 0));
});

test("a second look at the same time replaces the first", () => {
  const filled = book();
  filled.decided(anExplanation({ volatility: 0.5 }));
  filled.decided(anExplanation({ volatility: 0.6 }));
  assert.deepEqual(
    filled.series("WETH").map((point) => point.volatility),
    [0.6],
  );
});

test("since gives only later points", () => {
  const filled = book();
  for (const explanation of crash()) filled.decided(explanation);
  assert.equal(filled.series("WETH", NOW + 72 * 21_600).length, 1);
  assert.equal(filled.series("WETH", NOW + 73 * 21_600).length, 0);
});

test("haircuts are shown rounded up to whole basis points, and before or after landing as they stand", () => {
  const filled = book();
  filled.decided(anExplanation({ action: "submit" }));
  const before = filled.series("WETH")[0];
  assert.deepEqual(
    [before?.targetInitialBps, before?.onChainInitialBps, before?.onChainMaintenanceBps],
    [2217, 2200, 1650],
  );
  filled.decided(anExplanation({ action: "submit" }), true);
  const after = filled.series("WETH")[0];
  assert.deepEqual([after?.onChainInitialBps, after?.onChainMaintenanceBps], [2217, 1650], "maintenance does not jump");
});

test("a market that is not on chain has no on-chain values, landed or not", () => {
  const filled = book();
  filled.decided({ ...anExplanation(), onChain: null }, true);
  assert.equal(filled.series("WETH")[0]?.onChainInitialBps, null);
  assert.equal(filled.snapshot().markets[0]?.onChain, null);
});

test("a transaction's new status replaces the old; the newest comes first", () => {
  const filled = book();
  for (const sequence of [2, 1, 3]) filled.sent(sent(sequence));
  filled.sent(sent(2, { status: "CONFIRMED" }));
  assert.deepEqual(
    filled.snapshot().transactions.map(({ sequence, status }) => [sequence, status]),
    [
      [3, "SENT"],
      [2, "CONFIRMED"],
      [1, "SENT"],
    ],
  );
});

test("the book is bounded", () => {
  const filled = book();
  for (let sequence = 0; sequence < 200; sequence += 1) filled.sent(sent(sequence));
  assert.equal(filled.snapshot().transactions.length, 50);
  const explanation = anExplanation();
  for (let at = 0; at < 15_100; at += 1) {
    filled.decided({ ...explanation, assessment: { ...explanation.assessment, now: NOW + at } });
  }
  assert.equal(filled.series("WETH").length, 15_000);
  assert.equal(filled.series("WETH").at(-1)?.time, NOW + 15_099);
});

/** What a GET of this path answers over a book. */
async function health(path: "/live" | "/ready", data: DashboardData) {
  const route = pageRoutes(data, false).find((one) => one.path === path);
  const { status, body } = (await route?.answer({ values: {}, query: {}, body: {} })) ?? {};
  return { status, ...(JSON.parse(String(body)) as { ok: boolean; reason: string }) };
}

test("live is false once the keeper failed or stopped", async () => {
  const filled = book();
  assert.deepEqual((await health("/live", filled)).status, 200);
  for (const state of ["failed", "stopped"] as const) {
    filled.update({ keeper: { ...HEAD.keeper, state } });
    const { status, ok } = await health("/live", filled);
    assert.deepEqual([status, ok], [503, false]);
  }
});

test("ready needs a decision, and nothing critical to say; then it says the headline", async () => {
  const filled = book();
  assert.deepEqual(await health("/ready", filled), { status: 503, ok: false, reason: "between two cycles" });
  filled.decided(anExplanation());
  assert.equal((await health("/ready", filled)).ok, true);
  filled.update({ keeper: { ...HEAD.keeper, severity: "critical", message: "stale or not listed on chain: WBTC" } });
  assert.deepEqual(await health("/ready", filled), {
    status: 503,
    ok: false,
    reason: "stale or not listed on chain: WBTC",
  });
});

test("positions are those that an update was last weighed against, and stay until the next", () => {
  const filled = book();
  filled.decided(anExplanation());
  const positions = () => filled.snapshot().markets[0]?.positions;
  assert.deepEqual(
    [positions()?.atRiskUsd, positions()?.why],
    [null, "no update has been weighed against positions yet"],
  );
  const sums = { market: "WETH", collateralUsd: 9_013_500, debtUsd: 5_000_000, atRiskUsd: 7_000, why: null };
  filled.decided(anExplanation(), true, sums);
  filled.decided(anExplanation({ now: NOW + 60, priceUsd: 1_000 }));
  const known = { time: NOW, collateralTokens: 3_000, debtUsd: 5_000_000, atRiskUsd: 7_000, book: null, why: null };
  assert.deepEqual(positions(), known);
  filled.decided(anExplanation({ priceUsd: null }), true, sums);
  assert.equal(positions()?.collateralTokens, null, "no price, no tokens");
  filled.decided(anExplanation(), true, { ...sums, why: "not read: positions.json" });
  assert.deepEqual([positions()?.atRiskUsd, positions()?.why], [null, "not read: positions.json"]);
});

test("a market's timeline has its own events, its batches and the keeper's, oldest first, and is bounded", () => {
  const filled = book();
  filled.decided(anExplanation());
  filled.decided(anExplanation({ market: "WBTC" }));
  filled.sent(sent(1, { time: NOW - 60, status: "CONFIRMED" }));
  filled.sent(sent(2, { time: NOW - 30, markets: ["WBTC"] }));
  filled.update({ time: NOW + 60, keeper: { ...HEAD.keeper, severity: "critical", message: "a node lies" } });
  const words = filled.events("WETH").map((event) => event.words);
  assert.match(words.join("|"), /^batch 1 confirmed\|data DEGRADED: [^|]*\|keeper running: a node lies$/);
  assert.deepEqual(filled.events("DOGE"), []);
  for (let sequence = 3; sequence < 600; sequence += 1) filled.sent(sent(sequence));
  assert.equal(filled.events("WETH").length, 200);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { marketStatus, NOT_WEIGHED } from "../../keeper/dashboard/marketStatus.ts";
import { arrivalOf, limitUsed, marketState, worstState } from "../../keeper/dashboard/page/state.js";
import { axis } from "../../keeper/dashboard/page/zoom.js";
import type { SeriesPoint, StatusSnapshot } from "../../keeper/dashboard/status.ts";
import { anExplanation, calmed, NOW } from "./explanations.ts";

type Market = StatusSnapshot["markets"][number];
const calm: Market = { ...marketStatus(calmed(anExplanation())), positions: NOT_WEIGHED };
const onChain = calm.onChain as NonNullable<Market["onChain"]>;
const keeper = { state: "running", severity: "good", message: "all is well", cycles: 1, lastCycle: NOW } as const;

test("a market's state names everything out of the ordinary, the worst first", () => {
  assert.deepEqual(marketState(calm), [{ words: "normal", tone: "good" }]);
  const all = { ...onChain, stale: true, tightenOnly: true, mode: "FROZEN" as const, modeUntil: NOW };
  assert.deepEqual(
    marketState({ ...calm, onChain: all, dataState: "STALE" }).map(({ words, tone }) => `${tone} ${words}`),
    [
      "bad stale: initial closed",
      "warning FROZEN until 28 Jan 2026, 04:00",
      "warning tighten-only",
      "warning data STALE",
    ],
  );
  assert.deepEqual(marketState({ ...calm, onChain: null }), [{ words: "not listed", tone: "bad" }]);
});

test("the banner is the keeper's unless a market is worse than the keeper says", () => {
  const good = { state: "running", message: "all is well", tone: "good" };
  assert.deepEqual(worstState({ keeper, markets: [] }), good);
  assert.deepEqual(worstState({ keeper, markets: [calm] }), good);
  const stale = { ...calm, market: "WBTC", onChain: { ...onChain, stale: true } };
  const narrow = { ...calm, onChain: { ...onChain, tightenOnly: true } };
  const said = { ...good, tone: "bad", message: "WBTC stale: initial closed; WETH tighten-only; all is well" };
  assert.deepEqual(worstState({ keeper, markets: [narrow, calm, stale] }), said);
  const warned = { ...keeper, severity: "warning", message: "only tightening is written" } as const;
  assert.deepEqual(worstState({ keeper: warned, markets: [narrow] }).message, warned.message, "said once");
  const many = Array.from({ length: 9 }, () => narrow);
  assert.match(worstState({ keeper, markets: many }).message, /tighten-only; and 6 more markets; all is well$/);
});

test("what binds is told of the number that takes longest, held before slow before met", () => {
  const at = (market: Market["arrivals"]) => arrivalOf({ ...calm, arrivals: market });
  const { arrivals } = calm;
  if (arrivals === null) throw new Error("the calm market is listed");
  const rest = { ...arrivals.initial, isAtRest: true, because: "a" };
  const three = { initial: rest, maintenance: rest, exposureLimit: rest };
  assert.deepEqual(at(three), { binds: "initial: a", meets: "met" });
  const slow = { ...rest, isAtRest: false, because: "b", at: calm.time + 7_200 };
  assert.deepEqual(at({ ...three, maintenance: slow }), { binds: "maintenance: b", meets: "in 2.0 h" });
  const held = { ...slow, because: "c", at: null };
  assert.deepEqual(at({ ...three, maintenance: slow, exposureLimit: held }), {
    binds: "limit: c",
    meets: "not while held",
  });
  assert.equal(at(null), null);
});

test("the share of the limit is known only with positions and a price, and nothing over nothing is nothing", () => {
  const used = (collateralTokens: number | null, exposureLimitTokens = 12_000) =>
    limitUsed({
      ...calm,
      positions: { ...calm.positions, collateralTokens },
      onChain: { ...onChain, exposureLimitTokens },
    });
  assert.equal(used(null), null);
  assert.deepEqual(used(6_000), { words: "50.0 %", tone: "good" });
  assert.deepEqual(used(12_600), { words: "105.0 %", tone: "bad" });
  assert.deepEqual(used(0, 0), { words: "0.0 %", tone: "good" });
  assert.deepEqual(used(1, 0), { words: "the limit is 0", tone: "bad" });
});

test("the time axis is never shorter than an hour, ends at the newest point, and with all spans a replay", () => {
  const at = (...times: number[]) => times.map((time) => ({ time }) as SeriesPoint);
  assert.deepEqual(axis(null, at(7_200), null), [7_200, 10_800]);
  assert.deepEqual(axis(86_400, at(7_200), null), [7_200, 10_800]);
  assert.deepEqual(axis(3_600, at(0, 90_000), null), [86_400, 90_000]);
  assert.deepEqual(axis(null, at(0, 90_000), null), [0, 90_000]);
  assert.deepEqual(axis(null, at(50_000), { from: 10_000, to: 99_000 }), [10_000, 99_000]);
  assert.deepEqual(axis([5, 9], at(0, 90_000), null), [5, 9]);
  assert.deepEqual(axis(null, [], null), [0, 3_600]);
});

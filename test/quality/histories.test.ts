import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle, Observed, PriceHistory, PricePast } from "../../keeper/domain/observation.ts";
import { estimatesAt } from "../../keeper/model/estimates.ts";
import { EMPTY_PAST } from "../../keeper/model/history/pricePast.ts";
import { qualify } from "../../keeper/quality/qualify.ts";
import { HOUR, START, walk } from "../support/candles.ts";
import { calmBoard, calmFeed, calmIndex, calmPool, seen } from "../support/observations.ts";
import { WETH } from "../support/shipped.ts";

const NAMES = ["deribit:ETH-PERPETUAL:history", "okx:ETH-USDT:history"] as const;
const MARKET = { ...WETH, sources: { ...WETH.sources, otherHistories: ["okx:ETH-USDT"] } };
const CLEAN = walk(500, () => 0.6);
const NOW = START + 500 * HOUR + 60;
const PRICE = CLEAN[499]?.[4] ?? 0;

function historyOf(source: string, candles: readonly Candle[]): Observed {
  const eventTime = (candles.at(-1)?.[0] ?? 0) + HOUR;
  return seen({ kind: "priceHistory", source, instrument: "ETH", intervalSeconds: HOUR, eventTime, candles });
}

function observedOf(own: readonly Candle[] | null, other: readonly Candle[] | null, now = NOW, price = PRICE) {
  return [
    ...[calmBoard("ETH", now - 4, price, 0.6), calmIndex("ETH", now, 0.6)].map(seen),
    ...[calmPool(now - 2, price), calmFeed(now - 60, price)].map(seen),
    ...(own === null ? [] : [historyOf(NAMES[0], own)]),
    ...(other === null ? [] : [historyOf(NAMES[1], other)]),
  ];
}

/** Readings with these candles of the two venues, at the price of the walk everywhere else. */
function readings(own: readonly Candle[] | null, other: readonly Candle[] | null, now = NOW) {
  const { history, faults } = qualify(observedOf(own, other, now), MARKET, now);
  return { history, faults: faults.map(({ source, code }) => `${source} ${code}`) };
}

const closesOf = (history: PriceHistory | null) => history?.candles.map((candle) => candle[4].toFixed(6));
const times = (by: number, at: readonly number[]) => (candle: Candle, i: number) =>
  at.includes(i)
    ? ([...candle.slice(0, 2), ...[1, 1, 1].map((_, n) => (candle[n + 2] ?? 0) * by), candle[5]] as never)
    : candle;

describe("histories of two venues", () => {
  it("that agree are the first as it is", () => {
    const { history, faults } = readings(CLEAN, CLEAN);
    assert.deepEqual([history?.source, history?.candles.length, faults], [NAMES[0], 500, []]);
  });

  it("fill each other's holes, in the first one's quote", () => {
    const cheaper = CLEAN.map(([t, o, h, l, c, v]): Candle => [t, o * 0.99, h * 0.99, l * 0.99, c * 0.99, v]);
    const { history } = readings(
      CLEAN.filter((_, i) => i < 300 || i > 332),
      cheaper,
    );
    assert.deepEqual(closesOf(history), closesOf({ candles: CLEAN } as PriceHistory));
  });

  it("say of arrays judged before what they say of copies, whatever stands beside them, and hand on the same while nothing changes", () => {
    const holes = CLEAN.filter((_, i) => i < 300 || i > 332);
    const cheaper = CLEAN.map(([t, o, h, l, c, v]): Candle => [t, o * 0.99, h * 0.99, l * 0.99, c * 0.99, v]);
    const lists = [null, CLEAN, cheaper, holes, CLEAN.map(times(0.9, [480])), CLEAN.map(times(0.8, [310, 480]))];
    for (const own of lists.slice(1)) {
      for (const other of lists) {
        const copies = [own, other].map((one) => structuredClone(one)) as [typeof own, typeof other];
        assert.deepEqual(readings(own, other), readings(...copies));
        const [first, second] = [readings(own, other), readings(own, other)];
        assert.equal(first.history?.candles, second.history?.candles);
      }
    }
  });

  it("go on with the one that answers, and say that the other is silent", () => {
    const silent = readings(null, CLEAN);
    assert.deepEqual([silent.history?.source, silent.faults], [NAMES[1], [`${NAMES[0]} UNREACHABLE`]]);
    const late = readings(CLEAN.slice(0, 470), CLEAN);
    assert.deepEqual([late.history?.source, late.faults], [NAMES[1], [`${NAMES[0]} STALE`]]);
    assert.equal(readings(CLEAN, null).history?.source, NAMES[0]);
  });

  it("use a late one for two days where no other answers", () => {
    const last = (hours: number) => readings(CLEAN.slice(0, 500 - hours), null).history?.candles.length;
    assert.deepEqual([last(33), last(49), last(52)], [467, 451, undefined]);
  });

  it("name the venue whose bar is wrong, whichever it is, and use the other's", () => {
    const wrong = CLEAN.map(times(0.9, [480]));
    for (const [own, other, accused] of [
      [wrong, CLEAN, NAMES[0]],
      [CLEAN, wrong, NAMES[1]],
    ] as const) {
      const { history, faults } = readings(own, other);
      assert.deepEqual(faults, [`${accused} REVERTED`]);
      assert.deepEqual(closesOf(history), closesOf({ candles: CLEAN } as PriceHistory));
    }
    assert.deepEqual(readings(wrong, wrong).faults, []);
  });

  it("do not ask one of another asset or unit", () => {
    const cents = CLEAN.map(([t, o, h, l, c, v]): Candle => [t, o * 100, h * 100, l * 100, c * 100, v]);
    const { history, faults } = readings(CLEAN.map(times(0.9, [480])), cents);
    assert.deepEqual(faults, [`${NAMES[0]} REVERTED`, `${NAMES[1]} DISAGREES`]);
    assert.equal(history?.source, NAMES[0]);
  });

  it("are judged once for all markets of a moment, and anew where prices or the other venue say something else", () => {
    const observed = observedOf(CLEAN.map(times(0.9, [480])), CLEAN);
    const estimates = estimatesAt(NOW);
    const read = (all: readonly Observed[]) => qualify(all, MARKET, NOW, [], estimates).history;
    const first = read(observed);
    assert.notEqual(first, observed[4]?.observation, "a bar was replaced");
    assert.equal(read(observed), first);
    const withHistories = (prices: readonly Observed[], histories: readonly Observed[]) =>
      read([...prices.slice(0, 4), ...histories]);
    assert.notEqual(withHistories(observedOf(null, null, NOW, PRICE * 1.001), observed.slice(4)), first);
    const again = historyOf(NAMES[1], CLEAN);
    assert.notEqual(withHistories(observed, [...observed.slice(4, 5), again]), first);
    assert.deepEqual(withHistories(observed, [...observed.slice(4, 5), again]), first);
  });

  it("lend their past to the candles that stand in for them, and to no market that does not name them", () => {
    const estimates = estimatesAt(NOW);
    const before: PricePast = { ...EMPTY_PAST, until: START, shocks: 7 };
    const late = historyOf(NAMES[0], CLEAN.slice(0, 100));
    const [own, other] = [
      { ...late, observation: { ...late.observation, before } as PriceHistory },
      historyOf(NAMES[1], CLEAN),
    ];
    const observed = [...observedOf(null, null), own, other];
    const standIn = qualify(observed, MARKET, NOW, [], estimates).history;
    assert.deepEqual([standIn?.source, standIn?.before], [NAMES[1], before]);
    const alone = { ...MARKET, sources: { ...MARKET.sources, history: "okx:ETH-USDT", otherHistories: [] } };
    const others = qualify(observed, alone, NOW, [], estimates).history;
    assert.deepEqual([others?.source, others?.before], [NAMES[1], undefined]);
  });
});

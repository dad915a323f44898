import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { dayFalls, firstDays, type HourPath } from "../../../scripts/lab/reality/hours.ts";
import { type Book, playBook } from "../../../scripts/lab/reality/playBook.ts";

/** Hours at `price`, but for the days on which it is multiplied by what `moves` says for one hour. */
function path(count: number, price: number, moves: Readonly<Record<number, number>>): HourPath {
  const at = (hour: number, worst: boolean) => {
    const move = moves[Math.floor(hour / 24)] ?? 1;
    return worst && hour % 24 === 12 ? price * move : price;
  };
  const column = (pick: (usd: number) => number) =>
    Float64Array.from({ length: count * 24 }, (_, hour) => pick(at(hour, true)));
  return {
    ...{ asset: "ETH", from: 0 },
    lows: column((usd) => Math.min(usd, price)),
    highs: column((usd) => Math.max(usd, price)),
    closes: Float64Array.from({ length: count * 24 }, (_, hour) => at(hour, false)),
  };
}

const BOOK: Book = {
  ...{ side: "long", money: 1e9, grown: () => 1, ltv: 0.8, threshold: 0.83, bonus: 0.05, closeFactor: 0.5 },
  ...{ oracleDeviation: 0, usage: [0.5, 1], arrivalHours: 24, repaymentDays: 1e6, topUpShare: 0, topUpHours: 0 },
};
const sum = (days: Float64Array) => days.reduce((total, usd) => total + usd, 0);
const busy = (days: Float64Array) => [...days.entries()].flatMap(([day, usd]) => (usd > 0 ? [day] : []));

describe("a book played over recorded hours", () => {
  it("liquidates nobody at an unmoved price", () => {
    assert.equal(sum(playBook(BOOK, path(30, 2_000, {}))), 0);
  });

  it("liquidates on the days whose low reaches the threshold, and at the same low again only who came since", () => {
    // Those at the whole LTV fall due below 0.8 / 0.83 of the price: at a fall of 3.6 %.
    const days = playBook(BOOK, path(30, 2_000, { 10: 0.97, 15: 0.95, 20: 0.95 }));
    assert.deepEqual(busy(days), [15, 20]);
    const [first, second] = [days[15] as number, days[20] as number];
    // A call repays half of a debt; the collateral seized, 1.05 / 0.95 of that, is what new borrowers bring, half of them at the whole LTV.
    assert.ok(Math.abs(second / first - (0.4 * 1.05) / 0.95 / 2) < 0.02, `${second / first}`);
  });

  it("liquidates shorts on a rise as longs on the fall that undoes it, worth the same", () => {
    const longs = playBook(BOOK, path(30, 2_000, { 15: 0.95 }));
    const shorts = playBook({ ...BOOK, side: "short" }, path(30, 2_000, { 15: 1 / 0.95 }));
    assert.deepEqual(busy(shorts), [15]);
    // A debt in dollars does not move; one in coins is worth more by the rise.
    assert.ok(Math.abs(sum(shorts) / (sum(longs) / 0.95) - 1) < 1e-3, `${sum(shorts)} and ${sum(longs)}`);
    assert.equal(sum(playBook({ ...BOOK, side: "short" }, path(30, 2_000, { 15: 0.95 }))), 0);
  });

  it("takes as much money as the lender is grown", () => {
    const half = playBook({ ...BOOK, grown: () => 0.5 }, path(30, 2_000, { 15: 0.95 }));
    assert.ok(Math.abs(sum(half) / sum(playBook(BOOK, path(30, 2_000, { 15: 0.95 }))) - 0.5) < 1e-3);
  });

  it("knows nothing of later days", () => {
    const [calm, later] = [path(20, 2_000, { 15: 0.95 }), path(30, 2_000, { 15: 0.95, 25: 0.5 })];
    assert.deepEqual(playBook(BOOK, firstDays(later, 20)), playBook(BOOK, calm));
    assert.deepEqual(playBook(BOOK, later).subarray(0, 20), playBook(BOOK, calm));
  });
});

describe("dayFalls", () => {
  it("measures from the highest close before, within the day or at the end of the one before", () => {
    const falls = dayFalls(path(3, 1_000, { 1: 0.9 }));
    assert.deepEqual(
      [...falls].map((fall) => Number(fall.toFixed(6))),
      [0, 0.1, 0],
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle, PriceHistory } from "../../keeper/domain/observation.ts";
import { judgeCandles } from "../../keeper/quality/candles.ts";
import { endOf, HOUR, historyOf, walk } from "../support/candles.ts";

const CLEAN = walk(400, () => 0.6);
const at = (i: number) => CLEAN[i] as Candle;

/** The walk up to bar `end` with the closes of some bars multiplied. */
function closing(by: number, bars: readonly number[], end = 399): readonly Candle[] {
  return CLEAN.slice(0, end + 1).map((candle, i) => (bars.includes(i) ? endingAt(candle, candle[4] * by) : candle));
}

function endingAt([time, open, high, low, , volume]: Candle, close: number): Candle {
  return [time, open, Math.max(high, close), Math.min(low, close), close, volume];
}

/** What is made of candles a minute after the last has closed. */
function judged(candles: readonly Candle[], prices: readonly number[] = [], others: readonly PriceHistory[] = []) {
  const now = endOf(candles) + 60;
  const said = prices.map((price, i) => ({ source: `source ${i}`, price, time: now - 5 }));
  return judgeCandles(historyOf(candles), others, said, now);
}

const codes = ({ faults }: ReturnType<typeof judgeCandles>) => faults.map(({ code, count }) => [code, count]);

describe("judgeCandles", () => {
  it("hands on the same object where nothing is wrong", () => {
    const history = historyOf(CLEAN);
    const result = judgeCandles(history, [], [], endOf(CLEAN));
    assert.deepEqual([result.history === history, result.faults], [true, []]);
  });

  for (const [by, bars] of [
    [0.8, [390]],
    [1.3, [390, 391]],
  ] as const) {
    it(`sets ${bars.length} bar${bars.length === 1 ? "" : "s"} aside that closed at ${by} and came back, and takes the next opens in their place`, () => {
      const result = judged(closing(by, bars));
      assert.deepEqual(codes(result), [["REVERTED", undefined]]);
      assert.deepEqual(
        result.history.candles.map((candle) => candle[4].toFixed(6)),
        CLEAN.map((candle) => candle[4].toFixed(6)),
      );
    });
  }

  it("leaves a hole where trading went on at the wrong price", () => {
    const [time, , , low, close, volume] = at(391);
    const dip = at(390)[4] * 0.8;
    const after: Candle = [time, dip, Math.max(close, dip), Math.min(low, dip), close, volume];
    const result = judged(closing(0.8, [390]).map((candle, i) => (i === 391 ? after : candle)));
    assert.equal(result.history.candles.length, CLEAN.length - 1);
  });

  it("keeps a bar that three bars confirm, however far it went", () => {
    const result = judged(closing(0.5, [395, 396, 397, 398, 399]));
    assert.deepEqual(codes(result), []);
  });

  it("counts a crash at once when any one source has seen it, and sets the bar aside when those that speak have not", () => {
    const crash = closing(0.8, [399]);
    const price = at(399)[4];
    assert.deepEqual(codes(judged(crash, [price, price * 0.8])), []);
    const alone = judged(crash, [price, price * 1.001]);
    assert.deepEqual(codes(alone), [["DISAGREES", undefined]]);
    assert.equal(alone.history.candles.at(-1)?.[4], price);
    assert.equal(alone.history.eventTime, endOf(CLEAN));
  });

  it("holds a crash back for one bar when nobody else says anything", () => {
    const first = judged(closing(0.8, [398, 399], 398));
    assert.deepEqual(codes(first), [["JUMP", undefined]]);
    assert.equal(first.history.candles.at(-1)?.[4], at(397)[4]);
    assert.deepEqual(codes(judged(closing(0.8, [398, 399]))), []);
  });

  it("keeps a real fall that a larger wrong close follows, and sets that one aside", () => {
    const fallen = CLEAN.map(([time, open, high, low, close, volume], i): Candle => {
      const [start, end] = [i > 390 ? open * 0.95 : open, i >= 390 ? close * 0.95 : close];
      return [time, start, Math.max(high, start, end), Math.min(low, start, end), end, volume];
    });
    const result = judged(fallen.map((candle, i) => (i === 391 ? endingAt(candle, candle[4] * 1.3) : candle)));
    assert.deepEqual(codes(result), [["REVERTED", undefined]]);
    assert.equal(result.history.candles[390], fallen[390]);
    assert.equal(result.history.candles[391]?.[4], fallen[392]?.[1]);
  });

  it("does not take a price from before the close for one after it", () => {
    const now = endOf(CLEAN) + 60;
    const old = [{ source: "feed", price: at(399)[4], time: now - 61 }];
    const result = judgeCandles(historyOf(closing(0.8, [399])), [], old, now);
    assert.deepEqual(codes(result), [["JUMP", undefined]]);
  });

  it("counts a dip that another venue's candles show, in its own quote, and fills one they do not with theirs", () => {
    const elsewhere = (candles: readonly Candle[]) => [
      historyOf(candles.map(([t, o, h, l, c, v]): Candle => [t, o * 0.98, h * 0.98, l * 0.98, c * 0.98, v])),
    ];
    const dip = closing(0.8, [390]);
    assert.deepEqual(codes(judged(dip, [], elsewhere(dip))), []);
    const { history } = judged(dip, [], elsewhere(CLEAN));
    for (const i of [1, 2, 3, 4]) assert.ok(Math.abs((history.candles[390]?.[i] ?? 0) / (at(390)[i] ?? 0) - 1) < 1e-12);
  });

  it("does not ask a venue whose bars have stopped moving", () => {
    const still = CLEAN.map(([time, , , , , volume]): Candle => [time, 2000, 2000, 2000, 2000, volume]);
    assert.deepEqual(codes(judged(closing(0.8, [399]), [], [historyOf(still)])), [["JUMP", undefined]]);
  });

  it("doubts the history for a day, and then only counts", () => {
    assert.deepEqual(codes(judged(closing(0.8, [376]))), [["REVERTED", undefined]]);
    assert.deepEqual(codes(judged(closing(0.8, [300, 375]))), [["REVERTED", 2]]);
  });

  it("leaves what is no bar to those who count it", () => {
    const last = at(399);
    const broken: readonly Candle[] = [
      ...closing(1, []),
      [last[0] + HOUR, 1, 1, 1, Number.NaN, 1],
      [last[0] - HOUR, 1, 1, 1, 1, 1],
      [last[0] + 2 * HOUR, 0, 0, 0, 0, 0],
      [last[0] + 90 * HOUR, 1, 1, 1, 1, 1],
    ];
    const history = historyOf(broken);
    assert.equal(judgeCandles(history, [], [], endOf(CLEAN)).history, history);
  });
});

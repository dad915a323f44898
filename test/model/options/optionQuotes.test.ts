import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FaultCode } from "../../../keeper/domain/fault.ts";
import type { OptionBoard, OptionQuote } from "../../../keeper/domain/observation.ts";
import { cleanQuotes } from "../../../keeper/model/options/optionQuotes.ts";
import { near } from "../../support/near.ts";
import { EVENT_TIME, smileBoard, withQuotes } from "../../support/smileBoard.ts";

const RULES = { maxOptionSpread: 0.3, minStrikes: 5 };
/** Wide enough a rule that the far wings of the test board count too. */
const ALL = { ...RULES, maxOptionSpread: 2 };
const board = smileBoard({ days: [30] });

const clean = (changed: OptionBoard, rules = ALL) => cleanQuotes(changed, EVENT_TIME, rules);
const countOf = (faults: ReturnType<typeof clean>["faults"], code: FaultCode) =>
  faults.filter((each) => each.code === code).reduce((sum, each) => sum + (each.count ?? 0), 0);

/** Changes only the put nearest below 90 % of the forward, which the fit would use. */
function spoil(change: Partial<OptionQuote>): OptionBoard {
  const puts = board.quotes.filter((quote) => quote.kind === "put" && quote.strike < 2700);
  const victim = puts.reduce((best, quote) => (quote.strike > best.strike ? quote : best));
  return withQuotes(board, (quote) => (quote === victim ? { ...quote, ...change } : quote));
}

test("a calm board gives one out-of-the-money point for each strike, ascending, and no fault", () => {
  const { expiries, faults } = clean(board);
  assert.deepEqual(faults, []);
  const [only] = expiries;
  assert.equal(expiries.length, 1);
  assert.equal(only?.points.length, 13);
  assert.equal(only?.forwardUsd, 3000);
  near(only?.years ?? 0, 30 / 365, 1e-12);
  for (const point of only?.points ?? []) {
    assert.equal(point.kind, point.k < -1e-12 ? "put" : "call");
    near(point.askVol - point.bidVol, 0.01, 1e-9, "spread in volatility");
    near(point.vol, (point.bidVol + point.askVol) / 2, 1e-9, "mark");
    near(point.weight, 100, 1e-4, "weight");
  }
});

test("the mark is used inside the spread, the middle of the spread outside", () => {
  const board5 = spoil({ markIv: 0.62 });
  const changed = board5.quotes.find((quote) => quote.markIv === 0.62);
  const before = clean(board).expiries[0]?.points.find((point) => point.strike === changed?.strike);
  const after = clean(board5).expiries[0]?.points.find((point) => point.strike === changed?.strike);
  assert.ok(before !== undefined && after !== undefined);
  assert.ok(before.bidVol > 0.62 || before.askVol < 0.62, "0.62 lies outside");
  near(after.vol, (before.bidVol + before.askVol) / 2, 1e-12, "middle");
});

test("without a mark IV the volatility is solved from the mark price", () => {
  const bare = withQuotes(board, (quote) => ({ ...quote, markIv: null }));
  const [with0, without] = [clean(board).expiries[0], clean(bare).expiries[0]];
  for (const [i, point] of (without?.points ?? []).entries()) near(point.vol, with0?.points[i]?.vol ?? 0, 1e-9);
  assert.equal(without?.points.length, 13);
});

for (const [title, change, code] of [
  ["a crossed quote", { bidCoin: 0.5, askCoin: 0.4 }, "CROSSED"],
  ["a mark IV in percent", { markIv: 62 }, "UNIT_SUSPECT"],
  ["a mark IV a hundredth of what prices say", { markIv: 0.006 }, "UNIT_SUSPECT"],
  ["a mark IV at the venue's placeholder", { markIv: 0.001 }, "NOT_POSITIVE"],
  ["a mark IV far from prices", { markIv: 1.4 }, "INCONSISTENT"],
  ["a price that is no number", { bidCoin: Number.NaN }, "NOT_FINITE"],
  ["an infinite mark IV", { markIv: Number.POSITIVE_INFINITY }, "NOT_FINITE"],
  ["a negative price", { askCoin: -0.01 }, "NOT_POSITIVE"],
  ["a forward of its own", { forwardUsd: 3100 }, "INCONSISTENT"],
  ["prices in dollars taken for coin", { bidCoin: 40, askCoin: 41 }, "UNIT_SUSPECT"],
] as const) {
  test(`${title} is dropped as ${code}, and only that quote`, () => {
    const { expiries, faults } = clean(spoil(change));
    assert.equal(countOf(faults, code), 1, JSON.stringify(faults));
    assert.equal(expiries[0]?.points.length, 12);
    assert.equal(faults[0]?.source, "test:ETH:options");
  });
}

test("a wide quote is dropped by the rule on spread, counted", () => {
  const { expiries, faults } = clean(board, { ...RULES, maxOptionSpread: 0.05 });
  const kept = expiries[0]?.points.length ?? 0;
  assert.ok(kept < 13 && kept >= 5);
  assert.equal(countOf(faults, "WIDE"), 13 - kept);
});

test("a one-sided quote is left out without a fault: it says nothing wrong", () => {
  for (const change of [{ bidCoin: null }, { askCoin: null }, { bidCoin: 0 }, { askCoin: 0 }]) {
    const { expiries, faults } = clean(spoil(change));
    assert.deepEqual(faults, []);
    assert.equal(expiries[0]?.points.length, 12);
  }
});

test("an ask below intrinsic value is a fault even on the side that is not used", () => {
  const call = board.quotes.find((quote) => quote.kind === "call" && quote.strike < 2500);
  const changed = withQuotes(board, (quote) => (quote === call ? { ...quote, bidCoin: 0.01, askCoin: 0.02 } : quote));
  const { expiries, faults } = clean(changed);
  assert.equal(countOf(faults, "BELOW_INTRINSIC"), 1);
  assert.equal(expiries[0]?.points.length, 13);
});

test("equal copies are one record, contradicting ones are all dropped", () => {
  const [first] = board.quotes;
  assert.ok(first !== undefined);
  const doubled = { ...board, quotes: [...board.quotes, first] };
  assert.equal(countOf(clean(doubled).faults, "DUPLICATE"), 1);
  assert.equal(clean(doubled).expiries[0]?.points.length, 13);
  const put = board.quotes.find((quote) => quote.kind === "put" && quote.strike < 2700) as OptionQuote;
  const contradicted = { ...board, quotes: [...board.quotes, { ...put, askCoin: (put.askCoin ?? 0) * 1.01 }] };
  assert.equal(countOf(clean(contradicted).faults, "DUPLICATE"), 2);
  assert.equal(clean(contradicted).expiries[0]?.points.length, 12);
});

test("too few strikes cost the expiry, and only it", () => {
  const both = smileBoard({ days: [7, 30] });
  const last = Math.max(...both.quotes.map((quote) => quote.expiry));
  const thin = { ...both, quotes: both.quotes.filter((quote, i) => quote.expiry !== last || i % 26 < 8) };
  const { expiries, faults } = clean(thin);
  assert.equal(expiries.length, 1);
  assert.equal(faults[0]?.code, "TOO_FEW");
  assert.match(faults[0]?.detail ?? "", /4 usable strikes, at least 5 needed/);
});

test("strikes on one side of the money only cost the expiry", () => {
  const { expiries, faults } = clean({ ...board, quotes: board.quotes.filter((quote) => quote.strike > 3001) });
  assert.equal(expiries.length, 0);
  assert.match(faults[0]?.detail ?? "", /all 6 usable strikes on one side of the money/);
});

test("a forward that parity contradicts costs the expiry", () => {
  const { expiries, faults } = clean(withQuotes(board, (quote) => ({ ...quote, forwardUsd: 3000 * 1.06 })));
  assert.equal(expiries.length, 0);
  assert.equal(faults[0]?.code, "INCONSISTENT");
  assert.match(faults[0]?.detail ?? "", /put-call parity says/);
});

test("where the venue gives no forward, parity does", () => {
  const { expiries } = clean(withQuotes(board, (quote) => ({ ...quote, forwardUsd: 0 })));
  near(expiries[0]?.forwardUsd ?? 0, 3000, 0.5, "forward");
  assert.equal(expiries[0]?.points.length, 13);
});

test("an expiry under twelve hours away is left out without a fault", () => {
  const close = smileBoard({ days: [0.49, 30] });
  assert.deepEqual(
    clean(close).expiries.map(({ years }) => Math.round(years * 365)),
    [30],
  );
  assert.deepEqual(clean(close).faults, []);
  const later = cleanQuotes(board, EVENT_TIME + 29.6 * 86_400, ALL);
  assert.deepEqual(later.expiries, [], "`now` counts too, not only the board's own time");
});

test("whole boards of nonsense give faults, never exceptions", () => {
  const junk = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e-300, 1e300, 0.5);
  fc.assert(
    fc.property(junk, junk, junk, junk, junk, (bidCoin, askCoin, markCoin, forwardUsd, markIv) => {
      const spoiled = withQuotes(board, (quote) => ({ ...quote, bidCoin, askCoin, markCoin, forwardUsd, markIv }));
      const { expiries } = clean(spoiled);
      for (const point of expiries.flatMap((expiry) => expiry.points)) assert.ok(Number.isFinite(point.vol));
    }),
  );
  assert.deepEqual(clean({ ...board, quotes: [] }), { expiries: [], faults: [] });
});

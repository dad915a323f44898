import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { mergedSellCurve, routedSellCurve } from "../../../keeper/model/depth/combinedSellCurve.ts";
import type { SellCurve } from "../../../keeper/model/depth/sellCurve.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import { v3Schedule } from "../../../scripts/lab/uniswapV3/swapSchedule.ts";
import { bookSellCurve } from "../../support/bookSellCurve.ts";
import { arbitraryPool } from "../../support/pools.ts";
import { xykSellCurve } from "../../support/xykSellCurve.ts";

/** Tolerance of a comparison of two sums of doubles. */
const EPS = 1e-9;
const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const share = positive(0.001, 1);

const xyk = fc
  .record({ base: positive(1, 1e6), price: positive(0.5, 2), fee: positive(0, 0.01), id: fc.uuid() })
  .map(({ base, price, fee, id }) => xykSellCurve(id, base, base * price, fee));
const book = fc
  .record({
    bids: fc.array(fc.tuple(positive(0.5, 1), positive(0.1, 1e5)), { minLength: 1, maxLength: 8 }),
    id: fc.uuid(),
  })
  .map(({ bids, id }) => bookSellCurve(id, bids, 1, 0.001));
const v3 = fc
  .record({ state: arbitraryPool(), baseIsToken0: fc.boolean(), id: fc.uuid() })
  .map(({ state, baseIsToken0, id }) => v3SellCurve({ ...state, pool: id }, baseIsToken0));
const venue = fc.oneof(xyk, book, v3);
const market = fc.array(venue, { minLength: 1, maxLength: 4 }).map((venues) => mergedSellCurve(venues));
const anyCurve = fc.oneof(venue, market, fc.tuple(market, market).map(routedSellCurve));

/** A finite amount to sell: more than the curve takes when the share is above 1. */
const sizeOf = (curve: SellCurve, part: number): number => {
  const total = curve.capacity(1);
  return part * (Number.isFinite(total) ? total : 1e4);
};

test("P1 what a sale returns rises with its size, by no more than the marginal price at its start", () => {
  fc.assert(
    fc.property(anyCurve, positive(0, 1.5), share, (curve, start, step) => {
      const from = sizeOf(curve, start);
      const more = sizeOf(curve, step);
      const gained = curve.sell(from + more) - curve.sell(from);
      assert.ok(gained >= -EPS * curve.sell(from));
      assert.ok(gained <= curve.marginal(from) * more * (1 + EPS) + EPS * curve.sell(from));
    }),
  );
});

test("P2 concave: the marginal price never rises, so half the size returns at least half the proceeds", () => {
  fc.assert(
    fc.property(anyCurve, share, share, (curve, a, b) => {
      const size = sizeOf(curve, a);
      assert.ok(curve.marginal(size) <= curve.marginal(size * b) * (1 + EPS));
      assert.ok(curve.sell(size * b) >= curve.sell(size) * b * (1 - EPS));
    }),
  );
});

test("P3 capacity is inverse to slippage: the whole of it falls short by the slippage, and it rises with it", () => {
  fc.assert(
    fc.property(anyCurve, positive(0.0001, 0.9), positive(0.0001, 0.09), (curve, slippage, more) => {
      const size = curve.capacity(slippage);
      assert.ok(curve.capacity(slippage + more) >= size);
      if (size === 0 || !(curve.priceQuote > 0)) return;
      const shortfall = 1 - curve.sell(size) / (size * curve.priceQuote);
      assert.ok(shortfall <= slippage + EPS, `${shortfall} > ${slippage}`);
      if (size < curve.capacity(1)) assert.ok(shortfall >= slippage - EPS, `${shortfall} < ${slippage}`);
    }),
  );
});

test("P4 against a fixed reference price one more venue never lowers capacity or proceeds", () => {
  fc.assert(
    fc.property(
      fc.array(venue, { minLength: 1, maxLength: 4 }),
      venue,
      positive(0.001, 0.5),
      share,
      (some, one, s, part) => {
        const fewer = mergedSellCurve(some, 1);
        const all = mergedSellCurve([...some, one], 1);
        assert.ok(all.capacity(s) >= fewer.capacity(s) * (1 - EPS));
        const size = sizeOf(fewer, part);
        assert.ok(all.sell(size) >= fewer.sell(size) * (1 - EPS));
      },
    ),
  );
});

test("P5 a merged sale is no worse than any split of it over venues that pay no more than the reference", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(venue, share), { minLength: 1, maxLength: 4 }), (parts) => {
      const venues = parts.map(([curve]) => curve);
      const merged = mergedSellCurve(venues, Math.max(...venues.map((curve) => curve.marginal(0))));
      const sizes = parts.map(([curve, part]) => sizeOf(curve, part));
      const split = parts.reduce((total, [curve], i) => total + curve.sell(sizes[i] ?? 0), 0);
      assert.ok(merged.sell(sizes.reduce((a, b) => a + b, 0)) >= split * (1 - EPS));
    }),
  );
});

test("P6 the order of venues changes nothing, to the bit", () => {
  fc.assert(
    fc.property(fc.array(venue, { minLength: 2, maxLength: 5 }), positive(0.001, 0.5), (venues, slippage) => {
      const forwards = mergedSellCurve(venues);
      const backwards = mergedSellCurve(venues.toReversed());
      assert.equal(forwards.capacity(slippage), backwards.capacity(slippage));
      assert.equal(forwards.priceQuote, backwards.priceQuote);
    }),
  );
});

test("P7 a route is its hops one after the other", () => {
  fc.assert(
    fc.property(market, market, share, (first, second, part) => {
      const route = routedSellCurve([first, second]);
      const size = sizeOf(first, part);
      const wanted = second.sell(first.sell(size));
      assert.ok(Math.abs(route.sell(size) - wanted) <= 1e-7 * wanted, `${route.sell(size)} is not ${wanted}`);
    }),
  );
});

test("P8 scale: ten times the liquidity takes ten times as much at the same slippage", () => {
  fc.assert(
    fc.property(arbitraryPool(), fc.boolean(), positive(0.001, 0.5), (state, baseIsToken0, slippage) => {
      const ticks = state.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet: liquidityNet * 10n }));
      const small = v3SellCurve(state, baseIsToken0).capacity(slippage);
      const large = v3SellCurve({ ...state, liquidity: state.liquidity * 10n, ticks }, baseIsToken0).capacity(slippage);
      assert.ok(Math.abs(large - 10 * small) <= EPS * large);
    }),
  );
});

test("P9 the curve in doubles is the exact sale up to the wei that the pool rounds away", () => {
  fc.assert(
    fc.property(arbitraryPool(), fc.boolean(), fc.bigInt({ min: 1n, max: 10n ** 26n }), (state, baseIsToken0, size) => {
      const exact = v3Schedule(state, baseIsToken0).sell(size);
      const curve = v3SellCurve(state, baseIsToken0);
      const out = curve.sell(Number(size) / 1e18) * 1e18;
      // Rounding at each stop costs at most one unit of either side, worth its marginal price.
      const units = 2_000 * (1 + curve.marginal(0));
      assert.ok(Math.abs(out - Number(exact.amountOut)) <= 1e-8 * out + units, `${out} is not ${exact.amountOut}`);
    }),
  );
});

test("P10 what is sold in two parts into the same pool returns what one sale does, the fees apart", () => {
  fc.assert(
    fc.property(arbitraryPool(), fc.bigInt({ min: 2n, max: 10n ** 22n }), share, (state, size, part) => {
      const whole = v3Schedule(state, true).sell(size);
      const first = (size * BigInt(Math.floor(part * 1e6))) / 1_000_000n;
      const once = v3Schedule(state, true).sell(first);
      const moved = { ...state, sqrtPriceX96: once.sqrtPriceX96After, tick: once.tickAfter };
      const crossed = state.ticks.filter(({ index }) => index <= state.tick && index > once.tickAfter);
      const liquidity = crossed.reduce((left, tick) => left - tick.liquidityNet, state.liquidity);
      const twice = v3Schedule({ ...moved, liquidity }, true).sell(size - first);
      // The second sale rounds once more, against the seller: never more than the one sale.
      assert.ok(once.amountOut + twice.amountOut <= whole.amountOut);
    }),
  );
});

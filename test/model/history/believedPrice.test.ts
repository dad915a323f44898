import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PriceHistory } from "../../../keeper/domain/observation.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { believedPrice, PRICE_MEMORY_SECONDS } from "../../../keeper/model/history/believedPrice.ts";
import { near } from "../../support/near.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const NOW = 1_770_000_000;
const RULES = { atOnce: 0.25, perDay: 0.1 };

/** Hourly candles whose last one closed at `end`. */
function closing(closes: readonly number[], end = NOW): PriceHistory {
  const first = end - closes.length * HOUR;
  const candles = closes.map((close, i) => [first + i * HOUR, close, close, close, close, 1] as const);
  return { kind: "priceHistory", source: "x", instrument: "X", intervalSeconds: HOUR, eventTime: end, candles };
}

const steady = (price: number, days: number) => Array.from({ length: days * 24 }, () => price);
const believed = (closes: readonly number[], now = NOW) => believedPrice(closing(closes), now, RULES);

describe("the believed price", () => {
  it("is a quarter above a price that stands, and a tenth more for each day since it last stood", () => {
    assert.equal(believed(steady(100, 7)), 125);
    near(believedPrice(closing([100, 100], NOW - DAY), NOW, RULES) ?? 0, 137.5, 1e-12);
  });

  it("of a collateral pumped 24-fold is its honest price and a quarter, a week later and still pumped twice that", () => {
    const honest = steady(1, 30);
    assert.equal(believed([...honest, 24]), 1.25 * 1.1 ** (1 / 24));
    near(believed([...honest, ...steady(24, 7)]) ?? 0, 1.25 * 1.1 ** 7, 1e-9);
  });

  it("falls with the price, but not with one close that the next one contradicts", () => {
    assert.equal(believed([...steady(100, 7), 50]), 125);
    assert.equal(believed([...steady(100, 7), 50, 50]), 62.5);
    assert.equal(believed([...steady(100, 7), 50, 100]), 125);
  });

  it("forgets after sixty days, and reads nothing later than now", () => {
    const once = [...steady(1, 1), ...steady(1_000, 59)];
    near(believed(once) ?? 0, 1.25 * 1.1 ** 59, 1e-6);
    assert.equal(believed([...once, ...steady(1_000, 2)]), 1_250);
    assert.equal(PRICE_MEMORY_SECONDS, 60 * DAY);
    const later = closing([...steady(100, 7), ...steady(1, 7)], NOW + 7 * DAY);
    assert.equal(believedPrice(later, NOW, RULES), 125);
  });

  it("is unknown before two closes are, and passes over what is no price", () => {
    assert.equal(believed([]), null);
    assert.equal(believed([100]), null);
    assert.equal(
      believed([100, Number.NaN, 100, 0, -5]),
      believed([100, 100, 100, 100, 100].slice(0, 3), NOW + 2 * HOUR),
    );
  });

  it("refuses a limit that is no number", () => {
    assert.throws(() => believedPrice(closing([1, 1]), NOW, { atOnce: Number.NaN, perDay: 0.1 }), {
      code: "OUT_OF_RANGE",
      message: /priceRise\.atOnce/,
    });
  });

  it("never rises by more than its limit from one hour to any later one, whatever the prices do", () => {
    const price = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(price, { minLength: 3, maxLength: 200 }), fc.nat(), (closes, n) => {
        const early = Math.max(2, n % closes.length);
        const first = believedPrice(closing(closes.slice(0, early)), NOW, RULES) ?? Number.NaN;
        const hours = closes.length - early;
        const last = believedPrice(closing(closes, NOW + hours * HOUR), NOW + hours * HOUR, RULES) ?? Number.NaN;
        assert.ok(last <= first * 1.1 ** (hours / 24) * (1 + 1e-9), `${last} after ${first}, ${hours} h`);
      }),
    );
  });

  it("is what the default limits say", () => {
    assert.deepEqual(DEFAULT_MODEL.priceRise, RULES);
  });
});

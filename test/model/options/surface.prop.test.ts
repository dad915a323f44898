import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { fitSurface, impliedVolatility, riskNeutralLoss } from "../../../keeper/model/options/surface.ts";
import { butterfly, totalVariance } from "../../../keeper/model/options/svi.ts";
import { near } from "../../support/near.ts";
import { atDays, EVENT_TIME, smileBoard, withQuotes } from "../../support/smileBoard.ts";

const RULES = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };
const fit = (board: OptionBoard) => fitSurface(board, EVENT_TIME, RULES);
const calm = smileBoard();

test("the smiles a board was made of are found again", () => {
  const surface = fit(calm);
  assert.deepEqual(
    surface.slices.map(({ years }) => Math.round(years * 365)),
    [2, 7, 30],
  );
  for (const slice of surface.slices) {
    const made = atDays(slice.years * 365);
    near(slice.atmVol, Math.sqrt(totalVariance(made, 0) / slice.years), 1e-4, "ATM");
    assert.ok(slice.rmseVolPoints < 0.05 && slice.insideSpreadShare === 1);
    assert.ok(slice.arbitrageBefore.free && slice.arbitrageAfter.free && !slice.repaired);
  }
  assert.equal(surface.eventTime, EVENT_TIME);
});

test("permuting the quotes changes nothing at all", () => {
  const expected = fit(calm);
  fc.assert(
    fc.property(fc.shuffledSubarray([...calm.quotes], { minLength: calm.quotes.length }), (quotes) => {
      assert.deepEqual(fit({ ...calm, quotes }), expected);
    }),
    { numRuns: 15 },
  );
});

test("the currency unit of strikes and forwards changes no volatility and no loss", () => {
  const surface = fit(calm);
  for (const unit of [0.01, 7.3, 1000]) {
    const scaled = fit(
      withQuotes(calm, (quote) => ({ ...quote, strike: quote.strike * unit, forwardUsd: quote.forwardUsd * unit })),
    );
    for (const days of [1, 5, 30]) {
      near(impliedVolatility(scaled, days / 365) ?? 0, impliedVolatility(surface, days / 365) ?? 1, 1e-6);
      near(riskNeutralLoss(scaled, 0.99, days / 365) ?? 0, riskNeutralLoss(surface, 0.99, days / 365) ?? 1, 1e-6);
    }
  }
});

test("every accepted slice has a density that is nowhere negative, through noise too", () => {
  const shift = fc.double({ min: -0.06, max: 0.06, noNaN: true });
  fc.assert(
    fc.property(fc.array(shift, { minLength: 11, maxLength: 11 }), (shifts) => {
      const noisy = withQuotes(smileBoard({ days: [7], halfSpreadVol: 0.08 }), (quote) => {
        const markIv = (quote.markIv ?? 0) + (shifts[Math.round(quote.strike) % 11] ?? 0);
        return { ...quote, markIv };
      });
      for (const slice of fit(noisy).slices) {
        for (let k = -1; k <= 1; k += 0.005) assert.ok(butterfly(slice.parameters, k) >= -1e-9, `at ${k}`);
      }
    }),
    { numRuns: 40 },
  );
});

test("total variance at the money never falls with the horizon, or the crossing is flagged", () => {
  const levels = fc.array(fc.double({ min: 0.3, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(levels, (scales) => {
      const days = [2, 7, 30];
      const surface = fit(
        smileBoard({
          smile: (each) => {
            const scale = scales[days.indexOf(each)] ?? 1;
            const { a, b, ...shape } = atDays(each);
            return { a: a * scale, b: b * scale, ...shape };
          },
        }),
      );
      let last = 0;
      for (let each = 1; each <= 40; each += 1) {
        const vol = impliedVolatility(surface, each / 365) ?? 0;
        assert.ok(vol * vol * each >= last - 1e-9, `falls at ${each} days`);
        last = vol * vol * each;
      }
      const raw = surface.slices.map((slice) => totalVariance(slice.parameters, 0));
      const falls = raw.some((w, i) => w < (raw[i - 1] ?? 0) - 1e-12);
      if (falls) assert.ok(surface.faults.some(({ code, detail }) => code === "ARBITRAGE" && /calendar/.test(detail)));
    }),
    { numRuns: 40 },
  );
});

test("one spoiled expiry is a fault and the others stand as they did", () => {
  const expiry = EVENT_TIME + 7 * 86_400;
  const surface = fit(withQuotes(calm, (quote) => (quote.expiry === expiry ? { ...quote, markIv: 62 } : quote)));
  assert.deepEqual(
    surface.slices.map(({ years }) => Math.round(years * 365)),
    [2, 30],
  );
  assert.deepEqual(
    surface.slices,
    fit(calm).slices.filter((slice) => slice.expiry !== expiry),
  );
  assert.ok(surface.faults.some(({ code }) => code === "UNIT_SUSPECT"));
  assert.ok(surface.confidence < fit(calm).confidence);
});

test("a smile no SVI can follow is rejected as BAD_FIT", () => {
  const jagged = withQuotes(smileBoard({ days: [30], halfSpreadVol: 0.2 }), (quote) => ({
    ...quote,
    markIv: (quote.markIv ?? 0) + (Math.round(quote.strike) % 2 === 0 ? 0.15 : -0.15),
  }));
  const surface = fitSurface(jagged, EVENT_TIME, { ...RULES, maxOptionSpread: 2 });
  assert.deepEqual(surface.slices, []);
  assert.match(surface.faults.find(({ code }) => code === "BAD_FIT")?.detail ?? "", /vol points, at most 3/);
  assert.equal(surface.confidence, 0);
});

const VOGT = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };
/** Vogt's smile of total variance at `days`, quoted `halfSpreadVol` to either side. */
const vogtBoard = (days: number, halfSpreadVol: number) =>
  smileBoard({ days: [days], smile: () => VOGT, halfSpreadVol, deviations: 9 });

test("an arbitrageable smile is repaired, flagged, and costs confidence", () => {
  const [slice] = fitSurface(vogtBoard(365, 0.01), EVENT_TIME, { ...RULES, maxOptionSpread: 2 }).slices;
  assert.ok(slice !== undefined);
  assert.ok(slice.arbitrageBefore.minimumG < -0.01, `least g ${slice.arbitrageBefore.minimumG}`);
  assert.ok(slice.repaired && slice.arbitrageAfter.free && slice.arbitrageAfter.minimumG >= 0);
  assert.ok(slice.rmseVolPoints > 0.01 && slice.rmseVolPoints <= RULES.maxFitErrorVolPoints);
  assert.ok(slice.insideSpreadShare >= 0.5);
  // The same smile of total variance a month away, where it counts for confidence.
  const rules = { ...RULES, maxOptionSpread: 2, maxFitErrorVolPoints: 20 };
  const month = fitSurface(vogtBoard(30, 0.04), EVENT_TIME, rules);
  assert.deepEqual([month.slices[0]?.repaired, month.confidence], [true, 0.9]);
});

test("a repair that meets fewer than half of the quotes, or misses them by too much, is refused by name and not shown", () => {
  for (const [days, halfSpreadVol, limit, detail] of [
    [365, 0.001, 3, /without butterfly \d of 1\d quotes met, error 0\.\d\d vol points; at least half and at most 3$/],
    [1, 0.5, 1, /without butterfly 6 of 6 quotes met, error 2\.\d\d vol points; at least half and at most 1$/],
  ] as const) {
    const surface = fitSurface(vogtBoard(days, halfSpreadVol), EVENT_TIME, {
      ...RULES,
      maxOptionSpread: 2,
      maxFitErrorVolPoints: limit,
    });
    assert.deepEqual(surface.slices, [], `${days} days`);
    assert.match(surface.faults.find(({ code }) => code === "BAD_FIT")?.detail ?? "", detail);
    assert.deepEqual([surface.confidence, impliedVolatility(surface, 1 / 365)], [0, null]);
    assert.equal(riskNeutralLoss(surface, 0.99, 1 / 365), null);
  }
});

test("the loss comes from the first slice that reaches the horizon, and rises with level and horizon", () => {
  const surface = fit(calm);
  const loss = (level: number, days: number) => riskNeutralLoss(surface, level, days / 365) ?? 0;
  assert.ok(loss(0.99, 1) < loss(0.99, 2) && loss(0.99, 2) < loss(0.99, 7) && loss(0.99, 7) < loss(0.99, 60));
  assert.ok(loss(0.95, 1) < loss(0.99, 1) && loss(0.99, 1) < loss(0.999, 1));
  const only = { ...surface, slices: surface.slices.slice(1, 2) };
  assert.equal(riskNeutralLoss(only, 0.99, 5 / 365), loss(0.99, 5), "five days come from the seven-day slice");
});

test("an empty board gives an empty surface and nothing more", () => {
  const surface = fit({ ...calm, quotes: [] });
  assert.deepEqual(surface, { source: calm.source, eventTime: EVENT_TIME, slices: [], faults: [], confidence: 0 });
  assert.equal(impliedVolatility(surface, 1 / 365), null);
  assert.equal(riskNeutralLoss(surface, 0.99, 1 / 365), null);
});

test("a level or horizon out of range is refused by name", () => {
  const surface = fit(calm);
  for (const [level, horizon, field] of [
    [1, 0.1, "level"],
    [0, 0.1, "level"],
    [0.99, 0, "horizonYears"],
    [0.99, Number.NaN, "horizonYears"],
  ] as const) {
    assert.throws(
      () => riskNeutralLoss(surface, level, horizon),
      (error) => error instanceof TonsorError && error.facts.field === field,
    );
  }
});

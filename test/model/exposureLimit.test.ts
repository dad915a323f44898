import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ModelParameters } from "../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { exposureLimit, liquidatableUsd } from "../../keeper/model/haircut.ts";
import { target } from "../../keeper/model/target.ts";
import { marketDepth, modelParameters } from "../support/arbitraryRisk.ts";
import { calmEth } from "../support/modelRisk.ts";
import { near } from "../support/near.ts";
import { WETH } from "../support/shipped.ts";

const MOST = 1e15;
/** A lender of whom nothing is known: the share of a fall falls due. */
const PLAIN: ModelParameters = {
  ...DEFAULT_MODEL,
  ...{ liquidationProfile: [], largestBorrowerUsd: 0, supplyCapUsd: 100e6 },
};
const depthOf = (robustUsd: number, shockedUsd: number | null = null) => ({
  ...calmEth().depth,
  ...{ robustUsd, shockedUsd },
});
/** The limit at so much depth, at a volatility of today on a long run of 60 %. */
const limit = (robustUsd: number, parameters = PLAIN, volatility = 0.6, shockedUsd: number | null = null) =>
  exposureLimit(calmEth({ depth: depthOf(robustUsd, shockedUsd) }), volatility, parameters);

describe("the exposure limit", () => {
  it("is what eight slices in four hours make of the quarter that falls due: 48 million over 25.2 %", () => {
    // 0.3 x 20 million a slice, every half hour for four hours. 150 % a year: 1 - exp(-3.69151049 x 1.5 / sqrt(365)).
    const fall = 1 - Math.exp((-3.69151049 * 1.5) / Math.sqrt(365));
    const found = limit(20e6);
    near(found.fall, fall, 1e-9);
    near(found.fall, 0.251612, 1e-6);
    near(found.sellableUsd, 48e6, 1e-6);
    near(found.dueShare, fall, 1e-9, "without a profile, the share that the price falls by");
    near(found.usd, 48e6 / fall, 1);
  });

  it("of calm ether is the 144 million of four hours over the 8.2 % that fall due at 25.2 %, as its example says", () => {
    const found = exposureLimit(calmEth(), 0.6, DEFAULT_MODEL);
    // Between 20 million at 20 % and 45 million at 30 %, of 400 million.
    const due = (20e6 + ((found.fall - 0.2) / 0.1) * 25e6) / 400e6;
    near(found.dueShare, due, 1e-12);
    near(found.sellableUsd, 8 * 18e6, 1e-6);
    near(found.usd, 144e6 / due, 1);
    near(found.usd, 1_750_600_091, 1);
    assert.deepEqual(target(calmEth(), DEFAULT_MODEL).limit, found);
  });

  it("of WETH with 4 million of depth is 119 million, of a quarter of it 30, of a tenth 12", () => {
    const millions = (depthUsd: number) => Math.round(limit(depthUsd, WETH.model).usd / 1e6);
    assert.deepEqual([millions(4e6), millions(1e6), millions(0.4e6)], [119, 30, 12]);
  });

  it("takes the largest borrower as due where that is more than the profile, the whole where it is more than the cap", () => {
    const large = limit(20e6, { ...PLAIN, largestBorrowerUsd: 40e6 });
    near(large.dueShare, 0.4, 1e-12);
    near(large.usd, 120e6, 1e-3);
    const all = limit(20e6, { ...PLAIN, largestBorrowerUsd: 300e6 });
    assert.deepEqual([all.dueShare, all.usd], [1, all.sellableUsd]);
  });

  it("is stressed by governance's volatility and not by today's, which only thins the depth", () => {
    const [calm, wild] = [limit(20e6), limit(20e6, PLAIN, 1.2)];
    assert.deepEqual([wild.fall, wild.dueShare], [calm.fall, calm.dueShare]);
    assert.deepEqual([calm.depthFactor, wild.depthFactor], [1, 0.5]);
    near(wild.usd, calm.usd / 2, 1e-3, "phi is a half at twice the long run");
    assert.ok(limit(20e6, { ...PLAIN, stressVolatility: 2.5 }).usd < calm.usd);
  });

  it("counts the smaller of stressed and shocked depth, not their product", () => {
    // phi is 2/3 at 90 % on a long run of 60 %: 40 million of 60; eight slices of 0.3.
    const sellable = (shockedUsd: number | null) => limit(60e6, PLAIN, 0.9, shockedUsd).sellableUsd;
    near(sellable(10e6), 24e6, 1e-6);
    near(sellable(50e6), 96e6, 1e-3);
    near(sellable(null), 96e6, 1e-3);
    assert.equal(sellable(0), 0);
  });

  it("is in proportion to depth, so that half of it halves the limit, and 0 where there is none: no floor", () => {
    near(limit(10e6).usd, limit(20e6).usd / 2, 1e-6);
    const power = fc.double({ min: 0, max: 10, noNaN: true }).map((exponent) => 10 ** exponent);
    fc.assert(
      fc.property(power, fc.double({ min: 0.01, max: 100, noNaN: true }), (depthUsd, times) => {
        const [one, many] = [limit(depthUsd).usd, limit(depthUsd * times).usd];
        if (Math.max(one, many) < MOST) near(many / one, times, 1e-9 * times);
      }),
    );
    assert.deepEqual([limit(0).usd, limit(0).sellableUsd], [0, 0]);
  });

  it("rises in proportion to the window, and never falls when refills are quicker or less falls due", () => {
    const more = fc.double({ min: 1, max: 20, noNaN: true });
    const today = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(marketDepth, today, modelParameters, more, ({ longRun, ...depth }, volatility, parameters, by) => {
        const risk = calmEth({ longRun, depth: { ...calmEth().depth, ...depth } });
        const of = (change: Partial<ModelParameters>) => exposureLimit(risk, volatility, { ...parameters, ...change });
        const one = of({});
        const longer = of({ liquidationWindowHours: by * parameters.liquidationWindowHours });
        assert.ok(longer.usd >= one.usd);
        if (longer.usd < MOST && longer.sellableUsd < MOST) near(longer.usd, by * one.usd, 1e-9 * longer.usd + 1e-9);
        assert.ok(of({ refillMinutes: parameters.refillMinutes / by }).usd >= one.usd);
        const due = of({ largestBorrowerUsd: by * parameters.largestBorrowerUsd });
        assert.ok(due.usd <= one.usd && due.dueShare >= one.dueShare);
        assert.ok(of({ stressVolatility: by * parameters.stressVolatility }).usd <= one.usd);
        assert.ok(exposureLimit(risk, by * volatility, parameters).usd <= one.usd);
        const blind = { ...risk, volatility: { ...risk.volatility, longRun: null } };
        assert.ok(exposureLimit(blind, volatility, parameters).usd <= one.usd);
        for (const value of Object.values(one)) assert.ok(Number.isFinite(value) && value >= 0 && value <= MOST);
      }),
    );
  });

  it("knows no bound but its greatest number where a pool refills at once, and is 0 there too without depth", () => {
    const instant = { ...PLAIN, refillMinutes: 0 };
    assert.deepEqual([limit(20e6, instant).usd, limit(0, instant).usd], [MOST, 0]);
  });

  it("of a lender without a cap counts all as due; where nothing falls due it is the greatest number, with depth", () => {
    const { dueShare, usd, sellableUsd } = limit(20e6, { ...PLAIN, supplyCapUsd: 0 });
    assert.deepEqual([dueShare, usd], [1, sellableUsd]);
    const nothing: ModelParameters = { ...PLAIN, liquidationProfile: [[0.9, 0]] };
    assert.deepEqual([limit(20e6, nothing).dueShare, limit(20e6, nothing).usd], [0, MOST]);
    assert.equal(limit(0, nothing).usd, 0, "without depth nothing is held, whatever falls due");
  });

  it("refuses depth that is no finite amount, naming it", () => {
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => limit(value), /depthUsd/);
      assert.throws(() => limit(1e6, PLAIN, 0.6, value), /shockedDepthUsd/);
    }
  });
});

describe("the share of depth left in stress", () => {
  const depthLeft = (volatility: number, longRun: number | null, parameters: ModelParameters) => {
    const { volatility: usual } = calmEth();
    return exposureLimit(calmEth({ volatility: { ...usual, longRun } }), volatility, parameters).depthFactor;
  };

  it("falls as volatility rises above its long run, to a floor, which is also what an unknown long run gives", () => {
    near(depthLeft(0.9, 0.6, DEFAULT_MODEL), 2 / 3, 1e-12);
    assert.equal(depthLeft(9, 0.6, DEFAULT_MODEL), 0.3);
    assert.equal(depthLeft(0.3, 0.6, DEFAULT_MODEL), 1);
    assert.equal(depthLeft(0.3, null, DEFAULT_MODEL), 0.3);
    assert.equal(depthLeft(0, 0.6, DEFAULT_MODEL), 1);
    assert.equal(depthLeft(0.5, 0, DEFAULT_MODEL), 0.3);
    assert.equal(depthLeft(6, 0.6, { ...DEFAULT_MODEL, depthStressElasticity: 0 }), 1);
    const floored = { ...DEFAULT_MODEL, depthStressFloor: 30 };
    assert.throws(() => depthLeft(1, 0.6, floored), { code: "OUT_OF_RANGE", message: /depthStressFloor.*30/ });
  });
});

const profile = [
  [0.1, 4e6],
  [0.2, 20e6],
] as const;

describe("collateral that a fall makes liquidatable", () => {
  it("is linear between the points and through the origin", () => {
    assert.equal(liquidatableUsd(0, profile, 400e6), 0);
    near(liquidatableUsd(0.05, profile, 400e6), 2e6, 1e-6);
    near(liquidatableUsd(0.15, profile, 400e6), 12e6, 1e-6);
    assert.equal(liquidatableUsd(0.2, profile, 400e6), 20e6);
  });

  it("goes on to the whole supply cap at a fall of 1, where nobody measured", () => {
    near(liquidatableUsd(0.6, profile, 400e6), 210e6, 1e-6);
    assert.equal(liquidatableUsd(1, profile, 400e6), 400e6);
    near(liquidatableUsd(0.3, [], 400e6), 120e6, 1e-6);
  });

  it("never falls as the price falls further", () => {
    const fall = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(modelParameters, fall, fall, ({ liquidationProfile, supplyCapUsd }, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const at = (x: number) => liquidatableUsd(x, liquidationProfile, supplyCapUsd);
        assert.ok(at(more) >= at(less) * (1 - 1e-12));
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ModelParameters } from "../../keeper/domain/parameters.ts";
import type { Risk } from "../../keeper/domain/risk.ts";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import { scaleLoss } from "../../keeper/model/haircut.ts";
import { target } from "../../keeper/model/target.ts";
import { haircutInputs, marketDepth, modelParameters } from "../support/arbitraryRisk.ts";
import { calmEth } from "../support/modelRisk.ts";
import { near } from "../support/near.ts";
import { WBTC, WETH } from "../support/shipped.ts";

const of = (change: Parameters<typeof calmEth>[0] = {}, parameters: ModelParameters = DEFAULT_MODEL) =>
  target(calmEth(change), parameters);
const withDepth = (robustUsd: number): Partial<Risk> => ({ depth: { ...calmEth().depth, robustUsd } });
/** A risk whose own tail is `multiple` deviations of a day at the volatility used, as `measureRisk` makes it. */
const withTail = (used: number, multiple: number | null) => ({
  used,
  tail: {
    historical: multiple === null ? null : -Math.expm1((-multiple * used) / Math.sqrt(365)),
    riskNeutral: null,
  },
});
const volatility = fc.double({ min: 0.05, max: 4, noNaN: true });
const multiple = fc.option(fc.double({ min: 0, max: 8, noNaN: true }), { nil: null });
const usd = fc.double({ min: 0, max: 10, noNaN: true }).map((power) => 10 ** power);

describe("the target's maintenance", () => {
  it("of calm ether is 16.19 %, as its example says, and is the haircut of its own terms", () => {
    const { maintenance, maintenanceTerms } = of();
    near(maintenance, 0.161878, 1e-6);
    assert.equal(maintenance, maintenanceTerms.haircut);
    assert.equal(maintenanceTerms.volatility, 0.6);
  });

  it("does not move with today's volatility, depth, volume, the feed's gap, what options ask for, or faults", () => {
    const faults = [{ code: "STALE", source: "deribit:ETH:options", detail: "late" }] as const;
    const options = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
    const gap = fc.double({ min: 0, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(
        volatility,
        usd,
        usd,
        gap,
        multiple,
        options,
        (used, depthUsd, dailyVolumeUsd, gapNow, tail, implied) => {
          const shocked = { ...calmEth().depth, robustUsd: depthUsd, shockedUsd: depthUsd / 3 };
          const changed = {
            ...withTail(used, tail),
            ...{ depth: shocked, dailyVolumeUsd, oracleDeviation: gapNow, faults, confidence: 0.1, sources: 63 },
          };
          const moved = of({ ...changed, tail: { ...changed.tail, riskNeutral: implied } });
          near(moved.maintenance, of(withTail(0.6, tail)).maintenance, 1e-12);
          assert.equal(moved.initialTerms.horizonHours, 24);
        },
      ),
    );
  });

  it("is the own history's tail where that is worse, at the volatility of the long run", () => {
    // Five deviations of a day of a long run of 60 %, whatever today is.
    for (const used of [0.3, 0.6, 1.5]) {
      const { maintenanceTerms } = of(withTail(used, 5));
      assert.equal(maintenanceTerms.lossBinding, "historical");
      near(maintenanceTerms.loss, 1 - Math.exp((-5 * 0.6) / Math.sqrt(365)), 1e-12);
    }
  });

  it("drops a tail that nothing can be scaled from: no volatility today", () => {
    const still = of({ used: 0, tail: { historical: 0.9, riskNeutral: null } });
    assert.deepEqual([still.maintenanceTerms.lossBinding, still.initialTerms.lossBinding], ["student", "student"]);
    assert.equal(still.maintenance, of().maintenance);
  });

  it("takes the larger of today's and the static volatility for an unknown long run, and so never loosens", () => {
    const unknown = of({ longRun: null });
    assert.equal(unknown.maintenanceTerms.volatility, DEFAULT_MODEL.staticVolatility);
    assert.equal(of({ used: 2, longRun: null }).maintenanceTerms.volatility, 2);
    const known = fc.double({ min: 0, max: DEFAULT_MODEL.staticVolatility, noNaN: true });
    fc.assert(
      fc.property(volatility, known, usd, multiple, (used, longRun, depthUsd, tail) => {
        const today = { ...withTail(used, tail), ...withDepth(depthUsd) };
        const [blind, seeing] = [of({ ...today, longRun: null }), of({ ...today, longRun })];
        assert.ok(blind.maintenance >= seeing.maintenance - 1e-12);
        assert.ok(blind.initial >= seeing.initial - 1e-12);
        assert.ok(blind.limit.usd <= seeing.limit.usd);
      }),
    );
  });
});

describe("the target of a market with a typical volatility", () => {
  const { typicalVolatility: _, ...alone } = DEFAULT_MODEL;
  const known = (historyDays?: number, change: Parameters<typeof calmEth>[0] = {}): Parameters<typeof calmEth>[0] => {
    const { volatility } = calmEth(change);
    return { ...change, volatility: historyDays === undefined ? volatility : { ...volatility, historyDays } };
  };

  it("follows a long run with a typical year in it, and today no further than the asset's own history is believed", () => {
    const calm = of(known(365));
    const slow = Math.sqrt((0.36 + 0.64) / 2);
    near(calm.maintenanceTerms.volatility, slow, 1e-15);
    near(calm.initialTerms.volatility, Math.sqrt(0.6 * slow), 1e-15);
    const wild = of(known(365, { longRun: 1.6, used: 2 }));
    const less = Math.sqrt((2.56 + 0.64) / 2);
    near(wild.maintenanceTerms.volatility, less, 1e-15);
    near(wild.initialTerms.volatility, less * Math.sqrt(2 / 1.6), 1e-15);
  });

  it("is as before to the bit where nothing is stated, the days are not known, or no long run is", () => {
    fc.assert(
      fc.property(volatility, volatility, usd, multiple, (used, longRun, depthUsd, tail) => {
        const change = { ...withTail(used, tail), ...withDepth(depthUsd), longRun };
        const before = of(known(365, change), alone);
        assert.deepEqual(before, of(change));
        assert.equal(before.maintenanceTerms.volatility, longRun);
        assert.equal(before.initialTerms.volatility, Math.sqrt(used * longRun));
        const unknown = { ...change, longRun: null };
        assert.deepEqual(of(known(365, unknown)), of(unknown, alone));
      }),
    );
  });

  it("has an exposure limit that does not follow it, and the tail that options price half-way to its long run", () => {
    assert.equal(of(known(365, { used: 1.2 })).limit.usd, of({ used: 1.2 }).limit.usd);
    const day = 3.6915104934 / Math.sqrt(365);
    const priced = of(known(365, { used: 0.1, tail: { historical: null, riskNeutral: 0.5 } })).initialTerms;
    near(priced.loss, 1 - Math.exp(-day * Math.sqrt((Math.LN2 / day) * Math.SQRT1_2)), 1e-9);
  });

  it("of a history that is missing is no looser than with it, whatever it was", () => {
    const own = fc.double({ min: 0, max: DEFAULT_MODEL.staticVolatility, noNaN: true });
    fc.assert(
      fc.property(volatility, own, fc.integer({ min: 90, max: 4_000 }), multiple, (used, longRun, days, tail) => {
        const [blind, seeing] = [null, longRun].map((one) =>
          of(known(days, { ...withTail(used, tail), longRun: one })),
        );
        assert.ok(blind !== undefined && seeing !== undefined);
        assert.ok(blind.maintenance >= seeing.maintenance - 1e-12);
        assert.ok(blind.initial >= seeing.initial - 1e-12);
      }),
    );
  });
});

describe("the target's initial", () => {
  it("is at the geometric mean of today's and the long run's volatility", () => {
    near(of({ used: 1.2 }).initialTerms.volatility, Math.sqrt(1.2 * 0.6), 1e-15);
    near(of({ used: 0.3 }).initialTerms.volatility, Math.sqrt(0.3 * 0.6), 1e-15);
    near(of({ longRun: null }).initialTerms.volatility, Math.sqrt(0.6 * 1.5), 1e-15);
  });

  it("takes the worst of the tails, each at that volatility", () => {
    const s = Math.sqrt(1.2 * 0.6);
    const options = of({ used: 1.2, tail: { historical: 0.3, riskNeutral: 0.5 } }).initialTerms;
    assert.equal(options.lossBinding, "riskNeutral");
    // Half-way between the volatility that a day's loss of 50 % stands for and the long run.
    const day = 3.6915104934 / Math.sqrt(365);
    near(options.loss, 1 - Math.exp(-day * Math.sqrt((Math.LN2 / day) * 0.6)), 1e-9);
    near(of({ used: 0.1, tail: { historical: null, riskNeutral: 0.5 } }).initialTerms.loss, options.loss, 1e-15);
    assert.equal(of({ tail: { historical: null, riskNeutral: 1 } }).initialTerms.loss, 1);
    const history = of({ used: 1.2, tail: { historical: 0.6, riskNeutral: null } }).initialTerms;
    assert.equal(history.lossBinding, "historical");
    near(history.loss, scaleLoss(0.6, s / 1.2), 1e-12);
  });

  it("is the gap above maintenance where today's market asks for less, and says which it follows", () => {
    const calm = of({ used: 0.3 });
    assert.equal(calm.initialBinding, "gap");
    near(calm.initial, calm.maintenance + 0.03, 1e-15);
    const wild = of({ used: 1.5 });
    assert.equal(wild.initialBinding, "market");
    assert.equal(wild.initial, wild.initialTerms.haircut);
    const wide = of({ used: 0.3 }, { ...DEFAULT_MODEL, minimumGap: 0.9 });
    assert.equal(wide.initial, 1);
  });

  it("never falls when today's volatility or the long run rises, and maintenance neither", () => {
    const more = fc.double({ min: 1, max: 10, noNaN: true });
    const loss = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(volatility, volatility, more, multiple, loss, (used, longRun, up, tail, riskNeutral) => {
        const at = (factor: number, slow: number) => {
          const past = withTail(used * factor, tail);
          return of({ ...past, tail: { ...past.tail, riskNeutral }, longRun: longRun * slow });
        };
        const [now, fast, slow] = [at(1, 1), at(up, 1), at(1, up)];
        assert.ok(fast.initial >= now.initial - 1e-12, `used: ${fast.initial} < ${now.initial}`);
        assert.ok(slow.initial >= now.initial - 1e-12, `long run: ${slow.initial} < ${now.initial}`);
        assert.ok(slow.maintenance >= now.maintenance - 1e-12);
      }),
    );
  });

  it("counts the feed's gap of the moment, which maintenance does not", () => {
    const [calm, apart] = [of({ used: 1.5 }), of({ used: 1.5, oracleDeviation: 0.03 })];
    near(apart.initialTerms.oracleError - calm.initialTerms.oracleError, 0.025, 1e-12);
    assert.ok(apart.initial > calm.initial);
    assert.equal(apart.maintenance, calm.maintenance);
  });

  it("does not move with depth or volume: what they change is the limit, and volume not even that", () => {
    fc.assert(
      fc.property(volatility, marketDepth, usd, (used, { robustUsd, shockedUsd }, dailyVolumeUsd) => {
        const depth = { ...calmEth().depth, robustUsd, shockedUsd };
        const [usual, moved] = [of({ used }), of({ used, depth, dailyVolumeUsd })];
        assert.deepEqual([moved.initial, moved.maintenance], [usual.initial, usual.maintenance]);
        assert.deepEqual(of({ used, depth }).limit, moved.limit);
      }),
    );
  });

  it("of WBTC and WETH answers alike to ten points of volatility, and so does maintenance: within a fifth", () => {
    for (const change of [{ longRun: 0.7 }, { used: 1.3 }, { used: 0.7, longRun: 0.7 }]) {
      const move = (model: ModelParameters, side: "initial" | "maintenance") => {
        const before = of({ used: "longRun" in change ? 0.6 : 1.2, ...withDepth(3e6) }, model)[side];
        return of({ used: 0.6, ...change, ...withDepth(3e6) }, model)[side] - before;
      };
      for (const side of ["initial", "maintenance"] as const) {
        const [weth, wbtc] = [move(WETH.model, side), move(WBTC.model, side)];
        if (side === "initial" || "longRun" in change) assert.ok(weth > 0.004, `${side} ${weth}`);
        assert.ok(Math.abs(weth - wbtc) <= 0.2 * Math.max(weth, wbtc), `${side}: ${weth} against ${wbtc}`);
      }
    }
  });

  it("stays where there is no depth, and so does maintenance; the limit is then 0", () => {
    const { initial, maintenance, limit } = of(withDepth(0));
    assert.deepEqual([initial, maintenance, limit.usd], [of().initial, of().maintenance, 0]);
  });
});

describe("the target of a price that rose too fast", () => {
  it("counts only what is believed, in the initial haircut alone", () => {
    const calm = of();
    const rise = { priceUsd: 4_000, believedUsd: 2_000 };
    const risen = of({ priceRise: rise });
    assert.deepEqual([risen.maintenance, risen.limit], [calm.maintenance, calm.limit]);
    assert.deepEqual([risen.rise, calm.rise], [rise, undefined]);
    assert.deepEqual([risen.initialBinding, calm.initialBinding], ["rise", "gap"]);
    near(4_000 * (1 - risen.initial), 2_000 * (1 - calm.initial), 1e-9);
    const believed = of({ priceRise: { priceUsd: 2_000, believedUsd: 4_000 } });
    assert.deepEqual([believed.initial, believed.initialBinding], [calm.initial, "gap"]);
  });

  it("never loosens, and borrows no more than against what is believed", () => {
    const amount = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), amount, amount, (used, priceUsd, believedUsd) => {
        const { initial } = of({ used });
        const risen = of({ used, priceRise: { priceUsd, believedUsd } }).initial;
        assert.ok(risen >= initial && risen <= 1);
        const counted = Math.min(priceUsd, believedUsd) * (1 - initial);
        assert.ok(priceUsd * (1 - risen) <= counted + 1e-12 * priceUsd, `${priceUsd * (1 - risen)} of ${counted}`);
      }),
    );
  });
});

describe("the target", () => {
  it("always keeps initial at least the gap above maintenance, both in [0, 1], and maintenance solvent", () => {
    fc.assert(
      fc.property(haircutInputs, marketDepth, modelParameters, (inputs, { longRun, ...depth }, parameters) => {
        const risk = calmEth({
          used: inputs.volatility,
          longRun,
          depth: { ...calmEth().depth, ...depth },
          tail: { historical: inputs.historicalLoss ?? null, riskNeutral: inputs.riskNeutralLoss ?? null },
          oracleDeviation: inputs.oracleDeviation,
        });
        const { initial, maintenance, initialBinding } = target(risk, parameters);
        assert.ok(initial >= Math.min(1, maintenance + parameters.minimumGap));
        assert.ok(maintenance >= 0 && initial <= 1);
        assert.ok(["market", "gap"].includes(initialBinding));
        assert.ok((1 - maintenance) * (1 + parameters.liquidationBonus) < 1);
      }),
    );
  });
});

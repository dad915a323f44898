import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Assessment, OnChainMarket } from "../keeper/domain/decision.ts";
import type { Observed } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import { decodeBundle } from "../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../keeper/evidence/schema.ts";
import { RISK_CLASSES } from "../keeper/markets/limits.ts";
import { waterfall } from "../keeper/model/explain/waterfall.ts";
import { assess, MODEL_VERSION } from "../keeper/pipeline.ts";
import { type ClaimWorld, claimHistory, claimObserved, USDC, WSTETH, WSTETH_WETH } from "./support/claims.ts";
import { calmHistory, calmObserved, seen } from "./support/observations.ts";
import { calmMarket } from "./support/onChain.ts";
import { packed } from "./support/packed.ts";
import { WETH } from "./support/shipped.ts";

/** Collateral that is a claim: on ether by its contract's rate, on ether as a pair, and on a dollar. */
const NOW = 1_770_000_000;
const CLAIMS = [WSTETH, WSTETH_WETH, USDC];

/** Listed well above what the model asks for, so that everything that may loosens does. */
const listed = (market: MarketParameters): OnChainMarket => {
  const [initialBps, maintenanceBps] = market === WSTETH ? [3_000, 2_400] : [2_000, 1_500];
  const at = { initialBps, storedInitialBps: initialBps, maintenanceBps, maintenanceTargetBps: maintenanceBps };
  return calmMarket(NOW, market === WSTETH ? at : { ...at, limits: RISK_CLASSES.pegged.limits });
};

function assessed(
  market: MarketParameters,
  world: ClaimWorld = {},
  change: (observed: readonly Observed[]) => readonly Observed[] = (observed) => observed,
): Assessment {
  const observed = change(claimObserved(NOW, market, world));
  return assess({ now: NOW, market, observed, history: claimHistory(NOW, world), onChain: listed(market) });
}
const faultsOf = ({ readings, risk }: Assessment) =>
  [...readings.faults, ...risk.faults].map(({ code, source }) => `${code} ${source}`);
const bps = ({ decision }: Assessment) => [decision.initialBps, decision.maintenanceTargetBps] as const;
const isCalm = (one: Assessment, market: MarketParameters) => {
  const { storedInitialBps, maintenanceTargetBps } = listed(market);
  assert.ok(bps(one)[0] >= storedInitialBps && bps(one)[1] === maintenanceTargetBps, `${market.name}: ${bps(one)}`);
};

describe("a calm claim", () => {
  it("has no fault, full agreement, and loosens from above", () => {
    for (const market of CLAIMS) {
      const found = assessed(market);
      assert.deepEqual(faultsOf(found), [], market.name);
      assert.ok(bps(found)[0] < listed(market).storedInitialBps, market.name);
      assert.ok(found.risk.confidence > 0.9, market.name);
      assert.ok((found.readings.claim?.discount ?? 1) < 1e-9, market.name);
    }
  });

  it("on ether stands on ether's own options and costs what is stated of its depeg beside them", () => {
    const onChain = calmMarket(NOW);
    const ether = assess({ now: NOW, market: WETH, observed: calmObserved(NOW), history: claimHistory(NOW), onChain });
    const { risk, target } = assessed(WSTETH);
    assert.equal(risk.volatility.level, "L1");
    assert.deepEqual(risk.volatility, ether.risk.volatility);
    assert.ok(Math.abs(1 - target.maintenance - 0.97 * (1 - ether.target.maintenance)) < 1e-12);
  });

  it("as a pair has an initial haircut of 10 % at most, a dollar too", () => {
    for (const market of [WSTETH_WETH, USDC]) {
      assert.ok(assessed(market).target.initial <= 0.1, `${assessed(market).target.initial}`);
      assert.ok(assessed(market, { ratioVol: 0.08 }).target.initial <= 0.1, `${market.name} at 8 % a year`);
      assert.equal(assessed(market).target.initialTerms.loss, 0);
    }
  });

  it("takes the tail of its recorded ratio where that is more than what is stated, in both haircuts", () => {
    const [calm, wild] = [0.02, 0.4].map((ratioVol) => assessed(WSTETH_WETH, { ratioVol }).target);
    assert.equal(calm?.maintenanceTerms.depeg, 0.03);
    assert.ok((wild?.maintenanceTerms.depeg ?? 0) > 0.05 && (wild?.initialTerms.depeg ?? 0) > 0.05);
  });

  it("on ether takes its ratio's history where one is listed; without it maintenance rests and nothing loosens", () => {
    const market: MarketParameters = {
      ...WSTETH,
      claim: { ...WSTETH.claim, depeg: 0.03, history: "binance:WBETHETH" },
    };
    const source = "binance:WBETHETH:history";
    const ratio = seen({ ...calmHistory("WBETHETH", NOW, 1.2, 0.4), source });
    const known = assessed(market, {}, (observed) => [...observed, ratio]);
    assert.deepEqual(faultsOf(known), []);
    assert.ok((known.risk.claim?.ratio?.longRun ?? 0) > 0.3 && (known.target.maintenanceTerms.depeg ?? 0) > 0.05);
    const blind = assessed(market);
    assert.deepEqual(faultsOf(blind), [`UNREACHABLE ${source}`]);
    isCalm(blind, market);
  });

  it("is explained to the basis point, with its own steps", () => {
    for (const market of CLAIMS) {
      for (const world of [{}, { market: 0.994 }, { market: 0.9 }]) {
        const { target } = assessed(market, world);
        for (const side of ["initial", "maintenance"] as const) {
          const steps = waterfall(target, side, market.model);
          assert.equal(
            steps.reduce((sum, { bps }) => sum + bps, 0),
            Math.ceil(target[side] * 10_000 - 1e-9),
          );
          const closed = steps.find(({ label }) => label === "below its claim")?.bps ?? 0;
          assert.equal(closed > 0, side === "initial" && world.market === 0.9, `${market.name} ${world.market}`);
        }
      }
    }
  });
});

describe("a claim below its claim", () => {
  it("counts the discount in new loans alone, and closes to them in the same cycle beyond what the bonus bridges", () => {
    for (const market of CLAIMS) {
      const { liquidationBonus, liquidationCost } = market.model;
      const bridged = liquidationBonus / (1 + liquidationBonus) - liquidationCost;
      const [calm, near, beyond] = [0, bridged - 1e-3, bridged + 1e-3].map((gap) =>
        assessed(market, { market: 1 - gap }),
      );
      assert.ok((near?.target.initialTerms.haircut ?? 0) > (calm?.target.initialTerms.haircut ?? 1), market.name);
      assert.notEqual(near?.target.initialBinding, "depeg");
      assert.equal(beyond?.target.initialBinding, "depeg");
      assert.deepEqual([beyond?.target.initial, beyond?.target.limit.usd], [1, 0]);
      const { limits, lowestLimit } = listed(market);
      assert.deepEqual([beyond?.decision.initialBps, beyond?.decision.limit], [limits.maxInitialBps, lowestLimit]);
      assert.ok(beyond !== undefined && faultsOf(beyond).includes("DEPEGGED claim"));
      for (const one of [near, beyond]) assert.equal(one?.target.maintenance, calm?.target.maintenance);
      isCalm(beyond, market);
    }
  });

  it("goes by the market where the lender's feed goes by the rate", () => {
    const found = assessed(WSTETH_WETH, { market: 0.96, feed: 1 });
    assert.ok(Math.abs((found.readings.claim?.discount ?? 0) - 0.04) < 1e-4);
    assert.equal(found.target.initialBinding, "depeg");
  });

  it("says nothing without one of the two prices, and then nothing loosens", () => {
    const noBoard = assessed(WSTETH, { market: 0.9 }, (all) =>
      all.filter(({ source }) => source !== "deribit:ETH:options"),
    );
    const noRate = assessed(WSTETH, { market: 0.9, rate: null });
    for (const one of [noBoard, noRate]) {
      assert.equal(one.readings.claim?.discount, null);
      isCalm(one, WSTETH);
    }
  });
});

describe("an exchange rate", () => {
  const rated = [WSTETH, WSTETH_WETH];

  it("that grows within its cap is believed; that jumps or fell is named and counts against new risk", () => {
    for (const market of rated) {
      const believed = (rate: number, days?: readonly number[]) => assessed(market, days ? { rate, days } : { rate });
      const grown = believed(1.2015);
      assert.deepEqual(
        faultsOf(grown).filter((one) => one.startsWith("JUMP")),
        [],
      );
      const jumped = believed(1.21).readings.claim;
      assert.ok(jumped != null && jumped.rate === 1.21 && (jumped.believedRate ?? 9) < 1.2021, JSON.stringify(jumped));
      assert.ok((jumped.discount ?? 0) > 0.006);
      const fell = believed(1.19);
      assert.ok((fell.readings.claim?.discount ?? 0) > 0.008, "lenders may count the rate of yesterday");
      for (const one of [believed(1.21), fell]) {
        assert.ok(faultsOf(one).includes("JUMP exchangeRate:wstETH:stEthPerToken"));
        isCalm(one, market);
      }
    }
  });

  it("believes a jump once half of the days remembered have it, and no single day's low moves the cap", () => {
    const rateOf = (days: readonly number[], rate: number) =>
      assessed(WSTETH, { rate, days }).readings.claim?.believedRate;
    assert.ok((rateOf([1.2, 1.2, 1.2, 1.2, 1.25, 1.25, 1.25], 1.25) ?? 9) < 1.203);
    assert.equal(rateOf([1.2, 1.2, 1.2, 1.25, 1.25, 1.25, 1.25], 1.25), 1.25);
    assert.equal(rateOf([1.2, 1.2, 0.6, 1.2, 1.2, 1.2, 1.2], 1.2), 1.2);
    assert.equal(rateOf([], 1.4), 1.4, "nothing is remembered: what is read is believed");
  });

  it("of any size, or none, loosens nothing beyond its cap and never moves maintenance", () => {
    const rates = fc.oneof(fc.constant(null), fc.double({ min: 1e-3, max: 1e3, noNaN: true }));
    const days = fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { maxLength: 7 });
    const calm = new Map(rated.map((market) => [market, assessed(market)]));
    fc.assert(
      fc.property(fc.constantFrom(...rated), rates, days, (market, rate, remembered) => {
        const found = assessed(market, { rate, days: remembered });
        const [initial, maintenance] = bps(found);
        const [calmInitial, calmMaintenance] = bps(calm.get(market) as Assessment);
        assert.ok(
          initial >= calmInitial &&
            maintenance >= calmMaintenance &&
            maintenance <= listed(market).maintenanceTargetBps,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("scales what a risen price may count: ether's candles times what is believed of the rate", () => {
    const risen = assessed(WSTETH, { feed: 1.4 });
    assert.equal(risen.risk.priceRise?.priceUsd, 1.2 * 1.4 * 3_000);
    const candles = claimObserved(NOW, WSTETH).flatMap(({ observation: one }) =>
      one?.kind === "priceHistory" ? one.candles : [],
    );
    assert.ok((risen.risk.priceRise?.believedUsd ?? 0) >= 1.2 * 1.25 * (candles.at(-1)?.[4] ?? 0) - 1e-6);
  });

  it("that cannot be read counts in a risen price as last remembered, no more than half of the days had", () => {
    const before = assessed(WSTETH, { feed: 1.4 }).risk.priceRise?.believedUsd ?? Number.NaN;
    const unread = (days?: readonly number[]) =>
      assessed(WSTETH, { feed: 1.4, rate: null, ...(days && { days }) }).risk.priceRise?.believedUsd ?? Number.NaN;
    assert.ok(unread() <= before && unread() > 0.999 * before, `${unread()} of ${before}`);
    assert.ok(Math.abs(unread([1.2, 1.2, 1.1]) / before - 1.1 / 1.2) < 1e-9, "what fell counts as it fell");
    assert.ok(Math.abs(unread([1.2, 1.2, 1.3]) / before - 1) < 1e-9, "one high day counts for nothing");
    assert.ok(Number.isNaN(unread([])), "nothing remembered");
  });
});

describe("evidence of a claim", () => {
  it("holds what was read and remembered, bit for bit, and gives the same decision again", () => {
    const [market, history, onChain] = [WSTETH, claimHistory(NOW), listed(WSTETH)];
    const observed = claimObserved(NOW, market, { rate: 1.21, market: 0.98 });
    const { decision } = assess({ now: NOW, market, observed, history, onChain });
    const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
    const decided = { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
    const one = { name: market.name, marketId: 1, parameters: market, observed, history, onChain, decision: decided };
    const bundle: EvidenceBundle = {
      ...{ modelVersion: MODEL_VERSION, chainId: 31337, now: NOW, markets: [one] },
      contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    };
    const [again] = decodeBundle(packed(bundle)).markets;
    assert.ok(again !== undefined);
    assert.deepStrictEqual(again, one);
    assert.deepStrictEqual(assess({ now: NOW, market: again.parameters, ...again }).decision, decision);
  });
});

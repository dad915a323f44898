import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AssessInput } from "../keeper/domain/decision.ts";
import type { Observation, Observed, OptionBoard, OptionQuote } from "../keeper/domain/observation.ts";
import { SOURCE_BITS } from "../keeper/domain/risk.ts";
import { assess } from "../keeper/pipeline.ts";
import { near } from "./support/near.ts";
import { calmObserved } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

const NOW = 1_770_000_000;
const DAY = 86_400;

/** A keeper that has watched a calm market for two days, hourly. */
const WATCHED = {
  ...NO_HISTORY,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
  lastImplied: { time: NOW - 3_600, vol: 0.5 },
  lastDepth: { time: NOW - 3_600, usd: 60e6 },
};

function world(change: Partial<AssessInput> = {}): AssessInput {
  return { now: NOW, market: WETH, observed: calmObserved(NOW), history: WATCHED, onChain: calmMarket(NOW), ...change };
}

function without(...sources: readonly string[]): readonly Observed[] {
  return calmObserved(NOW).map((one) =>
    sources.includes(one.source)
      ? { source: one.source, observation: null, faults: [{ code: "UNREACHABLE", source: one.source, detail: "test" }] }
      : one,
  );
}

function withBoard(change: (board: OptionBoard) => Observation): readonly Observed[] {
  return calmObserved(NOW).map((one) =>
    one.observation?.kind === "optionBoard" ? { ...one, observation: change(one.observation) } : one,
  );
}

describe("assess", () => {
  it("puts ether of 400 calm days, 50 % a year, where large lenders are: LT 82.8 %, LTV 79.8 %; by those days alone 2.6 points above", () => {
    const { target, risk } = assess(world());
    assert.equal(risk.volatility.level, "L1");
    assert.equal(risk.volatility.historyDays, 400);
    near(1 - target.maintenance, 0.828, 0.004);
    near(1 - target.initial, 0.798, 0.004);
    const { typicalVolatility: _, ...model } = WETH.model;
    const alone = assess(world({ market: { ...WETH, model } })).target;
    near(1 - alone.maintenance, 0.854, 0.004);
    near(1 - alone.initial, 0.824, 0.004);
  });

  it("decides again to the last digit what model version 4 decided before it knew a typical volatility", () => {
    const { typicalVolatility: _, ...model } = WETH.model;
    const { target } = assess(world({ market: { ...WETH, model }, observed: calmObserved(NOW, 3_000, 1.8) }));
    const before = [0.34377968682475446, 0.3737796868247545, 1420867224.5731301];
    assert.deepEqual([target.maintenance, target.initial, target.limit.usd], before);
  });

  it("is a pure function: the same input gives the same assessment, in any order of sources", () => {
    const first = assess(world());
    assert.deepEqual(assess(structuredClone(world())), first);
    assert.deepEqual(assess(world({ observed: [...calmObserved(NOW)].reverse() })).decision, first.decision);
  });

  it("tightens initial at once, and maintenance not at all, when options ask for three and a half times the volatility", () => {
    const initial = { storedInitialBps: 2_024, initialBps: 2_024 };
    const onChain = calmMarket(NOW, { ...initial, maintenanceTargetBps: 1_724, maintenanceBps: 1_724 });
    const calm = assess(world({ onChain }));
    const candles = ({ observation }: Observed) => observation?.kind === "priceHistory";
    const panic = calmObserved(NOW, 3_000, 1.8).filter((one) => !candles(one));
    const stressed = assess(world({ onChain, observed: [...panic, ...calmObserved(NOW).filter(candles)] }));
    assert.equal(stressed.decision.action, "submit");
    assert.ok(stressed.decision.reasons.includes("TIGHTEN"));
    const rise = stressed.target.initial - calm.target.initial;
    assert.ok(rise > 0.015 && rise < 0.08, `${rise}`);
    assert.equal(stressed.target.maintenance, calm.target.maintenance);
    assert.equal(stressed.decision.maintenanceTargetBps, 1_724);
  });

  it("goes down the ladder when options are gone: held, then index or realised, each visible and never looser", () => {
    const calm = assess(world());
    const held = assess(world({ observed: without("deribit:ETH:options") }));
    assert.ok(held.risk.volatility.used >= calm.risk.volatility.used - 1e-9);
    assert.ok(held.risk.confidence < WETH.policy.minLooseningConfidence);
    const stale = { ...WATCHED, lastImplied: { time: NOW - DAY, vol: 0.5 } };
    const lower = assess(world({ observed: without("deribit:ETH:options"), history: stale }));
    assert.notEqual(lower.risk.volatility.level, "L1");
    assert.ok(lower.risk.volatility.used >= calm.risk.volatility.used * 0.99, `${lower.risk.volatility.used}`);
  });

  it("loosens nothing with any set of sources missing, even when the chain stands far above the target", () => {
    const names = calmObserved(NOW).map((one) => one.source);
    const onChain = calmMarket(NOW, {
      storedInitialBps: 5_000,
      initialBps: 5_000,
      maintenanceTargetBps: 4_000,
      maintenanceBps: 4_000,
    });
    assert.ok(assess(world({ onChain })).decision.initialBps < 5_000, "the whole world loosens");
    for (let set = 1; set < 2 ** names.length; set += 1) {
      const missing = names.filter((_, i) => (set & (1 << i)) !== 0);
      const { decision } = assess(world({ onChain, observed: without(...missing) }));
      assert.ok(
        decision.initialBps >= 5_000 && decision.maintenanceTargetBps >= 4_000,
        `without ${missing.join(", ")}`,
      );
    }
  });

  it("holds without price or pools, and leaves the rest to the chain's own staleness", () => {
    const noDepth = { ...NO_HISTORY };
    const { decision } = assess(world({ observed: without("uniswapV3:USDC/WETH-0.05%"), history: noDepth }));
    assert.deepEqual([decision.action, decision.reasons], ["hold", ["NO_DATA"]]);
  });

  it("uses the last good depth for as long as a source may be held", () => {
    const { risk, decision } = assess(world({ observed: without("uniswapV3:USDC/WETH-0.05%") }));
    assert.equal(risk.depth.nowUsd, 60e6);
    assert.ok(!decision.reasons.includes("NO_DATA"));
  });

  it("moves only initial when nothing but governance's static volatility is left", () => {
    const dark = without("deribit:ETH:options", "deribit:ETH:index", "deribit:ETH-PERPETUAL:history");
    const { risk, decision } = assess(world({ observed: dark, history: { ...WATCHED, lastImplied: null } }));
    assert.equal(risk.volatility.level, "L6");
    assert.equal(decision.maintenanceTargetBps, 1_900);
    assert.ok(decision.initialBps > 2_200);
  });

  it("starts no maintenance ramp because candles are missing, and changes nothing while they are an hour late", () => {
    const name = "deribit:ETH-PERPETUAL:history";
    const gone = assess(world({ observed: without(name) }));
    assert.equal(gone.decision.maintenanceTargetBps, 1_900);
    const late = calmObserved(NOW).map((one) =>
      one.source === name && one.observation !== null
        ? { ...one, observation: { ...one.observation, eventTime: NOW - 3 * 3_600 } }
        : one,
    );
    const { decision, target } = assess(world({ observed: late }));
    assert.deepEqual(target, assess(world()).target);
    assert.ok(decision.initialBps <= 2_250, `${decision.initialBps}`);
  });

  it("lowers the exposure limit to its bound at once when its pools were read and hold nothing, and moves no haircut", () => {
    const drained = calmObserved(NOW).map((one) =>
      one.observation?.kind === "pool"
        ? { ...one, observation: { ...one.observation, liquidity: 0n, ticks: [] } }
        : one,
    );
    const { decision, target } = assess(world({ observed: drained }));
    assert.equal(target.limit.usd, 0);
    assert.deepEqual([decision.action, decision.initialBps, decision.maintenanceTargetBps], ["submit", 2_200, 1_900]);
    assert.equal(decision.limit, world().onChain.lowestLimit);
  });

  it("keeps the floor of implied volatility when a source that is no option goes missing", () => {
    const observed = (without_: readonly Observed[]) =>
      without_.map((one) =>
        one.observation?.kind === "optionBoard" ? (calmObserved(NOW, 3_000, 1.1)[0] as Observed) : one,
      );
    const [whole, blind] = [observed(calmObserved(NOW)), observed(without("priceFeed:WETH"))];
    assert.equal(assess(world({ observed: whole })).risk.volatility.binding, "impliedFloor");
    assert.deepEqual(
      assess(world({ observed: blind })).risk.volatility,
      assess(world({ observed: whole })).risk.volatility,
    );
  });

  it("holds the last implied volatility when the board's falls by a fifth at once, and loosens nothing on it", () => {
    const history = { ...WATCHED, lastImplied: { time: NOW - 60, vol: 0.7 } };
    const { risk, proposed } = assess(world({ history }));
    assert.deepEqual([risk.volatility.implied, risk.volatility.binding], [null, "held"]);
    assert.ok(risk.faults.some(({ code }) => code === "JUMP"));
    assert.ok(proposed.initialBps >= 2_200);
    const later = { ...WATCHED, lastImplied: { time: NOW - 7_201, vol: 0.7 } };
    assert.ok((assess(world({ history: later })).risk.volatility.implied ?? 0) > 0.4);
  });

  it("loosens nothing in the first day of a keeper, whose depth nobody has watched", () => {
    const onChain = calmMarket(NOW, { storedInitialBps: 5_000, initialBps: 5_000 });
    const { decision } = assess(world({ onChain, history: NO_HISTORY }));
    assert.equal(decision.initialBps, 5_000);
    assert.ok(decision.reasons.includes("SHORT_HISTORY"));
  });

  it("never loosens on a board whose numbers are broken", () => {
    const onChain = calmMarket(NOW, {
      storedInitialBps: 5_000,
      initialBps: 5_000,
      maintenanceTargetBps: 4_000,
      maintenanceBps: 4_000,
    });
    const broken: ((board: OptionBoard) => Observation)[] = [
      (board) => ({ ...board, quotes: [] }),
      (board) => ({ ...board, indexUsd: Number.NaN }),
      (board) => ({ ...board, indexUsd: 0 }),
      (board) => ({ ...board, quotes: board.quotes.map((quote) => ({ ...quote, markIv: 0 })) }),
      (board) => ({
        ...board,
        quotes: board.quotes.map((quote) => ({ ...quote, markIv: Number.NaN, markCoin: Number.NaN })),
      }),
      (board) => ({ ...board, quotes: board.quotes.filter((quote) => quote.strike > board.indexUsd) }),
      (board) => ({ ...board, quotes: board.quotes.map((quote) => ({ ...quote, bidCoin: 9, askCoin: 1 })) }),
    ];
    for (const [i, change] of broken.entries()) {
      const { decision } = assess(world({ onChain, observed: withBoard(change) }));
      assert.ok(decision.initialBps >= 5_000 && decision.maintenanceTargetBps >= 4_000, `broken board ${i}`);
    }
  });

  it("loosens nothing on a board of equal prices, whatever volatilities stand beside them, and names what is wrong", () => {
    const onChain = calmMarket(NOW, { storedInitialBps: 5_000, initialBps: 5_000 });
    const decided = (observed: readonly Observed[]) => assess(world({ onChain, observed }));
    assert.ok(decided(calmObserved(NOW)).decision.initialBps < 5_000, "a board that is well loosens here");
    for (const price of [0.0005, 0.005, 0.02, 0.05, 0.2]) {
      const equal = { bidCoin: price * 0.98, askCoin: price * 1.02, markCoin: price };
      for (const more of [{}, { markIv: null }, { markIv: 0.5 }] satisfies Partial<OptionQuote>[]) {
        const observed = withBoard((board) => ({
          ...board,
          quotes: board.quotes.map((quote) => ({ ...quote, ...equal, ...more })),
        }));
        const { decision, risk } = decided(observed);
        assert.equal(decision.initialBps, 5_000, `${price} ${JSON.stringify(more)}`);
        assert.ok(risk.faults.some(({ source }) => source === "deribit:ETH:options"));
      }
    }
  });

  it("recovers a forward the venue left out from put-call parity, and decides the same", () => {
    const observed = withBoard((board) => ({
      ...board,
      quotes: board.quotes.map((quote) => ({ ...quote, forwardUsd: 0 })),
    }));
    const [given, recovered] = [assess(world()), assess(world({ observed }))];
    const implied = given.risk.volatility.implied ?? 0;
    assert.ok(Math.abs((recovered.risk.volatility.implied ?? 0) / implied - 1) < 1e-3);
  });

  it("holds everything that was measured through an outage of the whole venue, for two hours and no longer", () => {
    const calm = assess(world()).risk.volatility;
    const at = (time: number) => {
      const remembered = (["har", "ewma", "longRun", "realised"] as const).map(
        (source) => [source, time, calm[source] ?? 0] as const,
      );
      const history = { ...WATCHED, lastImplied: { time, vol: 0.5 }, lastVolatility: remembered };
      const dark = without("deribit:ETH:options", "deribit:ETH:index", "deribit:ETH-PERPETUAL:history");
      return assess(world({ observed: dark, history }));
    };
    const held = at(NOW - 7_200);
    const { used, level, binding } = held.risk.volatility;
    assert.ok(
      used >= calm.used - 1e-12 && used < 1.3 * calm.used,
      `${used} (${level}, ${binding}) against ${calm.used}`,
    );
    assert.equal(held.risk.volatility.har, null, "what is held is not shown as seen");
    assert.equal(held.risk.sources & SOURCE_BITS.heldVolatility, SOURCE_BITS.heldVolatility);
    assert.ok(held.risk.confidence < WETH.policy.minLooseningConfidence);
    const late = at(NOW - 7_201);
    assert.equal(late.risk.volatility.level, "L6");
    assert.equal(late.risk.sources & SOURCE_BITS.heldVolatility, 0);
  });
});

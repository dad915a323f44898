import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { OnChainMarket } from "../keeper/domain/decision.ts";
import { assess } from "../keeper/pipeline.ts";
import { type CalmMarketWorld, calmMarkets } from "./support/markets.ts";
import { MUTATIONS, type Mutation, mutated } from "./support/mutations.ts";
import { calmMarket } from "./support/onChain.ts";

/**
 * Bad data can hold or tighten, never loosen; and what tightens on a fault is new risk, not open positions.
 *
 * Stated for a world that is clean but for one or two wrong sources, against the same world clean, wherever the chain
 * stands. Let `write` be what the decision would leave on chain.
 * 1. On each side write(wrong) >= min(stored, write(clean)) - 5 bp: a wrong source loosens nothing that the clean world
 *    would not loosen, by no more than rounding of the numbers behind it.
 * 2. write(wrong).maintenance <= max(stored, write(clean)) + 250 bp a source: what a wrong source can add to a ramp is a
 *    step of the ladder or an oracle's deviation within its limit, never the whole way to governance's bound.
 * 3. write(wrong).initial >= write(clean).initial - 200 bp a source while the clean world tightens: no source alone can
 *    hide a crash from the others.
 */
const NOW = 1_770_000_000;
const SLACK = 5;
const ADDED_TO_RAMP = 250;
const HIDDEN = 200;

function standing(initialBps: number, target: number, maintenance = target): OnChainMarket {
  return calmMarket(NOW, {
    storedInitialBps: initialBps,
    initialBps,
    maintenanceTargetBps: target,
    maintenanceBps: maintenance,
  });
}

const STANDS: Readonly<Record<string, OnChainMarket>> = {
  "far above the target": standing(5_000, 4_000),
  "above, with a ramp under way": standing(5_000, 4_000, 1_900),
  "at the target": standing(2_250, 1_900),
  "far below the target": standing(1_500, 1_000),
};

/** What the chain stores after the decision, before the contract's own checks. */
function written(world: CalmMarketWorld, onChain: OnChainMarket): readonly [initial: number, maintenance: number] {
  const { decision } = assess({ now: NOW, ...world, onChain });
  if (decision.action === "hold") return [onChain.storedInitialBps, onChain.maintenanceTargetBps];
  return [decision.initialBps, decision.maintenanceTargetBps];
}

function holdsPromise(world: CalmMarketWorld, onChain: OnChainMarket, mutations: readonly Mutation[]): void {
  const clean = written(world, onChain);
  const wrong = written({ ...world, observed: mutated(world.observed, mutations) }, onChain);
  const stored = [onChain.storedInitialBps, onChain.maintenanceTargetBps] as const;
  const names = mutations.map(({ name }) => name).join(" and ");
  const figures = `${world.market.name}, ${names}: wrote ${wrong}, clean ${clean}, stored ${stored}`;
  for (const side of [0, 1] as const) {
    assert.ok(wrong[side] >= Math.min(stored[side], clean[side]) - SLACK, `loosened. ${figures}`);
  }
  const ramp = Math.max(stored[1], clean[1]) + ADDED_TO_RAMP * mutations.length;
  assert.ok(wrong[1] <= ramp, `started a ramp. ${figures}`);
  if (clean[0] > stored[0]) assert.ok(wrong[0] >= clean[0] - HIDDEN * mutations.length, `hid a rise. ${figures}`);
}

for (const [where, onChain] of Object.entries(STANDS)) {
  describe(`a wrong source, the chain ${where}`, () => {
    for (const world of calmMarkets(NOW)) {
      it(`loosens nothing, starts no ramp and hides no risk of ${world.market.name}, whichever it is`, () => {
        for (const mutation of MUTATIONS) holdsPromise(world, onChain, [mutation]);
      });

      it(`does so of ${world.market.name} together with a second one`, () => {
        const one = fc.constantFrom(...MUTATIONS);
        const pairs = fc.tuple(one, one).filter(([a, b]) => a.kind !== b.kind);
        fc.assert(
          fc.property(pairs, (pair) => holdsPromise(world, onChain, pair)),
          { numRuns: Number(process.env["MUTATION_RUNS"] ?? 40) },
        );
      });
    }
  });
}

describe("the mutated world", () => {
  it("is a test of something: clean, both markets loosen from above and tighten from below", () => {
    for (const world of calmMarkets(NOW)) {
      const [above, below] = [STANDS["far above the target"], STANDS["far below the target"]];
      assert.ok(above !== undefined && below !== undefined);
      assert.ok(written(world, above).every((bps, side) => bps < [5_000, 4_000][side]!));
      assert.ok(written(world, below).every((bps, side) => bps > [1_500, 1_000][side]!));
    }
  });
});

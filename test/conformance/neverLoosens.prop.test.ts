import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Observed } from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { assess } from "../../keeper/pipeline.ts";
import { calmFeed, calmHistory, calmIndex, calmPool, seen } from "../support/observations.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { WETH } from "../support/shipped.ts";
import { INDEX, TAKEN } from "../venues/sampleSmile.ts";
import { mutatedBody } from "./mutatedBody.ts";
import { VENUE_BODIES } from "./venueBodies.ts";

/**
 * Damaged answers all the way: bytes of a venue through its adapter, the quality gates, the model and the policy. From a
 * chain that stands far above the target nothing is loosened that the healthy answer would not loosen; from one that
 * stands below, what is written is at most two points short of what the healthy answer would write.
 */
const NOW = TAKEN + 2;
const SLACK = 5;
const HIDDEN = 200;
const OTHERS = [
  seen(calmIndex("ETH", NOW, 0.51)),
  seen(calmHistory("ETH-PERPETUAL", NOW, INDEX, 0.51)),
  seen(calmPool(NOW - 2, INDEX)),
  seen(calmFeed(NOW - 600, INDEX)),
];
const WATCHED = {
  ...NO_HISTORY,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
  lastImplied: { time: NOW - 60, vol: 0.51 },
  lastDepth: { time: NOW - 3_600, usd: 60e6 },
};
const CHAINS = {
  above: calmMarket(NOW, { storedInitialBps: 5_000, initialBps: 5_000 }),
  below: calmMarket(NOW, { storedInitialBps: 1_500, initialBps: 1_500 }),
};

/** MUTATION_RUNS raises the number of damaged answers of each venue. */
const RUNS = Number(process.env["MUTATION_RUNS"] ?? 400);

function written(market: MarketParameters, board: Observed, stands: keyof typeof CHAINS): number {
  const onChain = CHAINS[stands];
  const { decision } = assess({ now: NOW, market, observed: [board, ...OTHERS], history: WATCHED, onChain });
  return decision.action === "hold" ? onChain.storedInitialBps : decision.initialBps;
}

for (const [venue, { bodies, parse }] of Object.entries(VENUE_BODIES)) {
  describe(`damaged answers of ${venue}, from bytes to a decision`, () => {
    const market = { ...WETH, sources: { ...WETH.sources, optionVenues: [venue] } };
    const clean = { above: written(market, parse(bodies), "above"), below: written(market, parse(bodies), "below") };

    it(`loosen nothing and hide nothing, ${RUNS} of them`, () => {
      const damaged = fc
        .constantFrom(...Object.keys(bodies))
        .chain((name) => mutatedBody(bodies[name] ?? "").map((body) => ({ ...bodies, [name]: body })));
      const property = fc.property(damaged, (sent) => {
        const board = parse(sent);
        const [above, below] = [written(market, board, "above"), written(market, board, "below")];
        const faults = JSON.stringify(board.faults.map(({ code }) => code));
        assert.ok(above >= clean.above - SLACK, `loosened to ${above}, clean ${clean.above}, ${faults}`);
        assert.ok(below >= clean.below - HIDDEN, `wrote ${below}, clean ${clean.below}, ${faults}`);
      });
      fc.assert(property, { numRuns: RUNS, seed: 20_261_121 });
    });

    it("are a test of something: the healthy answer loosens from above and tightens from below", () => {
      assert.ok(clean.above < 5_000 && clean.below > 1_500, JSON.stringify(clean));
    });
  });
}

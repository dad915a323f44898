import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Observed, OptionBoard } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import { assess } from "../keeper/pipeline.ts";
import { MUTATIONS } from "./support/mutations.ts";
import { calmBoard, calmObserved, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

/**
 * One wrong options venue of three or four moves no haircut by more than 10 bp, whatever it says, and loosens nothing.
 * The honest venues differ by as much as real ones do: half a volatility point and a tenth of a per cent of the index.
 */
const NOW = 1_770_000_000;
const HONEST = {
  deribit: { iv: 0.5, index: 3_000 },
  okx: { iv: 0.5025, index: 3_001.5 },
  bybit: { iv: 0.498, index: 2_999 },
  binance: { iv: 0.501, index: 3_000.8 },
} as const;
type Venue = keyof typeof HONEST;
const WATCHED = {
  ...NO_HISTORY,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
  lastImplied: { time: NOW - 3_600, vol: 0.5 },
  lastDepth: { time: NOW - 3_600, usd: 60e6 },
};
const BOARDS = MUTATIONS.filter(({ kind }) => kind === "optionBoard");

function boardOf(venue: Venue): OptionBoard {
  const { iv, index } = HONEST[venue];
  return { ...calmBoard("ETH", NOW - 4, index, iv), source: `${venue}:ETH:options` };
}

function marketOf(venues: readonly Venue[]): MarketParameters {
  return { ...WETH, sources: { ...WETH.sources, optionVenues: venues } };
}

function assessed(venues: readonly Venue[], change: (one: Observed) => Observed = (one) => one, stored = 2_250) {
  const others = calmObserved(NOW).filter(({ observation }) => observation?.kind !== "optionBoard");
  const observed = [...venues.map((venue) => change(seen(boardOf(venue)))), ...others];
  const onChain = calmMarket(NOW, { storedInitialBps: stored, initialBps: stored });
  return assess({ now: NOW, market: marketOf(venues), observed, history: WATCHED, onChain });
}

type Target = ReturnType<typeof assessed>["target"];

/** Largest move of either haircut's target from the clean one, basis points. */
function moved(clean: Target, venues: readonly Venue[], wrong: Venue, change: (one: Observed) => Observed): number {
  const { target } = assessed(venues, (one) => (one.source.startsWith(`${wrong}:`) ? change(one) : one));
  return 1e4 * Math.max(Math.abs(target.initial - clean.initial), Math.abs(target.maintenance - clean.maintenance));
}

const SETS: readonly (readonly Venue[])[] = [["deribit", "okx", "bybit"], Object.keys(HONEST) as Venue[]];
for (const venues of SETS) {
  describe(`one wrong options venue of ${venues.length}`, () => {
    const { target } = assessed(venues);
    const clean = assessed(venues, undefined, 5_000).decision;
    for (const wrong of venues) {
      it(`moves no haircut by more than 10 bp when it is ${wrong}, in any of ${BOARDS.length} ways`, () => {
        for (const { name, change } of BOARDS) {
          const bps = moved(target, venues, wrong, change);
          assert.ok(bps <= 10, `${name} of ${wrong} moved a haircut by ${bps.toFixed(2)} bp`);
        }
      });

      it(`moves none by more than 10 bp when all its volatilities and prices are multiplied, ${wrong} again`, () => {
        const factor = fc.double({ min: 0.05, max: 6, noNaN: true });
        const index = fc.double({ min: 0.3, max: 3, noNaN: true });
        const property = fc.property(factor, index, (vol, price) => {
          const change = (one: Observed): Observed => {
            const board = calmBoard("ETH", NOW - 4, HONEST[wrong].index * price, HONEST[wrong].iv * vol);
            return { ...one, observation: { ...board, source: one.source } };
          };
          const bps = moved(target, venues, wrong, change);
          assert.ok(bps <= 10, `x${vol} at x${price} moved a haircut by ${bps.toFixed(2)} bp`);
        });
        fc.assert(property, { numRuns: Number(process.env["MUTATION_RUNS"] ?? 12), seed: 5 });
      });

      it(`loosens nothing that the clean world would not, ${wrong} again`, () => {
        for (const { name, change } of BOARDS) {
          const { decision } = assessed(
            venues,
            (one) => (one.source.startsWith(`${wrong}:`) ? change(one) : one),
            5_000,
          );
          const written = decision.action === "hold" ? 5_000 : decision.initialBps;
          assert.ok(clean.action !== "hold" && written >= clean.initialBps - 5, `${name} of ${wrong}: ${written}`);
        }
      });
    }
  });
}

describe("several options venues", () => {
  const three: readonly Venue[] = ["deribit", "okx", "bybit"];

  it("set a venue that is 30 % up or 35 % down aside within one cycle, and go on with full numbers", () => {
    for (const factor of [1.3, 0.65]) {
      const { readings, risk } = assessed(three, (one) =>
        one.source === "okx:ETH:options"
          ? { ...one, observation: { ...calmBoard("ETH", NOW - 4, 3_001.5, 0.5025 * factor), source: one.source } }
          : one,
      );
      assert.deepEqual(
        readings.faults.map(({ code, source }) => [code, source]),
        [["DISAGREES", "okx:ETH:options"]],
      );
      assert.equal(readings.options?.source, "deribit:ETH:options");
      assert.deepEqual(
        readings.otherOptions?.map((board) => board.source),
        ["bybit:ETH:options"],
      );
      assert.equal(risk.volatility.level, "L1");
    }
  });

  it("stand on the next venue when the preferred one is dark", () => {
    const { readings, risk } = assessed(three, (one) =>
      one.source === "deribit:ETH:options"
        ? {
            source: one.source,
            observation: null,
            faults: [{ code: "UNREACHABLE", source: one.source, detail: "dark" }],
          }
        : one,
    );
    assert.equal(readings.options?.source, "okx:ETH:options");
    assert.equal(risk.volatility.level, "L1");
  });

  it("are dated by the oldest board they use", () => {
    const { readings } = assessed(three, (one) =>
      one.source === "bybit:ETH:options" && one.observation?.kind === "optionBoard"
        ? { ...one, observation: { ...one.observation, eventTime: NOW - 30 } }
        : one,
    );
    assert.equal(readings.asOf, NOW - 30);
  });

  it("take of two that contradict each other the tighter, name both and loosen nothing", () => {
    const two: readonly Venue[] = ["deribit", "okx"];
    const change = (factor: number) => (one: Observed) =>
      one.source === "okx:ETH:options"
        ? { ...one, observation: { ...calmBoard("ETH", NOW - 4, 3_001.5, 0.5 * factor), source: one.source } }
        : one;
    const [low, high] = [assessed(two, change(0.6)), assessed(two, change(1.6))];
    assert.ok(Math.abs((low.risk.volatility.implied ?? 0) - 0.5) < 0.01, String(low.risk.volatility.implied));
    assert.ok((high.risk.volatility.implied ?? 0) > 0.75, String(high.risk.volatility.implied));
    for (const { readings } of [low, high]) {
      assert.ok(readings.faults.some((one) => one.code === "DISAGREES"));
      assert.equal(readings.otherOptions?.length, 1);
    }
    const from = assessed(two, change(0.6), 5_000);
    const { action } = from.decision;
    assert.equal(action === "hold" ? 5_000 : from.decision.initialBps, 5_000);
  });

  it("leave a market that lists none exactly as it was", () => {
    const observed = calmObserved(NOW);
    const input = { now: NOW, observed, history: WATCHED, onChain: calmMarket(NOW) };
    const alone = assess({ ...input, market: WETH });
    const named = assess({ ...input, market: marketOf(["deribit"]) });
    assert.deepEqual(named, alone);
    assert.ok(!("otherOptions" in alone.readings));
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { MarketHistory } from "../keeper/domain/decision.ts";
import type { Observed } from "../keeper/domain/observation.ts";
import type { MarketParameters } from "../keeper/domain/parameters.ts";
import type { Quarantined } from "../keeper/domain/risk.ts";
import { decodeBundle } from "../keeper/evidence/bundle.ts";
import { openJournal } from "../keeper/journal/journal.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmBook, THREE_BOOKS } from "./support/books.ts";
import { calmBoard, calmObserved, seen } from "./support/observations.ts";
import { calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { packed } from "./support/packed.ts";
import { WETH } from "./support/shipped.ts";

/**
 * A venue that disagreed is out for an hour and ten looks. What is out is remembered in the journal, handed in with the rest
 * of the history, stored as evidence, and recomputed from it; and being out loosens nothing.
 */
const NOW = 1_770_000_000;
const VENUES = ["deribit", "okx", "bybit"] as const;
const MARKET: MarketParameters = {
  ...WETH,
  sources: { ...WETH.sources, optionVenues: VENUES },
  books: THREE_BOOKS,
};
const OTHERS = calmObserved(NOW).filter(({ observation }) => observation?.kind !== "optionBoard");
const NAMES = [
  ...VENUES.map((venue) => `${venue}:ETH:options`),
  ...THREE_BOOKS.markets.map((name) => `${name}:book`),
  "priceFeed:WETH",
];
const WATCHED: MarketHistory = {
  ...NO_HISTORY,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, 60e6] as const),
  lastImplied: { time: NOW - 3_600, vol: 0.5 },
  lastDepth: { time: NOW - 3_600, usd: 60e6 },
};

function observedWith(okxFactor: number): readonly Observed[] {
  const boards = VENUES.map((venue, i) => {
    const vol = (0.5 + 0.002 * i) * (venue === "okx" ? okxFactor : 1);
    return seen({ ...calmBoard("ETH", NOW - 4, 3_000 + i, vol), source: `${venue}:ETH:options` });
  });
  return [...boards, ...THREE_BOOKS.markets.map((name) => seen(calmBook(name, NOW - 1, 3_000, 4))), ...OTHERS];
}
const CALM = observedWith(1);

function input(quarantine: readonly Quarantined[], stored = 2_250, observed = CALM) {
  const onChain = calmMarket(NOW, { storedInitialBps: stored, initialBps: stored, maintenanceTargetBps: stored - 400 });
  const history = quarantine.length === 0 ? WATCHED : { ...WATCHED, quarantine };
  return { now: NOW, market: MARKET, observed, history, onChain };
}
function written(quarantine: readonly Quarantined[], stored: number): readonly [number, number] {
  const { decision } = assess(input(quarantine, stored));
  return decision.action === "hold" ? [stored, stored - 400] : [decision.initialBps, decision.maintenanceTargetBps];
}

describe("a venue that disagreed", () => {
  it("is out while it agrees again: its board is not used, it is named, and nothing is loosened", () => {
    const { readings } = assess(input([["okx:ETH:options", NOW - 600, 3]]));
    assert.deepEqual(
      [readings.options, ...(readings.otherOptions ?? [])].map((board) => board?.source),
      ["deribit:ETH:options", "bybit:ETH:options"],
    );
    assert.deepEqual(
      readings.faults.map(({ code, source }) => [code, source]),
      [["QUARANTINED", "okx:ETH:options"]],
    );
    assert.deepEqual(readings.quarantine, [["okx:ETH:options", NOW - 600, 4]]);
    assert.ok(written([], 5_000)[0] < 5_000);
    assert.deepEqual(written([["okx:ETH:options", NOW - 600, 3]], 5_000), [5_000, 4_600]);
  });

  it("is out as a book or a feed likewise; the feed's deviation still counts", () => {
    const book = assess(input([["bybit:ETHUSDT:book", NOW - 600, 3]])).readings;
    assert.equal(book.books?.length, 2);
    const feed = assess(input([["priceFeed:WETH", NOW - 600, 3]])).readings;
    assert.notEqual(feed.feed, null);
    assert.deepEqual(
      [...book.faults, ...feed.faults].map(({ code }) => code),
      ["QUARANTINED", "QUARANTINED"],
    );
  });

  it("is used for want of any other: with every board out, all stand", () => {
    const all = VENUES.map((venue): Quarantined => [`${venue}:ETH:options`, NOW - 600, 3]);
    const { readings } = assess(input(all));
    assert.equal(1 + (readings.otherOptions?.length ?? 0), 3);
    assert.deepEqual(written(all, 5_000), [5_000, 4_600]);
  });

  it("goes in at once, stays for an hour and ten looks, and comes back, by the journal alone", () => {
    const store = openJournal(":memory:", { chainId: 31337, contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" });
    const look = (now: number, factor: number) => {
      const shift = now - NOW;
      const observed = observedWith(factor).map((one) => later(one, shift));
      const history = { ...WATCHED, ...pickQuarantine(store.history(1, now - 1)) };
      const onChain = calmMarket(now);
      const assessment = assess({ now, market: MARKET, observed, history, onChain });
      store.recordTick({ now, blockNumber: null, markets: [{ marketId: 1, market: "WETH", assessment }] });
      return assessment.readings.faults.map(({ code }) => code).join();
    };
    const said = [look(NOW, 1), look(NOW + 60, 1.3)];
    for (let minute = 2; minute <= 62; minute += 6) said.push(look(NOW + 60 * minute, 1));
    assert.deepEqual(said, ["", "DISAGREES", ...Array.from({ length: 10 }, () => "QUARANTINED"), ""]);
  });

  it("gives the same decision again from the evidence that was stored", () => {
    const given = input([["okx:ETH:options", NOW - 600, 3]], 1_500);
    const first = assess(given);
    const { market, observed, history, onChain } = given;
    const { action: _action, reasons: _reasons, breaker: _breaker, ...decision } = first.decision;
    const stored = packed({
      modelVersion: 1,
      chainId: 31337,
      contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
      now: NOW,
      markets: [{ name: "WETH", marketId: 1, parameters: market, observed, history, onChain, decision }],
    });
    const [again] = decodeBundle(stored).markets;
    assert.ok(again !== undefined);
    assert.deepEqual(again.history.quarantine, history.quarantine);
    assert.deepEqual(assess({ ...given, history: again.history, market: again.parameters }).decision, first.decision);
  });

  it("loosens nothing that it would not loosen in good standing, whichever are out and wherever the chain stands", () => {
    const entry = fc.tuple(
      fc.constantFrom(...NAMES),
      fc.integer({ min: 0, max: 7_200 }).map((age) => NOW - age),
      fc.nat({ max: 20 }),
    );
    const state = fc.uniqueArray(entry, { selector: ([source]) => source, maxLength: 5 });
    const property = fc.property(state, fc.constantFrom(5_000, 2_250, 1_500), (out, stored) => {
      const [clean, held] = [written([], stored), written(out, stored)];
      for (const side of [0, 1] as const) {
        const least = Math.min(side === 0 ? stored : stored - 400, clean[side]);
        assert.ok(held[side] >= least, `${JSON.stringify(out)}: wrote ${held}, clean ${clean}, stored ${stored}`);
      }
      // Out or not, no haircut hides more of a rise than the spread of honest venues.
      if (clean[0] > stored) assert.ok(held[0] >= clean[0] - 10, `wrote ${held}, clean ${clean}`);
    });
    fc.assert(property, { numRuns: 60, seed: 13 });
  });
});

function later(one: Observed, seconds: number): Observed {
  const { observation } = one;
  if (observation === null || observation.kind === "priceHistory" || observation.kind === "volatilityIndex") return one;
  return { ...one, observation: { ...observation, eventTime: observation.eventTime + seconds } };
}

function pickQuarantine({ quarantine }: MarketHistory): Pick<MarketHistory, "quarantine"> {
  return quarantine === undefined ? {} : { quarantine };
}

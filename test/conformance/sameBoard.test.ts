import assert from "node:assert/strict";
import { test } from "node:test";
import { fitSurface } from "../../keeper/model/options/surface.ts";
import { VENUES } from "../../keeper/venues/registry.ts";
import { near } from "../support/near.ts";
import { EXPIRY, FORWARD, INDEX, SMILE, TAKEN } from "../venues/sampleSmile.ts";
import { VENUE_BODIES } from "./venueBodies.ts";

const BOARDS = Object.fromEntries(
  Object.entries(VENUE_BODIES).map(([venue, { bodies, parse }]) => [venue, parse(bodies).observation]),
);

for (const [venue, board] of Object.entries(BOARDS)) {
  test(`${venue} gives the same options in coin, fractions and USD as the market they were written from`, () => {
    assert.ok(board !== null);
    assert.equal(board.source, `${venue}:ETH:options`);
    assert.deepEqual([board.currency, board.eventTime, board.indexUsd], ["ETH", TAKEN, INDEX]);
    assert.equal(board.quotes.length, SMILE.length);
    for (const [at, quote] of board.quotes.entries()) {
      const { strike, side, iv, mark, bid, ask } = SMILE[at] ?? assert.fail();
      assert.deepEqual([quote.expiry, quote.strike, quote.kind], [EXPIRY, strike, side === "C" ? "call" : "put"]);
      near(quote.forwardUsd, FORWARD, 1e-9);
      near(quote.markIv ?? Number.NaN, iv, 1e-12);
      near(quote.markCoin, mark, 1e-12);
      near(quote.bidCoin ?? Number.NaN, bid, 1e-12);
      near(quote.askCoin ?? Number.NaN, ask, 1e-12);
    }
  });

  test(`${venue}: the surface fitted to its board has the market's volatility at the money`, () => {
    assert.ok(board !== null);
    const rules = { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 };
    const { slices, faults } = fitSurface(board, TAKEN, rules);
    assert.deepEqual(faults, []);
    near(slices[0]?.atmVol ?? Number.NaN, 0.51375, 0.003);
  });
}

test("every venue of options in the registry is tested here", () => {
  assert.deepEqual(VENUES.offering("board"), Object.keys(BOARDS));
});

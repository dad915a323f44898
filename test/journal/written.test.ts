import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenOf } from "../../keeper/journal/ticks.ts";
import { assess } from "../../keeper/pipeline.ts";
import { calmMarkets } from "../support/markets.ts";
import { calmMarket } from "../support/onChain.ts";

const NOW = 1_770_000_000;

test("what is written of an assessment holds no board, candle or pool, and all of the rest", () => {
  for (const world of calmMarkets(NOW)) {
    const { readings, ...rest } = assess({ ...world, now: NOW, onChain: calmMarket(NOW) });
    const { readings: written, ...same } = writtenOf({ ...rest, readings });
    assert.deepEqual(same, rest);
    const { asOf, priceUsd, faults, confidence, sources } = readings;
    assert.deepEqual(written, { asOf, priceUsd, faults, confidence, sources });
    assert.ok(JSON.stringify(writtenOf({ ...rest, readings })).length < 20_000);
  }
});

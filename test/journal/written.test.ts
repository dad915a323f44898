import assert from "node:assert/strict";
import { test } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { writtenOf } from "../../keeper/journal/ticks.ts";
import { assess } from "../../keeper/pipeline.ts";
import { calmMarkets } from "../support/markets.ts";
import { calmMarket } from "../support/onChain.ts";
import { IDENTITY, NOW as SAMPLED, sampleAssessment } from "./sample.ts";

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

test("what is written gives the memory that the whole assessment would: a claim's rate, depth and volatility", () => {
  const assessment = sampleAssessment({ rate: 1.21, depthUsd: 3e6, implied: 0.7 });
  const [whole, written] = [assessment, writtenOf(assessment)].map((one) => {
    const store = openJournal(":memory:", IDENTITY);
    store.recordTick({
      now: SAMPLED,
      blockNumber: null,
      markets: [{ marketId: 1, market: "WETH", assessment: one }],
    });
    const history = store.history(1, SAMPLED);
    store.close();
    return history;
  });
  assert.deepEqual(written, whole);
  assert.equal(written?.rates?.[0]?.[1], 1.21);
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Assessment } from "../keeper/domain/decision.ts";
import type { Observed, PriceHistory, PricePast } from "../keeper/domain/observation.ts";
import { decodeBundle } from "../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../keeper/evidence/schema.ts";
import { EMPTY_PAST, pastAfter } from "../keeper/model/history/pricePast.ts";
import { assess, MODEL_VERSION } from "../keeper/pipeline.ts";
import { walk } from "./support/candles.ts";
import { claimHistory } from "./support/claims.ts";
import { calmObserved, seen } from "./support/observations.ts";
import { calmMarket } from "./support/onChain.ts";
import { packed } from "./support/packed.ts";
import { WETH } from "./support/shipped.ts";

const NOW = 1_770_000_000;
const OTHER = "okx:ETH-USDT:history";

/** Five wild years that ended a year ago. */
const until = Math.floor(NOW / 86_400 - 380) * 86_400;
const years = walk(24 * 1_800, (hour) => (hour % 3_000 < 60 ? 4 : 0.9), 8);
const past: PricePast = pastAfter(
  EMPTY_PAST,
  {
    ...{ kind: "priceHistory", source: "test", instrument: "ETH", intervalSeconds: 3_600, eventTime: until },
    candles: years.map(([, ...rest], i) => [until - (years.length - i) * 3_600, ...rest] as const),
  },
  until,
);

function withPast(before: PricePast | undefined, change: (one: Observed) => readonly Observed[] = (one) => [one]) {
  return calmObserved(NOW).flatMap((one) => {
    const { observation } = one;
    if (observation?.kind !== "priceHistory") return [one];
    return change(before === undefined ? one : { ...one, observation: { ...observation, before } });
  });
}
const inputOf = (observed: readonly Observed[], market = WETH) => {
  return { now: NOW, market, observed, history: claimHistory(NOW), onChain: calmMarket(NOW) };
};
const assessed = (observed: readonly Observed[], market = WETH): Assessment => assess(inputOf(observed, market));

describe("the past of a price", () => {
  it("moves the long run, its days and maintenance, and nothing of today", () => {
    const [short, long] = [assessed(withPast(undefined)), assessed(withPast(past))];
    assert.ok((long.risk.volatility.longRun ?? 0) > 1.5 * (short.risk.volatility.longRun ?? 1));
    assert.ok((long.risk.volatility.historyDays ?? 0) > 1_800 + 370);
    assert.ok(long.target.maintenance > short.target.maintenance + 0.02);
    assert.equal(long.risk.volatility.pooled, short.risk.volatility.pooled);
    assert.equal(long.risk.depth.nowUsd, short.risk.depth.nowUsd);
    assert.deepEqual(long.readings.faults, short.readings.faults);
  });

  it("is stored with the evidence, from which the same decision follows to the last digit", () => {
    const input = inputOf(withPast(past));
    const live = assess(input);
    const { action: _action, reasons: _reasons, breaker: _breaker, ...decision } = live.decision;
    const bundle: EvidenceBundle = {
      ...{ schema: "tonsor.evidence.v4", modelVersion: MODEL_VERSION, chainId: 1, contract: `0x${"11".repeat(20)}` },
      now: NOW,
      markets: [
        {
          ...{ name: "WETH", marketId: 1, parameters: input.market, observed: input.observed },
          ...{ history: input.history, onChain: input.onChain, decision },
        },
      ],
    };
    const [market] = decodeBundle(packed(bundle)).markets;
    assert.ok(market !== undefined);
    assert.deepEqual(assess({ ...market, now: NOW, market: market.parameters }), live);
  });

  it("goes with the candles of another venue while the one that is asked for it does not answer", () => {
    const market = { ...WETH, sources: { ...WETH.sources, otherHistories: ["okx:ETH-USDT"] } };
    const aside = (late: number) =>
      withPast(past, (one) => {
        const own = one.observation as PriceHistory;
        const { before: _before, ...head } = own;
        const candles = own.candles.slice(0, own.candles.length - late);
        const eventTime = (candles.at(-1)?.[0] ?? 0) + 3_600;
        return [seen({ ...own, candles, eventTime }), seen({ ...head, source: OTHER })];
      });
    const [whole, late, later] = [0, 30, 60].map((hours) => assessed(aside(hours), market));
    assert.equal(late?.readings.history?.source, OTHER);
    for (const found of [late, later]) {
      assert.equal(found?.risk.volatility.historyDays, whole?.risk.volatility.historyDays);
      assert.equal(found?.risk.volatility.longRun, whole?.risk.volatility.longRun);
    }
  });
});

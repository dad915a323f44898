import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import type { Observation } from "../domain/observation.ts";
import { type CurvePool, curveProbeFault } from "../model/depth/curveSellCurve.ts";

/** Published volatility indices have stood between 0.3 and 3; outside of this the unit is in doubt. */
const INDEX_RANGE = { least: 0.05, most: 5 };

/**
 * The fault of an observation that cannot mean what it says, whatever the other sources say, or null. Adapters refuse
 * most of this; it is asked again here because everything after it takes numbers for numbers.
 * @example implausibility({ kind: "priceFeed", source: "priceFeed:WETH", priceUsd: 0, ... })?.code // "NOT_POSITIVE"
 */
export function implausibility(observation: Observation): Fault | null {
  const found = problem(observation);
  return found === null ? null : fault(found[0], observation.source, found[1]);
}

type Problem = readonly [code: FaultCode, detail: string] | null;

function problem(observation: Observation): Problem {
  switch (observation.kind) {
    case "optionBoard":
      if (observation.quotes.length === 0) return ["EMPTY", "a board without a quote"];
      return positive("index", observation.indexUsd);
    case "volatilityIndex": {
      const last = observation.closes.at(-1)?.[1];
      if (last === undefined) return ["EMPTY", "no close"];
      const { least, most } = INDEX_RANGE;
      if (last >= least && last <= most) return null;
      return (
        positive("index", last) ?? ["UNIT_SUSPECT", `volatility ${last}, expected a fraction in [${least}, ${most}]`]
      );
    }
    case "priceHistory": {
      const last = observation.candles.at(-1)?.[4];
      return last === undefined ? ["EMPTY", "no candle"] : positive("last close", last);
    }
    case "priceFeed":
      return positive("price", observation.priceUsd);
    case "orderBook": {
      const [bid, ask] = [observation.bids[0]?.[0], observation.asks[0]?.[0]];
      if (bid === undefined || ask === undefined) return ["EMPTY", "a book without a bid or an ask"];
      return (
        positive("best bid", bid) ?? positive("best ask", ask) ?? (bid < ask ? null : ["CROSSED", "bid above ask"])
      );
    }
    case "poolMemory":
      if (observation.stretches.length === 0) return ["EMPTY", "a memory without a stretch"];
      return observation.whole.harmonicLiquidity > 0n ? null : ["NOT_POSITIVE", "no liquidity on average"];
    case "stableSwapPool":
    case "cryptoSwapPool":
      if (observation.coins.some((coin) => coin.balance <= 0n)) return ["NOT_POSITIVE", "the pool lacks a coin"];
      return againstItself(observation);
    case "pool":
      return observation.sqrtPriceX96 > 0n ? null : ["NOT_POSITIVE", "the pool has no price"];
  }
}

/** A Curve pool whose own answers are not what its state gives. */
function againstItself(pool: CurvePool): Problem {
  const found = curveProbeFault(pool);
  return found === null ? null : [found.code, found.detail];
}

function positive(what: string, value: number): Problem {
  if (!Number.isFinite(value)) return ["NOT_FINITE", `${what} ${value}`];
  return value > 0 ? null : ["NOT_POSITIVE", `${what} ${value}`];
}

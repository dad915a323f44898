import type { BookLevel, CurveCoin, Observation } from "../../../../keeper/domain/observation.ts";
import { type Scenario, withObservations } from "../scenario.ts";

/** One part in so many stays. */
const ONE_IN = 10n;

/** Nine tenths of the liquidity of every pool and book are withdrawn, at every price alike, while the price does not move. */
export const depthVanishes: Scenario = {
  summary: "90 % of the depth of every pool and book is withdrawn, the price does not move",
  priceFactor: 1,
  apply: (input) => withObservations(input, thinner),
};

function thinner(one: Observation): Observation {
  switch (one.kind) {
    case "pool": {
      const ticks = one.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet: liquidityNet / ONE_IN }));
      return { ...one, liquidity: one.liquidity / ONE_IN, ticks };
    }
    // A smaller Curve pool answers otherwise than the one that was asked, so its probes go.
    case "stableSwapPool":
      return { ...one, coins: coins(one.coins), probes: [] };
    case "cryptoSwapPool":
      return { ...one, coins: coins(one.coins), invariant: one.invariant / ONE_IN, probes: [] };
    case "orderBook":
      return { ...one, bids: levels(one.bids), asks: levels(one.asks) };
    default:
      return one;
  }
}

function coins(of: readonly CurveCoin[]): readonly CurveCoin[] {
  return of.map((coin) => ({ ...coin, balance: coin.balance / ONE_IN }));
}

function levels(of: readonly BookLevel[]): readonly BookLevel[] {
  return of.map(([price, size]) => [price, size / Number(ONE_IN)] as const);
}

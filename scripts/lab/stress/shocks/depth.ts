import type { BookLevel, CurveCoin, Observation } from "../../../../keeper/domain/observation.ts";

/** Parts of which a share of whole numbers is counted. */
const PARTS = 1e12;

/** A pool or book of which the share `kept` (0 to 1) is left at every price alike; anything else as it is. */
export function withDepth(one: Observation, kept: number): Observation {
  const share = (amount: bigint) => (amount * BigInt(Math.round(kept * PARTS))) / BigInt(PARTS);
  const coins = (of: readonly CurveCoin[]) => of.map((coin) => ({ ...coin, balance: share(coin.balance) }));
  const levels = (of: readonly BookLevel[]) => of.map(([price, size]) => [price, size * kept] as const);
  switch (one.kind) {
    case "pool": {
      const ticks = one.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet: share(liquidityNet) }));
      return { ...one, liquidity: share(one.liquidity), ticks };
    }
    // A smaller Curve pool answers otherwise than the one that was asked, so its probes go.
    case "stableSwapPool":
      return { ...one, coins: coins(one.coins), probes: [] };
    case "cryptoSwapPool":
      return { ...one, coins: coins(one.coins), invariant: share(one.invariant), probes: [] };
    case "orderBook":
      return { ...one, bids: levels(one.bids), asks: levels(one.asks) };
    default:
      return one;
  }
}

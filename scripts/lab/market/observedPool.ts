import type { PoolState } from "../../../keeper/domain/observation.ts";
import { sourceName } from "../../../keeper/domain/sourceNames.ts";
import { getTickAtSqrtRatio } from "../uniswapV3/tickMath.ts";
import { breakEven } from "./liquidation.ts";
import type { RuleView } from "./rules.ts";

const [FEE_PIPS, SPACING, LAST_TICK] = [500, 10, 887_270];
const FLASH_FEE = 0.0005;

type Standing = Pick<RuleView, "time" | "prices" | "fullDepthTokens" | "soldTokens">;

/**
 * The market's pool as a Uniswap v3 pool over the full range, as a keeper would read it: it is at the price that the sales
 * so far have left, and takes to the slippage of the bonus what the market's own curve takes. For the constant-product
 * depth of `lab market` it is that pool; of another curve it has the price and that one depth.
 */
export function standingPool(view: Standing, bonus: number, name: string): PoolState {
  const { time, fullDepthTokens, soldTokens, prices } = view;
  const kept = 1 - FEE_PIPS / 1e6;
  // Room of a constant product: reserve (sqrt(kept / price) - 1).
  const reserve = fullDepthTokens / (Math.sqrt(kept / breakEven({ bonus, flashFee: FLASH_FEE })) - 1);
  const price = (prices.at(-1) as number) * (reserve / (reserve + soldTokens)) ** 2;
  const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(1e12 / price) * 2 ** 48)) * 2n ** 48n;
  const liquidity = BigInt(Math.max(1, Math.round((reserve + soldTokens) * Math.sqrt(price) * 1e12)));
  return {
    ...{ kind: "pool", source: sourceName.pool(name), pool: "0x", blockNumber: 1n, eventTime: time },
    token0: { address: "0x01", symbol: "USDC", decimals: 6 },
    token1: { address: "0x02", symbol: "WETH", decimals: 18 },
    ...{ feePips: FEE_PIPS, tickSpacing: SPACING, sqrtPriceX96, liquidity },
    tick: getTickAtSqrtRatio(sqrtPriceX96),
    ticks: [
      { index: -LAST_TICK, liquidityNet: liquidity },
      { index: LAST_TICK, liquidityNet: -liquidity },
    ],
  };
}

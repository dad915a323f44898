import { createRequire } from "node:module";
import type { PoolState } from "../../keeper/domain/observation.ts";

// The package's ES build does not load in Node (it imports folders); its CommonJS build does.
const require = createRequire(import.meta.url);
const { Pool, TickListDataProvider } = require("@uniswap/v3-sdk") as typeof import("@uniswap/v3-sdk");
const { CurrencyAmount, Token } = require("@uniswap/sdk-core") as typeof import("@uniswap/sdk-core");

export type SdkSale = {
  readonly amountOut: bigint;
  readonly sqrtPriceX96After: bigint;
  readonly tickAfter: number;
  readonly liquidityAfter: bigint;
};

/** A pool as Uniswap's own JavaScript library sees it. @throws when its ticks do not add up */
export function sdkPool(state: PoolState): { sell(zeroForOne: boolean, amountIn: bigint): Promise<SdkSale> } {
  const token0 = new Token(1, "0x0000000000000000000000000000000000000001", state.token0.decimals);
  const token1 = new Token(1, "0x0000000000000000000000000000000000000002", state.token1.decimals);
  const ticks = state.ticks.map(({ index, liquidityNet }) => ({
    index,
    liquidityNet: liquidityNet.toString(),
    liquidityGross: (liquidityNet < 0n ? -liquidityNet : liquidityNet).toString(),
  }));
  const pool = new Pool(
    token0,
    token1,
    state.feePips,
    state.sqrtPriceX96.toString(),
    state.liquidity.toString(),
    state.tick,
    new TickListDataProvider(ticks, state.tickSpacing),
  );
  return {
    async sell(zeroForOne, amountIn) {
      const input = CurrencyAmount.fromRawAmount(zeroForOne ? token0 : token1, amountIn.toString());
      const [output, after] = await pool.getOutputAmount(input);
      return {
        amountOut: BigInt(output.quotient.toString()),
        sqrtPriceX96After: BigInt(after.sqrtRatioX96.toString()),
        tickAfter: after.tickCurrent,
        liquidityAfter: BigInt(after.liquidity.toString()),
      };
    },
  };
}

import { TonsorError } from "../../../keeper/domain/errors.ts";
import { MAINNET_ADDRESSES as AT, POOLS, type PoolName, TOKEN_DECIMALS, type TokenName } from "./addresses.ts";
import { ownArtifact } from "./artifacts.ts";
import { type ReplicaClient, write } from "./node.ts";
import { scaledUsd, sqrtPriceX96At, usdOfToken1 } from "./sqrtPrice.ts";
import { uniswapArtifacts } from "./uniswap.ts";

type Address = `0x${string}`;

/** USD price by collateral. */
export type UsdPrices = { readonly WETH: number; readonly WBTC: number };

const MAX_UINT128 = 2n ** 128n - 1n;
/** More than any pool can take: the swap ends at its price limit. */
const ENOUGH = 10n ** 30n;
const FOREVER = 2n ** 40n;
const MAX_SWAPS = 200;

/**
 * Brings the replica's market to the given USD prices the way an arbitrageur would: swaps through both pools until
 * each stands at its price exactly (the trader's tokens are minted), then updates both feeds. One swap goes 20 % of
 * the price at most, so that it fits in a transaction.
 */
export async function movePrice(client: ReplicaClient, trader: Address, prices: UsdPrices): Promise<void> {
  await movePools(client, trader, prices);
  await setFeeds(client, trader, prices);
}

/** The pools alone: what the feeds answer stays as it is. */
export async function movePools(client: ReplicaClient, trader: Address, prices: UsdPrices): Promise<void> {
  const usd: Record<TokenName, number> = { USDC: 1, ...prices };
  const worth = (name: TokenName) => ({ usd: usd[name], decimals: TOKEN_DECIMALS[name] });
  for (const name of Object.keys(POOLS) as PoolName[]) {
    const { token0, token1 } = POOLS[name];
    await swapTo(client, trader, name, sqrtPriceX96At(worth(token0), worth(token1)));
  }
}

/** The USD prices at which the pools stand, with USDC at one dollar. */
export async function pricesOf(client: ReplicaClient): Promise<UsdPrices> {
  const usdc = { usd: 1, decimals: TOKEN_DECIMALS.USDC };
  const weth = usdOfToken1(await priceOf(client, "USDC/WETH-0.05%"), usdc, TOKEN_DECIMALS.WETH);
  const root = Number(await priceOf(client, "WBTC/WETH-0.3%")) / 2 ** 96;
  return { WETH: weth, WBTC: root * root * weth * 10 ** (TOKEN_DECIMALS.WBTC - TOKEN_DECIMALS.WETH) };
}

/** Makes both feeds answer these prices, observed now. */
export async function setFeeds(client: ReplicaClient, from: Address, prices: UsdPrices): Promise<void> {
  const feed = ownArtifact("test/mocks/MockPriceFeed");
  for (const name of ["WETH", "WBTC"] as const) {
    await write(client, from, AT.feeds[name], feed.abi, "setAnswer", [scaledUsd(prices[name])]);
  }
}

/** Mints the trader all it may ever need and lets the router take it. */
export async function equipTrader(client: ReplicaClient, trader: Address): Promise<void> {
  const { abi } = ownArtifact("test/mocks/MockERC20");
  for (const token of Object.values(AT.tokens)) {
    await write(client, trader, token, abi, "mint", [trader, MAX_UINT128]);
    await write(client, trader, token, abi, "approve", [AT.router, 2n ** 256n - 1n]);
  }
}

async function swapTo(client: ReplicaClient, trader: Address, name: PoolName, target: bigint): Promise<void> {
  const { router } = uniswapArtifacts();
  const { token0, token1, feePips } = POOLS[name];
  for (let swaps = 0; swaps < MAX_SWAPS; swaps++) {
    const now = await priceOf(client, name);
    if (now === target) return;
    const down = target < now;
    // Square root of the price: 10 % of it is about 20 % of the price.
    const step = down ? (now * 9n) / 10n : (now * 11n) / 10n;
    const limit = down ? (step > target ? step : target) : step < target ? step : target;
    const swap = {
      tokenIn: AT.tokens[down ? token0 : token1],
      tokenOut: AT.tokens[down ? token1 : token0],
      fee: feePips,
      recipient: trader,
      deadline: FOREVER,
      amountIn: ENOUGH,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: limit,
    };
    await write(client, trader, AT.router, router.abi, "exactInputSingle", [swap]);
  }
  throw new TonsorError("RPC_FAILED", `pool ${name} did not reach its price in ${MAX_SWAPS} swaps`, { given: target });
}

/** Returns the pool's price as slot0 has it, Q64.96. */
async function priceOf(client: ReplicaClient, name: PoolName): Promise<bigint> {
  const { abi } = uniswapArtifacts().pool;
  const slot0 = await client.readContract({ address: AT.pools[name], abi, functionName: "slot0" });
  return (slot0 as readonly [bigint, number])[0];
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { encodeFunctionData, type Hex } from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { MAINNET_ADDRESSES as AT, POOLS, type PoolName, TOKEN_DECIMALS } from "./addresses.ts";
import { ownArtifact } from "./artifacts.ts";
import { generatedTickMap } from "./generatedTickMap.ts";
import { mined, type ReplicaClient, send } from "./node.ts";
import { toPositions } from "./positions.ts";
import { sqrtPriceX96At } from "./sqrtPrice.ts";
import { readTickMap, type TickMap } from "./tickMap.ts";
import { createPool } from "./uniswap.ts";

/** Positions minted in one transaction; about 0.35 million gas each, within the 16.8 million of EIP-7825. */
const POSITIONS_PER_TRANSACTION = 36;

const RECORDED: Record<PoolName, string> = {
  "USDC/WETH-0.05%": "uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz",
  "WBTC/WETH-0.3%": "uniswap_v3/pool_WBTC_WETH_03_block_24407242.json.gz",
};

/** What the generated pools start from: prices and in-range liquidity of the recorded ones, rounded. */
const GENERATED_USD = { USDC: 1, WETH: 2950, WBTC: 89_000 } as const;
const GENERATED_LIQUIDITY: Record<PoolName, bigint> = {
  "USDC/WETH-0.05%": 11_000_000_000_000_000_000n,
  "WBTC/WETH-0.3%": 78_000_000_000_000_000n,
};

/** Returns the liquidity of one pool: recorded when `folder` holds the recording, else generated. */
export function tickMapOf(name: PoolName, folder: string | null): TickMap {
  const file = folder === null ? null : join(folder, RECORDED[name]);
  if (file !== null && existsSync(file)) return readTickMap(file);
  const { token0, token1, feePips, tickSpacing } = POOLS[name];
  const sqrtPriceX96 = sqrtPriceX96At(
    { usd: GENERATED_USD[token0], decimals: TOKEN_DECIMALS[token0] },
    { usd: GENERATED_USD[token1], decimals: TOKEN_DECIMALS[token1] },
  );
  return generatedTickMap({ feePips, tickSpacing, sqrtPriceX96, liquidity: GENERATED_LIQUIDITY[name] });
}

/** Creates the pool and mints its whole tick map, by real mints. */
export async function seedPool(
  client: ReplicaClient,
  from: `0x${string}`,
  name: PoolName,
  map: TickMap,
): Promise<void> {
  await createPool(client, from, name, map.sqrtPriceX96);
  const { abi, bytecode } = ownArtifact("test/mocks/LiquiditySeeder");
  const [seeder] = await mined(client, [await send(client, { from, data: bytecode })]);
  if (seeder === undefined || seeder === null) throw new TonsorError("RPC_FAILED", "the seeder was not created");
  const positions = toPositions(map.ticks);
  const hashes: Hex[] = [];
  for (let i = 0; i < positions.length; i += POSITIONS_PER_TRANSACTION) {
    const args = [AT.pools[name], positions.slice(i, i + POSITIONS_PER_TRANSACTION)];
    const data = encodeFunctionData({ abi, functionName: "seed", args });
    hashes.push(await send(client, { from, to: seeder, data }));
  }
  await mined(client, hashes);
}

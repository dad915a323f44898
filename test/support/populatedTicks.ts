import { createPublicClient, http } from "viem";
import { MAINNET_ADDRESSES } from "../../scripts/lab/replica/addresses.ts";
import type { MapTick } from "../../scripts/lab/replica/tickMap.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";

/** Returns every initialised tick of a pool, ascending, read through the TickLens that stands beside it. */
export async function populatedTicks(url: string, pool: string, tickSpacing: number): Promise<MapTick[]> {
  const client = createPublicClient({ transport: http(url, { batch: { batchSize: 200 } }) });
  const { abi } = uniswapArtifacts().tickLens;
  const lastWord = Math.floor(887_272 / tickSpacing / 256) + 1;
  const words = Array.from({ length: 2 * lastWord + 1 }, (_, i) => i - lastWord);
  const lens = { address: MAINNET_ADDRESSES.tickLens, abi, functionName: "getPopulatedTicksInWord" } as const;
  const found = await Promise.all(words.map((word) => client.readContract({ ...lens, args: [pool, word] })));
  return (found as { tick: number; liquidityNet: bigint; liquidityGross: bigint }[][])
    .flat()
    .map(({ tick, liquidityNet, liquidityGross }) => ({ index: tick, liquidityNet, liquidityGross }))
    .sort((a, b) => a.index - b.index);
}

import { type Abi, getAddress, type Hex, parseAbi } from "viem";
import type { Observed, PoolState } from "../../domain/observation.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { type ContractRead, faultOfRead, ReadFault, readAll } from "../contractReads.ts";
import { readToken } from "../token.ts";
import { setBits, wordRange } from "./bitmap.ts";
import { parsePool } from "./parsePool.ts";

/** A pool by its name in governance files, e.g. "USDC/WETH-0.05%", and its address. */
export type PoolRef = { readonly name: string; readonly address: Hex };

/** Reader of Uniswap v3 pools; what never changes of a pool (tokens, fee, spacing) is asked once and remembered. */
type UniswapV3 = {
  /**
   * States of the pools at one block, in their order. A pool that cannot be read costs only itself: null with a fault.
   * @throws TonsorError WRONG_CHAIN, for then nothing that was read means anything
   */
  readPools(pools: readonly PoolRef[], block: Block, signal?: AbortSignal): Promise<readonly Observed<PoolState>[]>;
};

type Constants = Pick<PoolState, "token0" | "token1" | "feePips" | "tickSpacing">;

const POOL = parseAbi([
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function fee() view returns (uint24)",
  "function tickSpacing() view returns (int24)",
  "function token0() view returns (address)",
  "function token1() view returns (address)",
  "function tickBitmap(int16 word) view returns (uint256)",
  "function ticks(int24 tick) view returns (uint128 gross, int128 net, uint256, uint256, int56, uint160, uint32, bool)",
]);
/**
 * Uniswap v3 through a JSON-RPC node, without helper contracts: price, liquidity, every word of the tick bitmap and
 * every initialised tick, all at one explicit block, in three rounds of batched calls.
 *
 * @example uniswapV3(rpc).readPools([{ name: "USDC/WETH-0.05%", address }], await rpc.block("latest"))
 */
export function uniswapV3(rpc: Rpc): UniswapV3 {
  const known = new Map<Hex, Constants>();

  async function readPool(ref: PoolRef, block: Block, signal?: AbortSignal): Promise<Observed<PoolState>> {
    const source = `uniswapV3:${ref.name}`;
    const read: Read = (abi, reads) => readAll(rpc, abi, reads, block.number, signal);
    try {
      const to = ref.address;
      const constants = known.get(to) ?? (await readConstants(to, read));
      known.set(to, constants);
      const { tickSpacing } = constants;
      const words = wordRange(tickSpacing);
      const [[slot0], [liquidity], bitmap] = await Promise.all([
        read<readonly [bigint, number]>(POOL, [[to, "slot0"]]),
        read<bigint>(POOL, [[to, "liquidity"]]),
        read<bigint>(
          POOL,
          words.map((word) => [to, "tickBitmap", word] as const),
        ),
      ]);
      const indices = words.flatMap((word, i) => setBits(bitmap[i] ?? 0n, word, tickSpacing));
      const ticks = await read<readonly [bigint, bigint]>(
        POOL,
        indices.map((index) => [to, "ticks", index] as const),
      );
      return parsePool({
        source,
        pool: getAddress(to),
        block,
        ...constants,
        sqrtPriceX96: slot0?.[0] ?? 0n,
        tick: slot0?.[1] ?? 0,
        liquidity: liquidity ?? 0n,
        ticks: indices.map((index, i) => ({
          index,
          liquidityGross: ticks[i]?.[0] ?? 0n,
          liquidityNet: ticks[i]?.[1] ?? 0n,
        })),
      });
    } catch (error) {
      return { source, observation: null, faults: [faultOfRead(error, source)] };
    }
  }

  return { readPools: (pools, block, signal) => Promise.all(pools.map((pool) => readPool(pool, block, signal))) };
}

type Read = <T>(abi: Abi, reads: readonly ContractRead[]) => Promise<T[]>;

async function readConstants(pool: Hex, read: Read): Promise<Constants> {
  const [numbers, tokens] = await Promise.all([
    read<number>(POOL, [
      [pool, "fee"],
      [pool, "tickSpacing"],
    ]),
    read<Hex>(POOL, [
      [pool, "token0"],
      [pool, "token1"],
    ]),
  ]);
  const [feePips = 0, tickSpacing = 0] = numbers;
  if (!(feePips > 0 && feePips < 1e6 && tickSpacing > 0 && tickSpacing < 16_384)) {
    throw new ReadFault("INCONSISTENT", `fee ${feePips}, tick spacing ${tickSpacing}: not a Uniswap v3 pool`);
  }
  const [token0, token1] = await Promise.all(tokens.map((token) => readToken(token, read)));
  if (token0 === undefined || token1 === undefined) throw new ReadFault("SCHEMA", "a pool needs two tokens");
  return { feePips, tickSpacing, token0, token1 };
}

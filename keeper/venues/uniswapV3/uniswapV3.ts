import { getAddress, type Hex, parseAbi } from "viem";
import { TonsorError } from "../../domain/errors.ts";
import { fault } from "../../domain/fault.ts";
import type { Observed, PoolMemory, PoolState } from "../../domain/observation.ts";
import { type MemoryWindow, sourceName } from "../../domain/sourceNames.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { faultOfRead, type ReadContracts, ReadFault, readAll, readToken } from "../contractReads.ts";
import { refused } from "../parse.ts";
import type { PoolRef, Venue } from "../venue.ts";
import { type KnownTicks, lensCall, parsePool, parsePoolMemory, readLens, setBits, wordRange } from "./parse.ts";

type Constants = Pick<PoolState, "token0" | "token1" | "feePips" | "tickSpacing">;

const POOL = parseAbi([
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16 index, uint16 cardinality, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function fee() view returns (uint24)",
  "function tickSpacing() view returns (int24)",
  "function token0() view returns (address)",
  "function token1() view returns (address)",
  "function tickBitmap(int16 word) view returns (uint256)",
  "function ticks(int24 tick) view returns (uint128 gross, int128 net, uint256, uint256, int56, uint160, uint32, bool)",
  "function observations(uint256) view returns (uint32 time, int56, uint160, bool initialized)",
  "function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidity)",
]);

/**
 * Uniswap v3 through a JSON-RPC node, without contracts of ours on the chain: price, liquidity, every word of the tick bitmap
 * and every initialised tick, all at one block. One call of code sent along reads all of it and gives the ticks only where
 * they are not those of the last look; where that fails, three rounds of calls do, and say what is wrong. Tokens, fee and
 * spacing are asked once.
 */
export const uniswapV3 = {
  id: "uniswapV3",
  pools: (rpc) => readPools(rpc),
} as const satisfies Venue;

/** @example await uniswapV3.pools(rpc)([{ name: "USDC/WETH-0.05%", address }], await rpc.block("latest")) */
function readPools(rpc: Rpc) {
  const known = new Map<Hex, Constants>();
  const ticks = new Map<Hex, KnownTicks>();
  /** How often in a row a pool was read only without the lens: the node does not run code that is sent along. */
  let refusals = 0;

  async function throughLens(pool: Hex, spacing: number, block: Block, signal?: AbortSignal) {
    if (refusals >= MOST_REFUSALS) return null;
    const last = ticks.get(pool);
    const [answer] = await rpc.calls([lensCall(pool, spacing, wordRange(spacing), last)], block.number, signal);
    const seen = readLens(answer, last);
    if (seen === null || seen.ticks.length > MOST_TICKS) return null;
    refusals = 0;
    ticks.set(pool, { hash: seen.hash, ticks: seen.ticks });
    return seen;
  }

  async function readPool(ref: PoolRef, block: Block, signal?: AbortSignal): Promise<Observed<PoolState>> {
    const source = sourceName.pool(ref.name);
    const read: ReadContracts = (abi, reads) => readAll(rpc, abi, reads, block.number, signal);
    try {
      const to = ref.address;
      const constants = known.get(to) ?? (await readConstants(to, read));
      known.set(to, constants);
      const seen = await throughLens(to, constants.tickSpacing, block, signal);
      const state = seen ?? (await readState(to, constants.tickSpacing, read));
      if (seen === null) refusals += 1;
      const { sqrtPriceX96, tick, liquidity, ticks } = state;
      return parsePool({ source, pool: getAddress(to), block, ...constants, sqrtPriceX96, tick, liquidity, ticks });
    } catch (error) {
      return refused(faultOfRead(error, source));
    }
  }

  return (pools: readonly PoolRef[], block: Block, signal?: AbortSignal): Promise<readonly Observed<PoolState>[]> =>
    Promise.all(pools.map((pool) => readPool(pool, block, signal)));
}

/** What changes of a pool, call by call. */
async function readState(to: Hex, tickSpacing: number, read: ReadContracts) {
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
  if (indices.length > MOST_TICKS) {
    throw new ReadFault("TOO_LARGE", `${indices.length} initialised ticks, at most ${MOST_TICKS}`);
  }
  const ticks = await read<readonly [bigint, bigint]>(
    POOL,
    indices.map((index) => [to, "ticks", index] as const),
  );
  return {
    sqrtPriceX96: slot0?.[0] ?? 0n,
    tick: slot0?.[1] ?? 0,
    liquidity: liquidity ?? 0n,
    ticks: indices.map((index, i) => ({
      index,
      liquidityGross: ticks[i]?.[0] ?? 0n,
      liquidityNet: ticks[i]?.[1] ?? 0n,
    })),
  };
}

/** After so many pools in a row that only calls one by one could read, the lens is not tried again. */
const MOST_REFUSALS = 30;

/** Ten times what the largest pools of mainnet hold: a bitmap with every bit set would ask for a million of them. */
const MOST_TICKS = 20_000;

async function readConstants(pool: Hex, read: ReadContracts): Promise<Constants> {
  const reads = (...names: readonly string[]) => names.map((name) => [pool, name] as const);
  const [numbers, tokens] = await Promise.all([
    read<number>(POOL, reads("fee", "tickSpacing")),
    read<Hex>(POOL, reads("token0", "token1")),
  ]);
  const [feePips = 0, tickSpacing = 0] = numbers;
  if (!(feePips > 0 && feePips < 1e6 && tickSpacing > 0 && tickSpacing < 16_384)) {
    throw new ReadFault("INCONSISTENT", `fee ${feePips}, tick spacing ${tickSpacing}: not a Uniswap v3 pool`);
  }
  const [token0, token1] = await Promise.all(tokens.map((token) => readToken(token, read)));
  if (token0 === undefined || token1 === undefined) throw new ReadFault("SCHEMA", "a pool needs two tokens");
  return { feePips, tickSpacing, token0, token1 };
}

/**
 * Time-weighted price and in-range liquidity of a pool's past, from its own oracle at one block. Where it remembers less than the
 * window (`increaseObservationCardinalityNext`) the youngest parts are given, with GAP counting the missing ones; TOO_FEW, and no
 * memory, when not even one part fits.
 * @throws TonsorError OUT_OF_RANGE for a window without length, WRONG_CHAIN
 * @example await readPoolMemory(rpc, { name: "USDC/WETH-0.05%", address }, block, { partSeconds: 3600, parts: 24 })
 */
export async function readPoolMemory(
  rpc: Rpc,
  ref: PoolRef,
  block: Block,
  window: MemoryWindow,
  signal?: AbortSignal,
): Promise<Observed<PoolMemory>> {
  const { partSeconds, parts } = window;
  check("partSeconds", partSeconds);
  check("parts", parts);
  const source = sourceName.memory(ref.name, window);
  try {
    const read = <T>(functionName: string, ...args: unknown[]) =>
      readAll<T>(rpc, POOL, [[ref.address, functionName, ...args]], block.number, signal);
    const reaches = await reachOf(read, block);
    const fitting = Math.min(parts, Math.floor(reaches / partSeconds));
    const few = `remembers ${reaches} s, asked for ${partSeconds} s a part`;
    if (fitting < 1) return refused(fault("TOO_FEW", source, few));
    const secondsAgos = Array.from({ length: fitting + 1 }, (_, at) => (fitting - at) * partSeconds);
    const [observed] = await read<readonly [readonly bigint[], readonly bigint[]]>("observe", secondsAgos);
    const [tickCumulatives = [], secondsPerLiquidityX128 = []] = observed ?? [];
    const pool = getAddress(ref.address);
    const parsed = parsePoolMemory({ source, pool, block, secondsAgos, tickCumulatives, secondsPerLiquidityX128 });
    if ("fault" in parsed) return refused(parsed.fault);
    const missing = parts - fitting;
    const gap = fault("GAP", source, `remembers ${reaches} s of the ${parts * partSeconds} s asked for`, missing);
    return { source, observation: parsed.memory, faults: missing > 0 ? [gap] : [] };
  } catch (error) {
    return refused(faultOfRead(error, source));
  }
}

/** Seconds from the pool's oldest reading to the block. */
async function reachOf(
  read: <T>(functionName: string, ...args: unknown[]) => Promise<T[]>,
  block: Block,
): Promise<number> {
  const [slot0] = await read<readonly [bigint, number, number, number]>("slot0");
  const [, , index = 0, cardinality = 0] = slot0 ?? [];
  const next = cardinality === 0 ? 0 : (index + 1) % cardinality;
  type Reading = readonly [time: number, bigint, bigint, initialized: boolean];
  const [oldest] = await read<Reading>("observations", BigInt(next));
  const [first] = oldest?.[3] === true ? [oldest] : await read<Reading>("observations", 0n);
  return first?.[3] === true ? Math.max(0, block.timestamp - first[0]) : 0;
}

function check(field: string, given: number): void {
  if (Number.isInteger(given) && given >= 1) return;
  const facts = { field, given, expected: "a whole number >= 1" };
  throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, facts);
}

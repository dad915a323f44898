import { getAddress, parseAbi } from "viem";
import { TonsorError } from "../../domain/errors.ts";
import { type Fault, fault } from "../../domain/fault.ts";
import type { Observed, PoolMemory } from "../../domain/observation.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { faultOfRead, readAll } from "../contractReads.ts";
import { parsePoolMemory } from "./poolMemory.ts";
import type { PoolRef } from "./uniswapV3.ts";

/** How far back to ask: `parts` equal stretches of `partSeconds` each. */
type MemoryWindow = { readonly partSeconds: number; readonly parts: number };

/** Source name of a pool's memory. @example memorySource("USDC/WETH-0.05%", { parts: 48, partSeconds: 1800 }) // "uniswapV3:USDC/WETH-0.05%:memory/48x1800" */
export function memorySource(name: string, { parts, partSeconds }: MemoryWindow): string {
  return `uniswapV3:${name}:memory/${parts}x${partSeconds}`;
}

/** The pool and the window that a source name of `memorySource` means; null for any other. */
export function memoryNamed(source: string): { readonly name: string; readonly window: MemoryWindow } | null {
  const [, name, parts, partSeconds] = /^uniswapV3:(.+):memory\/(\d+)x(\d+)$/.exec(source) ?? [];
  if (name === undefined) return null;
  return { name, window: { parts: Number(parts), partSeconds: Number(partSeconds) } };
}

const POOL = parseAbi([
  "function slot0() view returns (uint160, int24, uint16 index, uint16 cardinality, uint16, uint8, bool)",
  "function observations(uint256) view returns (uint32 time, int56, uint160, bool initialized)",
  "function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidity)",
]);

/**
 * Time-weighted price and in-range liquidity of a pool's past, from its own oracle at one block: nobody has to have been
 * looking. A pool remembers only as many readings as somebody paid for (`increaseObservationCardinalityNext`): of a
 * window that reaches further back the youngest parts are given, with GAP counting the missing ones; TOO_FEW, and no
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
  const source = memorySource(ref.name, window);
  const none = (why: Fault): Observed<PoolMemory> => ({ source, observation: null, faults: [why] });
  try {
    const reaches = await reachOf(rpc, ref, block, signal);
    const fitting = Math.min(parts, Math.floor(reaches / partSeconds));
    if (fitting < 1) return none(fault("TOO_FEW", source, `remembers ${reaches} s, asked for ${partSeconds} s a part`));
    const secondsAgos = Array.from({ length: fitting + 1 }, (_, at) => (fitting - at) * partSeconds);
    const [observed] = await readAll<readonly [readonly bigint[], readonly bigint[]]>(
      rpc,
      POOL,
      [[ref.address, "observe", secondsAgos]],
      block.number,
      signal,
    );
    const [tickCumulatives = [], secondsPerLiquidityX128 = []] = observed ?? [];
    const pool = getAddress(ref.address);
    const parsed = parsePoolMemory({ source, pool, block, secondsAgos, tickCumulatives, secondsPerLiquidityX128 });
    if ("fault" in parsed) return none(parsed.fault);
    const missing = parts - fitting;
    const gap = fault("GAP", source, `remembers ${reaches} s of the ${parts * partSeconds} s asked for`, missing);
    return { source, observation: parsed.memory, faults: missing > 0 ? [gap] : [] };
  } catch (error) {
    return none(faultOfRead(error, source));
  }
}

/** Seconds from the pool's oldest reading to the block. */
async function reachOf(rpc: Rpc, ref: PoolRef, block: Block, signal?: AbortSignal): Promise<number> {
  const read = <T>(functionName: string, ...args: unknown[]) =>
    readAll<T>(rpc, POOL, [[ref.address, functionName, ...args]], block.number, signal);
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

import { type Fault, type FaultCode, fault } from "../../domain/fault.ts";
import type { Observed, PoolMemory, PoolState, PoolStretch } from "../../domain/observation.ts";
import type { Block } from "../../io/rpc.ts";
import { refused } from "../parse.ts";

/** Lowest and highest tick of any pool, as in v3-core. */
const MAX_TICK = 887_272;

/** What was read of a pool, decoded and unchecked. */
type RawPool = Omit<PoolState, "kind" | "blockNumber" | "eventTime" | "ticks"> & {
  readonly block: Block;
  readonly ticks: readonly { readonly index: number; readonly liquidityNet: bigint; readonly liquidityGross: bigint }[];
};

const LN_TICK = Math.log1p(1e-4);
const MIN_SQRT_RATIO = 4295128739n;
const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;
const MAX_UINT160 = 2n ** 160n - 1n;

/**
 * State of a pool from what was read, or the fault that makes it unusable. Its parts must agree: a pool read across two
 * blocks, from a damaged archive or by a lying node does not add up.
 *
 * NOT_POSITIVE: no price was ever set. EMPTY: no initialised tick. DUPLICATE, OUT_OF_ORDER: ticks not strictly rising.
 * INCONSISTENT: price out of range or not at its tick; ticks off the spacing or the range; net above gross; the nets up
 * to the current tick not equal to the liquidity in range, below zero somewhere, or not zero in all; tokens alike or
 * with more than 36 decimals.
 */
export function parsePool(raw: RawPool): Observed<PoolState> {
  const { source, block, ticks, ...rest } = raw;
  const found = priceFault(raw) ?? tokenFault(raw) ?? tickFault(raw) ?? liquidityFault(raw);
  if (found !== null) return refused(fault(found[0], source, found[1]));
  const observation: PoolState = {
    kind: "pool",
    source,
    ...rest,
    blockNumber: block.number,
    eventTime: block.timestamp,
    ticks: ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet })),
  };
  return { source, observation, faults: [] };
}

type Finding = readonly [code: FaultCode, detail: string] | null;

function priceFault({ sqrtPriceX96, tick }: RawPool): Finding {
  if (sqrtPriceX96 === 0n) return ["NOT_POSITIVE", "the pool was never given a price"];
  if (sqrtPriceX96 < MIN_SQRT_RATIO || sqrtPriceX96 >= MAX_SQRT_RATIO) {
    return ["INCONSISTENT", `square-root price ${sqrtPriceX96} outside of the range of v3-core`];
  }
  // A swap that ends on a tick on its way down leaves the tick one below the price, so both ends are allowed.
  const exact = (2 * Math.log(Number(sqrtPriceX96) / 2 ** 96)) / LN_TICK;
  if (exact > tick - 1e-6 && exact < tick + 1 + 1e-6) return null;
  return ["INCONSISTENT", `tick ${tick}, but the price lies at ${exact.toFixed(3)}`];
}

function tokenFault({ token0, token1 }: RawPool): Finding {
  if (token0.address.toLowerCase() >= token1.address.toLowerCase()) {
    return ["INCONSISTENT", `token0 ${token0.address} must sort before token1 ${token1.address}`];
  }
  const odd = [token0, token1].find(({ decimals }) => !Number.isInteger(decimals) || decimals < 0 || decimals > 36);
  return odd === undefined ? null : ["INCONSISTENT", `${odd.symbol} has ${odd.decimals} decimals, expected 0 to 36`];
}

function tickFault({ ticks, tickSpacing }: RawPool): Finding {
  let previous = Number.NEGATIVE_INFINITY;
  for (const { index, liquidityNet, liquidityGross } of ticks) {
    if (index === previous) return ["DUPLICATE", `tick ${index} twice`];
    if (index < previous) return ["OUT_OF_ORDER", `tick ${index} after ${previous}`];
    if (index % tickSpacing !== 0)
      return ["INCONSISTENT", `tick ${index} is no multiple of the spacing ${tickSpacing}`];
    if (Math.abs(index) > MAX_TICK) return ["INCONSISTENT", `tick ${index} outside of +-${MAX_TICK}`];
    const net = liquidityNet < 0n ? -liquidityNet : liquidityNet;
    if (liquidityGross === 0n || net > liquidityGross) {
      return ["INCONSISTENT", `tick ${index}: net ${liquidityNet} against gross ${liquidityGross}`];
    }
    previous = index;
  }
  return ticks.length === 0 ? ["EMPTY", "no initialised tick"] : null;
}

function liquidityFault({ ticks, tick, liquidity }: RawPool): Finding {
  let running = 0n;
  let inRange = 0n;
  for (const { index, liquidityNet } of ticks) {
    running += liquidityNet;
    if (running < 0n) return ["INCONSISTENT", `liquidity ${running} below zero above tick ${index}`];
    if (index <= tick) inRange = running;
  }
  if (running !== 0n) return ["INCONSISTENT", `liquidity ${running} left above the highest tick, expected 0`];
  if (inRange === liquidity) return null;
  return ["INCONSISTENT", `ticks add up to ${inRange} in range, the pool says ${liquidity}`];
}

/** One answer of `observe(secondsAgos)`, decoded. */
type RawMemory = {
  readonly source: string;
  readonly pool: string;
  readonly block: Pick<Block, "number" | "timestamp">;
  /** Falling, the last one 0. */
  readonly secondsAgos: readonly number[];
  readonly tickCumulatives: readonly bigint[];
  readonly secondsPerLiquidityX128: readonly bigint[];
};

/**
 * Means of tick and liquidity between the readings of a pool's oracle, by the arithmetic of Uniswap's OracleLibrary
 * (v3-periphery `consult`), wrapped counters included; or the fault that makes them unusable: INCONSISTENT for lists of
 * different length, a mean tick outside of v3-core's range, or a pool that claims infinite liquidity.
 */
export function parsePoolMemory(raw: RawMemory): { readonly memory: PoolMemory } | { readonly fault: Fault } {
  const { source, pool, block, secondsAgos, tickCumulatives, secondsPerLiquidityX128 } = raw;
  const found = lengthProblem(raw);
  if (found !== null) return { fault: fault(found[0], source, found[1]) };
  const between = (older: number, newer: number): PoolStretch | null => {
    const change = (counter: readonly bigint[]) => (counter[newer] ?? 0n) - (counter[older] ?? 0n);
    const seconds = (secondsAgos[older] ?? 0) - (secondsAgos[newer] ?? 0);
    const ticks = BigInt.asIntN(56, change(tickCumulatives));
    const perLiquidity = BigInt.asUintN(160, change(secondsPerLiquidityX128));
    const meanTick = Number(floorDivide(ticks, BigInt(seconds)));
    if (perLiquidity === 0n || Math.abs(meanTick) > MAX_TICK) return null;
    return {
      from: block.timestamp - (secondsAgos[older] ?? 0),
      to: block.timestamp - (secondsAgos[newer] ?? 0),
      meanTick,
      harmonicLiquidity: BigInt.asUintN(128, (BigInt(seconds) * MAX_UINT160) / (perLiquidity << 32n)),
    };
  };
  const whole = between(0, secondsAgos.length - 1);
  const stretches = secondsAgos.slice(1).flatMap((_, at) => between(at, at + 1) ?? []);
  if (whole === null || stretches.length !== secondsAgos.length - 1) {
    return { fault: fault("INCONSISTENT", source, "the oracle gives a tick out of range or infinite liquidity") };
  }
  const head = { kind: "poolMemory", source, pool, blockNumber: block.number, eventTime: block.timestamp } as const;
  return { memory: { ...head, whole, stretches } };
}

function lengthProblem(raw: RawMemory): Finding {
  const lengths = [raw.secondsAgos, raw.tickCumulatives, raw.secondsPerLiquidityX128].map((list) => list.length);
  if (new Set(lengths).size === 1 && (lengths[0] ?? 0) >= 2) return null;
  return ["INCONSISTENT", `${lengths.join(", ")} readings, expected as many of each and at least 2`];
}

/** Rounds towards minus infinity. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient;
}

/**
 * Positions of all words of a pool's tick bitmap that can hold a usable tick, ascending.
 * @example wordRange(60).length // 116
 */
export function wordRange(tickSpacing: number): number[] {
  const last = Math.floor(MAX_TICK / tickSpacing);
  const first = -last >> 8;
  return Array.from({ length: (last >> 8) - first + 1 }, (_, i) => first + i);
}

/**
 * Ticks whose bit is set in one word, ascending.
 * @example setBits(0b101n, 0, 10) // [0, 20]
 */
export function setBits(word: bigint, position: number, tickSpacing: number): number[] {
  const ticks: number[] = [];
  for (let rest = word, bit = 0; rest !== 0n; rest >>= 1n, bit++) {
    if (rest & 1n) ticks.push((position * 256 + bit) * tickSpacing);
  }
  return ticks;
}

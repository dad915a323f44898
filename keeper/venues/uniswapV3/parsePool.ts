import { type FaultCode, fault } from "../../domain/fault.ts";
import type { Observed, PoolState } from "../../domain/observation.ts";
import type { Block } from "../../io/rpc.ts";
import { MAX_TICK } from "./bitmap.ts";

/** What was read of a pool, decoded and not yet judged. */
export type RawPool = Omit<PoolState, "kind" | "blockNumber" | "eventTime" | "ticks"> & {
  readonly block: Block;
  readonly ticks: readonly { readonly index: number; readonly liquidityNet: bigint; readonly liquidityGross: bigint }[];
};

const LN_TICK = Math.log1p(1e-4);
const MIN_SQRT_RATIO = 4295128739n;
const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;

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
  if (found !== null) return { source, observation: null, faults: [fault(found[0], source, found[1])] };
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

import { type Fault, type FaultCode, fault } from "../../domain/fault.ts";
import type { PoolMemory, PoolStretch } from "../../domain/observation.ts";
import { MAX_TICK } from "./bitmap.ts";

/** One answer of `observe(secondsAgos)`, decoded. */
export type RawMemory = {
  readonly source: string;
  readonly pool: string;
  readonly block: { readonly number: bigint; readonly timestamp: number };
  /** Falling, the last one 0. */
  readonly secondsAgos: readonly number[];
  readonly tickCumulatives: readonly bigint[];
  readonly secondsPerLiquidityX128: readonly bigint[];
};

const MAX_UINT160 = 2n ** 160n - 1n;

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
    const seconds = (secondsAgos[older] ?? 0) - (secondsAgos[newer] ?? 0);
    const ticks = BigInt.asIntN(56, (tickCumulatives[newer] ?? 0n) - (tickCumulatives[older] ?? 0n));
    const perLiquidity = BigInt.asUintN(
      160,
      (secondsPerLiquidityX128[newer] ?? 0n) - (secondsPerLiquidityX128[older] ?? 0n),
    );
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
  return {
    memory: {
      kind: "poolMemory",
      source,
      pool,
      blockNumber: block.number,
      eventTime: block.timestamp,
      whole,
      stretches,
    },
  };
}

function lengthProblem(raw: RawMemory): readonly [FaultCode, string] | null {
  const lengths = [raw.secondsAgos, raw.tickCumulatives, raw.secondsPerLiquidityX128].map((list) => list.length);
  if (new Set(lengths).size === 1 && (lengths[0] ?? 0) >= 2) return null;
  return ["INCONSISTENT", `${lengths.join(", ")} readings, expected as many of each and at least 2`];
}

/** Rounds towards minus infinity. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient;
}

import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { DepthRisk } from "../../../../keeper/domain/risk.ts";
import { robustDepth } from "../../../../keeper/model/depth/robustDepth.ts";

/** Depth over time: Unix seconds, rising, and USD of collateral that sells at the slippage that the bonus pays, > 0. */
export type DepthSeries = { readonly times: Float64Array; readonly values: Float64Array };

/** What the keeper remembers of depth. */
const MEMORY_SECONDS = 28 * DAY_SECONDS;

/**
 * Depth as the live model takes it at `now`: the last reading, and the manipulation-resistant minimum over the 28 days before.
 * Nothing later is read. Nothing at all was read yet: 0.
 */
export function depthAt({ times, values }: DepthSeries, now: number, coldStartShare: number): DepthRisk {
  const last = firstAfter(times, now) - 1;
  const first = firstAfter(times, now - MEMORY_SECONDS);
  const history = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    return [times[first + i] as number, values[first + i] as number] as const;
  });
  const nowUsd = values[last] ?? 0;
  return { maxSlippage: 0, nowUsd, shockedUsd: null, ...robustDepth(history, now, nowUsd, coldStartShare) };
}

function firstAfter(times: Float64Array, now: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= now) low = middle + 1;
    else high = middle;
  }
  return low;
}

import { requireAmount, requireRange } from "../../../keeper/domain/errors.ts";
import type { ModelParameters } from "../../../keeper/domain/parameters.ts";
import { type HaircutInputs, haircut } from "../../../keeper/model/haircut.ts";

/** Size weight of a collateral: `w(Q) = min(w0, 1.1 / (1 + imf sqrt Q))`. */
export type SizeWeight = {
  /** Weight of a small position, [0, 1]. */
  readonly smallWeight: number;
  /** Initial margin fraction, per square root of a USD; infinite when even the smallest size is worth nothing. */
  readonly imf: number;
};

/** Sizes, in slices q, at which the schedule is sampled. */
const SCHEDULE_SLICES = [0.5, 1, 2, 5, 10] as const;

/** [size in USD, haircut] at 0.5, 1, 2, 5 and 10 slices, each as if this size alone had to be sold. */
export function haircutSchedule(
  inputs: HaircutInputs,
  parameters: ModelParameters,
): readonly (readonly [number, number])[] {
  const slice = haircut(inputs, parameters).sliceUsd;
  return SCHEDULE_SLICES.map((slices) => {
    const sizeUsd = slices * slice;
    const only = { ...parameters, largestBorrowerUsd: sizeUsd, supplyCapUsd: sizeUsd };
    return [sizeUsd, haircut(inputs, only).haircut];
  });
}

/**
 * The least imf with `1 - w(Q) >= h(Q)` at every point of the schedule: fitted from above, so the one number kept on
 * chain is nowhere looser than the schedule it stands for. Points that `smallWeight` already covers do not count.
 * @example fitSizeWeight([[1e6, 0.2], [1e8, 0.5]], 0.85) // imf 0.000375
 */
export function fitSizeWeight(
  schedule: readonly (readonly [sizeUsd: number, haircut: number])[],
  smallWeight: number,
): SizeWeight {
  requireRange("smallWeight", smallWeight, 0, 1);
  let imf = 0;
  for (const [sizeUsd, h] of schedule) {
    requireAmount("sizeUsd", sizeUsd);
    requireRange("haircut", h, 0, 1);
    if (smallWeight > 1 - h && sizeUsd > 0) imf = Math.max(imf, (1.1 / (1 - h) - 1) / Math.sqrt(sizeUsd));
  }
  return { smallWeight, imf };
}

import fc from "fast-check";
import type { ModelParameters } from "../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL } from "../../keeper/markets/defaults.ts";
import type { haircut } from "../../keeper/model/haircut.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
/** Amounts spread over many orders of magnitude, zero included. */
const money: fc.Arbitrary<number> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 9, arbitrary: between(0, 12).map((power) => 10 ** power) },
);
const loss = fc.option(between(0, 1), { nil: null });

/** Any finite, non-negative inputs of a haircut. */
export const haircutInputs: fc.Arbitrary<Parameters<typeof haircut>[0]> = fc.record({
  volatility: between(0, 5),
  oracleDeviation: between(0, 0.5),
  historicalLoss: loss,
  riskNeutralLoss: loss,
});

/** Any depth, what is left of it after a fall, and long-run volatility. */
export const marketDepth = fc.record({
  robustUsd: money,
  shockedUsd: fc.option(money, { nil: null }),
  longRun: fc.option(between(0, 3), { nil: null }),
});

/** Governance numbers around the defaults. */
export const modelParameters: fc.Arbitrary<ModelParameters> = fc
  .record({
    liquidationBonus: between(0, 0.3),
    idiosyncratic: between(0, 0.2),
    minimumHorizonHours: between(1, 96),
    refillMinutes: between(1, 240),
    largestBorrowerUsd: money,
    supplyCapUsd: money,
    oracleDeviation: between(0, 0.1),
    degreesOfFreedom: between(2.1, 30),
    depthStressFloor: between(0, 1),
    minimumGap: between(0, 0.1),
    depthShare: between(0, 1),
    stressVolatility: between(1, 5),
    liquidationWindowHours: between(0.1, 168),
    liquidationProfile: fc
      .array(fc.tuple(between(0.001, 0.3), between(0, 1e8)), { maxLength: 4 })
      .map((steps) => cumulative(steps)),
  })
  .map((change) => ({ ...DEFAULT_MODEL, ...change }));

function cumulative(steps: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  let [fall, usd] = [0, 0];
  const points: [number, number][] = [];
  for (const [more, sold] of steps) {
    fall += more;
    usd += sold;
    if (fall < 1) points.push([fall, usd]);
  }
  return points;
}

import type { ModelParameters } from "../domain/parameters.ts";

/**
 * Governance numbers of a major collateral: WETH at a mid-size lender (supply cap 400 million USD). Every number is
 * either a default of MODEL.md or argued here:
 * - `idiosyncratic` 25 bp for what no market datum shows (the wrapper, the lender, the chain).
 * - `liquidationCost` 50 bp: 5 bp pool fee, gas and searcher's margin on a slice of a million USD or more.
 * - `stressVolumeShare` 0.5: half of the average daily volume counts in stress, although crash volume usually rises.
 * - `largestBorrowerUsd` 20 million, 5 % of the cap; `liquidationProfile`: 1 % of the cap falls due at a price fall of
 *   10 %, 5 % at 20 %, 11.25 % at 30 %, 35 % at 50 %, the shape of the health factors of large Aave and Spark markets.
 * - `oracleDeviation` 50 bp and `oracleLatencySeconds` 120: threshold of the ETH/USD feed on mainnet, and ten blocks
 *   from crossing it to a liquidation that can use it.
 * - `depthStressFloor` 0.30: AMM depth; use 0.10 where an order book carries the depth.
 * - `priceRise`: a quarter at once and a tenth a day. In 2018 to 2026 that held back some value in 0.02 % of the hours of
 *   ether (5 times, 4 % at most) and in one hour of bitcoin's; XVS, MNGO and THE were pumped 2- to 24-fold within hours.
 * - `staticVolatility` 1.5: used only when nothing at all is known.
 * A long-tail collateral takes `minimumHorizonHours` 48 and `stressVolatility` 2.5.
 */
export const DEFAULT_MODEL: ModelParameters = {
  tailLevel: 0.99,
  degreesOfFreedom: 4,
  impliedWeight: 0.5,
  impliedFloor: 1,
  ewmaFloor: 0.9,
  longRunFloor: 0.6,
  ladderMultipliers: [1, 1.05, 1.15, 1.2, 1.35, 1],
  staticVolatility: 1.5,
  liquidationBonus: 0.05,
  liquidationCost: 0.005,
  idiosyncratic: 0.0025,
  minimumHorizonHours: 24,
  reactionHours: 1,
  refillMinutes: 30,
  participation: 0.1,
  stressVolumeShare: 0.5,
  impactCoefficient: 1,
  largestBorrowerUsd: 20_000_000,
  supplyCapUsd: 400_000_000,
  liquidationProfile: [
    [0.1, 4_000_000],
    [0.2, 20_000_000],
    [0.3, 45_000_000],
    [0.5, 140_000_000],
  ],
  oracleDeviation: 0.005,
  oracleLatencySeconds: 120,
  depthStressFloor: 0.3,
  depthStressElasticity: 1,
  coldStartDepthShare: 0.5,
  initialVolatilityMultiple: 1.5,
  initialDepthShare: 0.3,
  minimumGap: 0.03,
  stressVolatility: 1.5,
  stressWeight: 0.25,
  priceRise: { atOnce: 0.25, perDay: 0.1 },
};

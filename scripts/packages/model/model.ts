import type { PoolState } from "../../../keeper/domain/observation.ts";
import { type DepthReport, depthReport } from "../../lab/cli/depthReport.ts";

/**
 * `@tonsor/model`: the reasoning that the keeper runs, without I/O, clock or randomness: the same inputs give the same numbers
 * on any machine.
 */
export type {
  AssessInput,
  Assessment,
  Decision,
  MarketHistory,
  OnChainMarket,
} from "../../../keeper/domain/decision.ts";
export { NO_HISTORY } from "../../../keeper/domain/decision.ts";
export { TonsorError } from "../../../keeper/domain/errors.ts";
export type { Fault } from "../../../keeper/domain/fault.ts";
export type { Observation, Observed, OptionBoard, OptionQuote, PoolState } from "../../../keeper/domain/observation.ts";
export type {
  MarketParameters,
  ModelParameters,
  PolicyParameters,
  QualityParameters,
} from "../../../keeper/domain/parameters.ts";
export { sourceName } from "../../../keeper/domain/sourceNames.ts";
export { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "../../../keeper/markets/defaults.ts";
export { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
export { assess, MODEL_VERSION } from "../../../keeper/pipeline.ts";
export type { DepthReport } from "../../lab/cli/depthReport.ts";
export { type QuoteReport, quote } from "../../lab/cli/quoteReport.ts";
export { type SurfaceReport, surfaceReport as surface } from "../../lab/cli/surfaceReport.ts";
export { listedAlone } from "../../lab/contractModel/oneMarket.ts";

/**
 * What selling each size into one Uniswap v3 pool returns, to the wei, and the largest sale within 0.5, 1, 2, 5 and 10 % of slippage.
 * @param sizes whole tokens of what is sold, as decimal text
 * @param sell symbol or address of the token sold; left out: token0, unless that is a stablecoin
 * @throws TonsorError BAD_ARGUMENT for a size or a token that the pool does not trade
 * @example depth(pool, ["1"]).sales[0].receivedQuote // 2999.9 of a pool at 3 000 with a fee of 0.003 %
 */
export function depth(pool: PoolState, sizes: readonly string[], sell?: string): DepthReport {
  return depthReport({ name: pool.source, pool, residue: { lowest: 0n, highest: 0n } }, sizes, sell, "");
}

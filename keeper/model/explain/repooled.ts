import type { ModelParameters } from "../../domain/parameters.ts";
import type { Risk, VolatilityRisk } from "../../domain/risk.ts";
import { poolVolatility, WEIGHT_HISTORY_DAYS } from "../poolVolatility.ts";
import { NO_SOURCES, type VolatilitySources } from "../volatilitySources.ts";

/** How close the pool has to come to the volatility used before it counts as its origin. */
const SAME = 1e-9;
/** What a `Risk` does not keep and the pool asks for: confidence in the options, and days of history. */
const SETTINGS = [
  { confidence: 1, historyDays: WEIGHT_HISTORY_DAYS },
  { confidence: 0, historyDays: WEIGHT_HISTORY_DAYS },
  { confidence: 1, historyDays: 0 },
  { confidence: 0, historyDays: 0 },
] as const;

/**
 * The volatility of a risk pooled again with some sources changed, or null where the recorded sources do not give the
 * recorded volatility: it was held from an earlier look, given as such, or rests on a source that a risk does not keep.
 * @example repooled(risk, parameters, { implied: 0.8 })?.used // what the haircut would use if options said 80 %
 */
export function repooled(
  risk: Risk,
  parameters: ModelParameters,
  change: Partial<VolatilitySources>,
): VolatilityRisk | null {
  const { implied, riskNeutral, index, transferImplied, transferRealised, har, ewma, longRun, realised, used } =
    risk.volatility;
  const known = { implied, riskNeutral, index, transferImplied, transferRealised, har, ewma, longRun, realised };
  const sources = { ...NO_SOURCES, ...known };
  const setting = SETTINGS.find(
    (each) => Math.abs(poolVolatility({ ...sources, ...each }, parameters).used - used) <= SAME * used,
  );
  return setting === undefined ? null : poolVolatility({ ...sources, ...change, ...setting }, parameters);
}

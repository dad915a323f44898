import type { HaircutBreakdown, Target, TargetTerms } from "../domain/decision.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { PriceRise, Risk } from "../domain/risk.ts";
import { type HaircutInputs, haircut } from "./haircut.ts";

/**
 * What the model says both haircuts should be, fractions of value, before limits and speeds (MODEL.md sections 3, 4).
 * On each side `h* = max(h, (1-w) h + w h_stress, h_longrun)`: a stress buffer and a long-run floor inside the target, so
 * that calm markets do not talk the haircut down (EMIR RTS 153/2013, Art. 28 b and c). Then
 * `initial = max(initial*, maintenance* + gap)`, at most 1; and where the price has risen faster than new loans may count
 * it (`believedPrice`), the initial haircut that gives for the part that counts. Maintenance knows nothing of that: what a
 * borrower holds is worth what it is worth.
 *
 * | term | volatility | depth | tails |
 * |---|---|---|---|
 * | current | `used`, x 1.5 for initial | robust, x 0.3 for initial, phi(s) | Student, historical, risk-neutral |
 * | stressed | `stressVolatility`, the same on both sides | robust, phi at its floor | Student |
 * | longRun | long-run volatility, the same on both sides | robust, x 0.3 for initial, phi(s) | Student |
 *
 * Depth is the smaller of phi x robust and what is left after the tail loss. The stressed term is the same for both
 * sides: it already is the stress, and is not multiplied again. Nor is the long-run floor: it is what the haircut may not
 * fall below in the calmest of markets, and above it initial keeps its gap. An unknown
 * long-run volatility counts as the larger of `used` and `staticVolatility`: not knowing it never loosens.
 * @example target(calmEth, DEFAULT_MODEL).maintenance // 0.202382
 */
export function target(risk: Risk, parameters: ModelParameters): Target {
  const stressed = stressedTerm(risk, parameters);
  const maintenanceTerms = terms(risk, parameters, 1, 1, stressed);
  const maintenance = antiProcyclical(maintenanceTerms, parameters);
  const open = terms(risk, parameters, parameters.initialVolatilityMultiple, parameters.initialDepthShare, stressed);
  const own = antiProcyclical(open, parameters);
  const least = Math.min(1, maintenance + parameters.minimumGap);
  const gapped = Math.max(own, least);
  const initialTerms = own < least ? { ...open, binding: "gap" } : open;
  const both = { maintenance, initial: gapped, maintenanceTerms, initialTerms };
  const rise = risk.priceRise;
  return rise === undefined ? both : { ...both, initial: withoutRise(gapped, rise), rise };
}

/**
 * The initial haircut of a price of which only a part is counted, a fraction: `1 - (1 - initial) believed / price`, never
 * below `initial`. What can be borrowed against one unit is then what could be at the believed price.
 * @example withoutRise(0.25, { priceUsd: 4_000, believedUsd: 2_000 }) // 0.625
 */
function withoutRise(initial: number, { priceUsd, believedUsd }: PriceRise): number {
  return believedUsd < priceUsd ? Math.max(initial, 1 - ((1 - initial) * believedUsd) / priceUsd) : initial;
}

/** The blend `(1-w) h + w h_stress`, a fraction. */
function stressBlend(current: number, stressed: number, parameters: ModelParameters): number {
  return (1 - parameters.stressWeight) * current + parameters.stressWeight * stressed;
}

/** What the market gives to every term. */
function marketOf(risk: Risk) {
  return {
    depthUsd: risk.depth.robustUsd,
    shockedDepthUsd: risk.depth.shockedUsd,
    dailyVolumeUsd: risk.dailyVolumeUsd,
    oracleDeviation: risk.oracleDeviation,
  };
}

/** An unknown long-run volatility puts phi at its floor, which is what the stressed term asks for. */
function stressedTerm(risk: Risk, parameters: ModelParameters): HaircutBreakdown {
  const volatility = parameters.stressVolatility;
  const inputs = { ...marketOf(risk), volatility, multiplier: 1, depthShare: 1, longRunVolatility: null };
  return haircut(inputs, parameters);
}

function terms(
  risk: Risk,
  parameters: ModelParameters,
  multiplier: number,
  depthShare: number,
  stressed: HaircutBreakdown,
): TargetTerms {
  const { used, longRun } = risk.volatility;
  const market = marketOf(risk);
  const current: HaircutInputs = {
    ...market,
    volatility: used,
    multiplier,
    depthShare,
    longRunVolatility: longRun,
    historicalLoss: risk.tail.historical,
    riskNeutralLoss: risk.tail.riskNeutral,
  };
  const floorVolatility = longRun ?? Math.max(used, parameters.staticVolatility);
  const named = {
    current: haircut(current, parameters),
    stressed,
    longRun: haircut(
      { ...market, volatility: floorVolatility, multiplier: 1, depthShare, longRunVolatility: longRun },
      parameters,
    ),
  };
  return { ...named, binding: binding(named, parameters) };
}

type Named = {
  readonly current: HaircutBreakdown;
  readonly stressed: HaircutBreakdown;
  readonly longRun: HaircutBreakdown;
};

function candidates(named: Named, parameters: ModelParameters): readonly (readonly [name: string, value: number])[] {
  return [
    ["current", named.current.haircut],
    ["blend", stressBlend(named.current.haircut, named.stressed.haircut, parameters)],
    ["longRun", named.longRun.haircut],
  ];
}

/** `h*` of one side before the gap: the largest of current, blend and long-run haircut, a fraction. */
export function antiProcyclical(named: Named, parameters: ModelParameters): number {
  return Math.max(...candidates(named, parameters).map(([, value]) => value));
}

/** Name of the largest term; the first one wins a tie. */
function binding(named: Named, parameters: ModelParameters): string {
  const top = antiProcyclical(named, parameters);
  return candidates(named, parameters).find(([, value]) => value === top)?.[0] ?? "current";
}

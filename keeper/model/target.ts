import { YEAR_HOURS } from "../domain/calendar.ts";
import type { HaircutBreakdown, Target } from "../domain/decision.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { PriceRise, Risk, VolatilityRisk } from "../domain/risk.ts";
import { exposureLimit, haircut, maxSlippage, scaleLoss } from "./haircut.ts";
import { credibleVolatility } from "./history/varianceForecasts.ts";

/**
 * What the model says the three numbers should be, haircuts as fractions of value, before limits and speeds (MODEL.md
 * section 2):
 *
 * | number | follows | tails | in one sentence |
 * |---|---|---|---|
 * | maintenance | long-run volatility, with a typical year in it | Student, historical | room for the worst days of this collateral's long run |
 * | initial | `sqrt(used x longRun)`, `used` no further than the asset's own history is believed | Student, historical, risk-neutral | the same for today, and at least the gap above maintenance |
 * | exposure limit | depth | - | what falls due in a stress sells within hours |
 *
 * No haircut knows of depth, nor maintenance of today (D172). Of a price that has risen faster than new loans may count it
 * (`believedPrice`), initial is what that leaves of the part that counts.
 * A claim loses `depegs` beside what it is a claim on, and no more than that where it is a claim on the debt. At a discount
 * that the bonus does not bridge (`maxSlippage`) nothing new is lent: initial is 1 and the exposure limit 0, before
 * governance's bounds.
 * An unknown long-run volatility counts as the larger of `used` and `staticVolatility`: not knowing it never loosens.
 * @example target(calmEth, DEFAULT_MODEL).maintenance // 0.161878
 */
export function target(risk: Risk, parameters: ModelParameters): Target {
  const { used } = risk.volatility;
  const { historical, riskNeutral } = risk.tail;
  const own = risk.volatility.longRun ?? Math.max(used, parameters.staticVolatility);
  const slow = longRunOf(risk.volatility, own, parameters);
  // Today was measured on the same days: it counts no more than they do. 1 exactly where nothing is stated (evidence written before).
  const belief = own > slow ? slow / own : 1;
  const today = Math.sqrt(belief * used * slow);
  const { claim } = risk;
  const isOnDebt = claim !== undefined && claim.ratio === undefined;
  const past = (volatility: number) =>
    isOnDebt ? { volatility: 0 } : { volatility, historicalLoss: tailAt(historical, volatility, used) };
  const depeg = depegs(risk, slow, parameters);
  const maintenanceTerms = haircut({ ...past(slow), oracleDeviation: 0, depeg: depeg?.slow }, parameters);
  const { oracleDeviation } = risk;
  const priced = { riskNeutralLoss: pricedTail(riskNeutral, belief * slow, maintenanceTerms), oracleDeviation };
  const initialTerms = haircut({ ...past(today), ...priced, depeg: depeg?.today }, parameters);
  const { haircut: maintenance } = maintenanceTerms;
  const least = Math.min(1, maintenance + parameters.minimumGap);
  const gapped = Math.max(initialTerms.haircut, least);
  const initialBinding = initialTerms.haircut < least ? "gap" : "market";
  const limit = exposureLimit(risk, Math.sqrt(used * own), parameters);
  const all = { maintenance, initial: gapped, maintenanceTerms, initialTerms, initialBinding, limit };
  const { liquidationBonus, liquidationCost } = parameters;
  if ((claim?.discount ?? 0) > maxSlippage(liquidationBonus, liquidationCost))
    return { ...all, initial: 1, initialBinding: "depeg", limit: { ...limit, usd: 0 } };
  const rise = risk.priceRise;
  if (rise === undefined) return all;
  const initial = withoutRise(gapped, rise);
  return { ...all, initial, initialBinding: initial > gapped ? "rise" : initialBinding, rise };
}

/** The long run that counts: weighted with what governance states, once as much is known of the asset's own as a long run asks for. */
function longRunOf({ longRun, historyDays }: VolatilityRisk, own: number, parameters: ModelParameters): number {
  const { typicalVolatility: stated } = parameters;
  if (longRun === null || historyDays === undefined || stated === undefined) return own;
  return credibleVolatility({ volatility: own, days: historyDays }, stated);
}

/**
 * What a claim may lose against what it is a claim on, at the long run and today: what governance states, or the Student or historical
 * loss of its ratio, whichever is most. It multiplies with the loss of what it is a claim on, for both come together (staked ether,
 * June 2022). Undefined where the market is no claim.
 */
function depegs(
  { claim, volatility, tail }: Risk,
  longRun: number,
  parameters: ModelParameters,
): { readonly slow: number; readonly today: number } | undefined {
  if (claim === undefined) return undefined;
  const own = { used: volatility.used, longRun, historical: tail.historical };
  const ratio = claim.ratio === undefined ? own : claim.ratio;
  if (ratio === null) return { slow: claim.depeg, today: claim.depeg };
  const slow = ratio.longRun ?? ratio.used;
  const at = (sigma: number) => {
    const historicalLoss = tailAt(ratio.historical, sigma, ratio.used);
    return Math.max(claim.depeg, haircut({ volatility: sigma, oracleDeviation: 0, historicalLoss }, parameters).loss);
  };
  return { slow: at(slow), today: at(Math.sqrt(ratio.used * slow)) };
}

/** A tail measured at the volatility used, at another: its shape stays. Null where it is not known. */
function tailAt(loss: number | null, volatility: number, used: number): number | null {
  return loss === null || used === 0 ? null : scaleLoss(loss, volatility / used);
}

/**
 * The tail that options price, half-way to the long run as volatility is: the loss at `sqrt(own x slow)`, where `own` is the
 * volatility whose Student loss it is. Realised volatility has no part in it. Null where it is not known.
 */
function pricedTail(
  loss: number | null,
  slow: number,
  { tailMultiple, horizonHours }: HaircutBreakdown,
): number | null {
  if (loss === null || loss === 0) return loss;
  const own = -Math.log1p(-loss) / (tailMultiple * Math.sqrt(horizonHours / YEAR_HOURS));
  return scaleLoss(loss, Math.sqrt(slow / own));
}

/**
 * The initial haircut of a price of which only a part is counted, a fraction: `1 - (1 - initial) believed / price`, never
 * below `initial`. What can be borrowed against one unit is then what could be at the believed price.
 * @example withoutRise(0.25, { priceUsd: 4_000, believedUsd: 2_000 }) // 0.625
 */
function withoutRise(initial: number, { priceUsd, believedUsd }: PriceRise): number {
  return believedUsd < priceUsd ? Math.max(initial, 1 - ((1 - initial) * believedUsd) / priceUsd) : initial;
}

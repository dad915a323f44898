import { HOUR_SECONDS, YEAR_HOURS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters } from "../../../../keeper/domain/parameters.ts";
import { esMultiplier } from "../../../../keeper/model/numerics/distributions.ts";
import { peggedHaircut, peggedHorizonHours } from "../../baselines/pegged.ts";
import { allowedFall } from "../backtest/methods.ts";
import type { PriceSeries } from "../backtest/priceSeries.ts";
import { type Walk, walkForward } from "../backtest/walkForward.ts";
import type { World } from "../backtest/world.ts";

/** One hour of a pegged collateral. Fractions. */
type PeggedPoint = {
  readonly time: number;
  /** 1 - market price over what it is a claim on. */
  readonly discount: number;
  /** d_depeg: today's discount and the tail of the ratio over the horizon. */
  readonly depeg: number;
  readonly horizonHours: number;
  readonly base: number;
  readonly haircut: number;
  /** Fall, over the market's horizon, of what a token counted at its claim is worth; null without a price there. */
  readonly fall: number | null;
};

export type PeggedStudy = {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly windows: number;
  readonly deployed: { readonly haircut: number; readonly by: string };
  /** Windows in which the fall was beyond what each haircut allows for, and the largest excess. */
  readonly breaches: Readonly<
    Record<PeggedRule, { readonly count: number; readonly largest: number; readonly mean: number }>
  >;
  readonly largestDiscount: number;
  readonly firstDiscountAboveBonus: number | null;
  readonly hoursAtQueue: number;
  readonly points: readonly PeggedPoint[];
};

/** Rules compared: ours; what is held against the claimed asset alone; what a lender deployed. */
export const PEGGED_RULES = {
  pegged: "claim x depeg (ours)",
  base: "haircut of the claimed asset alone",
  deployed: "as deployed",
} as const;
export type PeggedRule = keyof typeof PEGGED_RULES;

type PeggedInput = {
  readonly name: string;
  /** The claim's market price in dollars, and that of the asset it is a claim on; null: a claim on dollars. */
  readonly token: PriceSeries;
  readonly claimed: PriceSeries | null;
  readonly ratio: PriceSeries;
  /** Model settings and limits; its series is not used. */
  readonly world: World;
  /** Walk of the claimed asset by `baseWalk`, where several claims share it; absent: made here. */
  readonly base?: Walk;
  readonly redemptionQueueHours: number;
  readonly deployed: { readonly haircut: number; readonly by: string };
  readonly from: number;
  readonly to: number;
};

/**
 * Walks a claim forward: the base haircut is the model's on the claimed asset, `d_depeg = 1 - (1 - discount)(1 - ES)` with ES
 * the model's tail of the ratio over the horizon, which is the redemption queue's once the discount exceeds the bonus
 * (`peggedHorizonHours`). The token is taken to be counted at its claim, as rate-based feeds do: today's discount is a loss too.
 */
export function peggedStudy(input: PeggedInput): PeggedStudy {
  const { world, ratio, claimed, token } = input;
  const { model } = world;
  const ratioWalk = walkForward({ ...world, series: ratio, index: null, transfer: null });
  const base = claimed === null ? null : (input.base ?? baseWalk(world, claimed));
  const baseAt = new Map(Array.from(base?.time ?? [], (time, n) => [time, base?.maintenance.ours[n] ?? 0]));
  const tokenAt = closesByTime(token);
  const claimedAt = claimed === null ? null : closesByTime(claimed);
  const multiple = esMultiplier(model.tailLevel, model.degreesOfFreedom);
  const points: PeggedPoint[] = [];
  for (let n = 0; n < ratioWalk.time.length; n++) {
    const time = ratioWalk.time[n] ?? 0;
    if (time < input.from || time >= input.to) continue;
    const baseHaircut = claimed === null ? dollarHaircut(model) : baseAt.get(time);
    if (baseHaircut === undefined) continue;
    const discount = Math.max(0, 1 - (ratio.closes[ratioWalk.origin[n] ?? 0] ?? 1));
    const { minimumHorizonHours, liquidationBonus } = model;
    const horizonHours = peggedHorizonHours(
      minimumHorizonHours,
      discount,
      liquidationBonus,
      input.redemptionQueueHours,
    );
    const tail = -Math.expm1(-multiple * (ratioWalk.used[n] ?? 0) * Math.sqrt(horizonHours / YEAR_HOURS));
    const depeg = 1 - (1 - discount) * (1 - tail);
    const end = time + model.minimumHorizonHours * HOUR_SECONDS;
    const start = claimedAt === null ? 1 : claimedAt.get(time);
    const last = tokenAt.get(end);
    const fall = start === undefined || last === undefined ? null : 1 - last / start;
    const haircut = peggedHaircut(baseHaircut, { depeg, slash: 0 });
    points.push({ time, discount, depeg, horizonHours, base: baseHaircut, haircut, fall });
  }
  const rules: Record<PeggedRule, (point: PeggedPoint) => number> = {
    pegged: (point) => point.haircut,
    base: (point) => point.base,
    deployed: () => input.deployed.haircut,
  };
  const scored = points.filter((point) => point.fall !== null);
  const score = (rule: PeggedRule) => {
    const excess = scored.map((p) => (p.fall ?? 0) - Math.max(0, allowedFall(rules[rule](p), model.liquidationBonus)));
    const mean = scored.reduce((sum, point) => sum + rules[rule](point), 0) / Math.max(1, scored.length);
    return { count: excess.filter((e) => e > 0).length, largest: excess.reduce((a, b) => Math.max(a, b), 0), mean };
  };
  const above = points.find((point) => point.discount > model.liquidationBonus);
  return {
    name: input.name,
    from: points[0]?.time ?? 0,
    to: points.at(-1)?.time ?? 0,
    windows: scored.length,
    deployed: input.deployed,
    breaches: { pegged: score("pegged"), base: score("base"), deployed: score("deployed") },
    largestDiscount: points.reduce((most, point) => Math.max(most, point.discount), 0),
    firstDiscountAboveBonus: above?.time ?? null,
    hoursAtQueue: points.filter((point) => point.horizonHours >= input.redemptionQueueHours).length,
    points,
  };
}

/** Walk of the claimed asset by its prices alone. */
export function baseWalk(world: World, claimed: PriceSeries): Walk {
  return walkForward({ ...world, series: claimed, index: null, transfer: null });
}

/** Haircut of a dollar counted as a dollar: the bonus, the feed's threshold and what no market shows; no price risk. */
function dollarHaircut(model: ModelParameters): number {
  return 1 - ((1 - model.oracleDeviation) * (1 - model.idiosyncratic)) / (1 + model.liquidationBonus);
}

function closesByTime(series: PriceSeries): ReadonlyMap<number, number> {
  return new Map(Array.from(series.closeTimes, (time, i) => [time, series.closes[i] ?? 0]));
}

import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { haircut } from "../../../../keeper/model/haircut.ts";
import { allowedFall } from "../backtest/methods.ts";
import type { PriceSeries } from "../backtest/priceSeries.ts";
import { type Walk, walkForward } from "../backtest/walkForward.ts";
import type { World } from "../backtest/world.ts";

/** One hour of a claim. Fractions. */
type PeggedPoint = {
  readonly time: number;
  /** 1 - market price over what it is a claim on. */
  readonly discount: number;
  /** Haircuts of the model, and of what it is a claim on alone. */
  readonly initial: number;
  readonly maintenance: number;
  readonly base: number;
  /** Initial as it stood on chain. */
  readonly onChain: number;
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
  /** When the model first closed it to new risk, and for how many hours; hours until it stood on chain. */
  readonly closedFirst: number | null;
  readonly closedHours: number;
  readonly points: readonly PeggedPoint[];
};

/** Rules compared: ours for open positions and for new ones; what is held against the claimed asset alone; what a lender deployed. */
export const PEGGED_RULES = {
  maintenance: "maintenance of the claim (ours)",
  initial: "initial of the claim (ours)",
  base: "maintenance of the claimed asset alone",
  deployed: "as deployed",
} as const;
export type PeggedRule = keyof typeof PEGGED_RULES;

type PeggedInput = {
  readonly name: string;
  /** The claim's market price in dollars, and that of the asset it is a claim on; null: a claim on dollars. */
  readonly token: PriceSeries;
  readonly claimed: PriceSeries | null;
  readonly ratio: PriceSeries;
  /** What governance states of its depeg, a fraction. */
  readonly depeg: number;
  /** Model settings and limits; its series is not used. */
  readonly world: World;
  /** Walk of the claimed asset by `baseWalk`, where several claims share it; absent: made here. */
  readonly base?: Walk;
  readonly deployed: { readonly haircut: number; readonly by: string };
  readonly from: number;
  readonly to: number;
};

/**
 * Walks a claim forward by the live model (`target`): on what it is a claim on where that has a price, else on its ratio. The token is
 * taken to be counted at its claim, as rate-based feeds do: a discount is a loss too.
 */
export function peggedStudy(input: PeggedInput): PeggedStudy {
  const { world, ratio, claimed, token, depeg } = input;
  const { model } = world;
  const sources = { index: null, transfer: null };
  const claim = { ratio: claimed === null ? null : ratio, depeg };
  const walk = walkForward({ ...world, ...sources, series: claimed ?? ratio, claim });
  const base = claimed === null ? null : (input.base ?? baseWalk(world, claimed));
  const alone = new Map(Array.from(base?.time ?? [], (time, n) => [time, base?.maintenance.ours[n] ?? 0]));
  const dollar = haircut({ volatility: 0, oracleDeviation: 0 }, model).haircut;
  const [ratioAt, tokenAt, claimedAt] = [ratio, token, claimed].map((one) => (one === null ? null : closesByTime(one)));
  const points: PeggedPoint[] = [];
  for (let n = 0; n < walk.time.length; n++) {
    const time = walk.time[n] ?? 0;
    const price = ratioAt?.get(time);
    const baseHaircut = claimed === null ? dollar : alone.get(time);
    if (time < input.from || time >= input.to || price === undefined || baseHaircut === undefined) continue;
    const start = claimedAt == null ? 1 : claimedAt.get(time);
    const last = tokenAt?.get(time + model.minimumHorizonHours * HOUR_SECONDS);
    points.push({
      ...{ time, discount: Math.max(0, 1 - price), base: baseHaircut },
      ...{ initial: walk.initial.ours[n] ?? 0, maintenance: walk.maintenance.ours[n] ?? 0 },
      onChain: walk.initial.onChain[n] ?? 0,
      fall: start === undefined || last === undefined ? null : 1 - last / start,
    });
  }
  return studyOf(input, points);
}

function studyOf({ name, deployed, world: { model } }: PeggedInput, points: readonly PeggedPoint[]): PeggedStudy {
  const rules: Record<PeggedRule, (point: PeggedPoint) => number> = {
    maintenance: (point) => point.maintenance,
    initial: (point) => point.initial,
    base: (point) => point.base,
    deployed: () => deployed.haircut,
  };
  const scored = points.filter((point) => point.fall !== null);
  const score = (rule: PeggedRule) => {
    const excess = scored.map((p) => (p.fall ?? 0) - Math.max(0, allowedFall(rules[rule](p), model.liquidationBonus)));
    const mean = scored.reduce((sum, point) => sum + rules[rule](point), 0) / Math.max(1, scored.length);
    return { count: excess.filter((e) => e > 0).length, largest: excess.reduce((a, b) => Math.max(a, b), 0), mean };
  };
  const closed = points.filter((point) => point.initial === 1);
  return {
    ...{ name, deployed, points, from: points[0]?.time ?? 0, to: points.at(-1)?.time ?? 0, windows: scored.length },
    breaches: {
      maintenance: score("maintenance"),
      initial: score("initial"),
      base: score("base"),
      deployed: score("deployed"),
    },
    largestDiscount: points.reduce((most, point) => Math.max(most, point.discount), 0),
    closedFirst: closed[0]?.time ?? null,
    closedHours: closed.length,
  };
}

/** Walk of the claimed asset by its prices alone. */
export function baseWalk(world: World, claimed: PriceSeries): Walk {
  return walkForward({ ...world, series: claimed, index: null, transfer: null });
}

function closesByTime(series: PriceSeries): ReadonlyMap<number, number> {
  return new Map(Array.from(series.closeTimes, (time, i) => [time, series.closes[i] ?? 0]));
}

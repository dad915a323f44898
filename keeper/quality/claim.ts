import { DAY_SECONDS, YEAR_SECONDS } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { upperMedian } from "../domain/numbers.ts";
import type { ExchangeRate, PriceHistory } from "../domain/observation.ts";
import { isClaimOnDebt, type MarketParameters } from "../domain/parameters.ts";
import type { ClaimReading, Readings } from "../domain/risk.ts";
import type { Estimates } from "../model/estimates.ts";
import type { Asked } from "./acceptance.ts";
import { indexPrice, type PricePoint, pricesOf, ROUTE } from "./agreement.ts";
import { judgedHistory } from "./histories.ts";

/** Growth that is allowed above the middle of the days remembered. */
const GROWTH_SECONDS = 7 * DAY_SECONDS;
/** A fall of less is the rounding of a vault or a fee, not a loss. */
const LEAST_FALL = 0.001;

/** What a claim's contract says, and how much of it counts. */
type JudgedRate = {
  /** Units of what it is a claim on for one token; null where that is not known. */
  readonly rate: number | null;
  /** How much of it counts. */
  readonly believedRate: number | null;
  /** The most that a lender who goes by the rate, late or not, may count. */
  readonly counted: number | null;
  /** Units of what board and candles are of for one token: the rate, and 1 for a claim on the debt, whose candles are its own. */
  readonly units: number | null;
  readonly faults: readonly Fault[];
};

const ONE_FOR_ONE = { rate: 1, believedRate: 1, counted: 1, units: 1, faults: [] } satisfies JudgedRate;

/**
 * The exchange rate against what was remembered of it. More than a week's growth above the middle of the days remembered is a
 * JUMP: it counts no further than that until half of the days have it. More than 0.1 % below the highest of them is a JUMP too:
 * until a week has passed the rate before it is what lenders may still count. Where nothing is remembered it is believed.
 * @param remembered the lowest of each day of the last week  @returns the rate, units of what it is a claim on for one token
 * @example judgeRate(observed(1.25), [[day, 1.2]], wstETH).believedRate // 1.202301 at 0.1 a year
 */
export function judgeRate(
  seen: ExchangeRate | null,
  remembered: readonly (readonly [time: number, rate: number])[],
  market: MarketParameters,
): JudgedRate {
  const parameters = market.claim?.rate;
  if (parameters === undefined) return ONE_FOR_ONE;
  const ofOwn = isClaimOnDebt(market) ? 1 : null;
  if (seen === null) return { rate: null, believedRate: null, counted: null, units: ofOwn, faults: [] };
  const rate = Number(seen.answer) / 10 ** seen.decimals;
  const lows = remembered.map(([, low]) => low);
  const middle = upperMedian(lows) ?? rate;
  const most = middle * (1 + (parameters.mostGrowthPerYear * GROWTH_SECONDS) / YEAR_SECONDS);
  const counted = Math.max(rate, ...lows);
  const faults: Fault[] = [];
  if (rate > most) {
    const allowed = `a week's growth at ${percent(parameters.mostGrowthPerYear, 0)} a year allows ${most.toPrecision(7)}`;
    faults.push(fault("JUMP", seen.source, `${rate.toPrecision(7)}, ${allowed}`));
  }
  if (rate < counted * (1 - LEAST_FALL)) {
    faults.push(
      fault("JUMP", seen.source, `${rate.toPrecision(7)} after ${counted.toPrecision(7)} within a week: it fell`),
    );
  }
  return { rate, believedRate: Math.min(rate, most), counted, units: ofOwn ?? rate, faults };
}

/**
 * How far a claim is worth less than a lender may count it: `1 - min(believed x underlying, what the market pays) / (counted x
 * underlying)`, in [0, 1]; null where one of the prices is not known, for then nothing can be said.
 * @param underlying price of what it is a claim on, in units of the debt  @param market prices of the claim itself, the same
 * @example discountOf({ rate: 1.2, believedRate: 1.2, counted: 1.2 }, 2_000, [2_280]) // 0.05
 */
function discountOf(
  { believedRate, counted }: Pick<JudgedRate, "believedRate" | "counted">,
  underlying: number | null,
  market: readonly number[],
): number | null {
  if (believedRate === null || counted === null || underlying === null || market.length === 0) return null;
  return Math.max(0, 1 - Math.min(believedRate * underlying, ...market) / (counted * underlying));
}

type Live = Pick<Readings, "options" | "transferOptions" | "route" | "feed">;

/** What others say the price of one unit of the history's asset is. */
export function pricesOfOne(live: Live, market: MarketParameters, rate: number | null): readonly PricePoint[] {
  if (rate === null) return live.options === null ? [] : [indexPrice(live.options)];
  return pricesOf(live, market, rate).map((point) => ({ ...point, price: point.price / rate }));
}

/** What a claim is worth, and what is wrong with what it rests on; nothing where the market is none. */
export function readClaim(
  live: Live,
  judged: JudgedRate,
  { rates, ratioHistory }: { readonly rates: readonly Asked[]; readonly ratioHistory: readonly Asked<PriceHistory>[] },
  market: MarketParameters,
  estimates: Estimates,
): { readonly part: Pick<Readings, "claim">; readonly faults: readonly Fault[] } {
  if (market.claim === undefined) return { part: {}, faults: [] };
  const underlying = isClaimOnDebt(market) ? 1 : (live.options?.indexUsd ?? null);
  const own = pricesOf({ ...live, options: null, transferOptions: null }, market);
  const ratios = underlying === null ? [] : own.filter(({ source }) => source === ROUTE);
  const inUnits = ratios.map((point) => ({ ...point, price: point.price / (underlying ?? 1) }));
  const { history, faults: ofRatio } = judgedHistory(ratioHistory, inUnits, market, estimates);
  const { believedRate } = judged;
  const discount = discountOf(
    judged,
    underlying,
    own.map(({ price }) => price),
  );
  const rate = market.claim.rate === undefined ? null : judged.rate;
  const asked = [...rates, ...ratioHistory].flatMap((one) => one.faults);
  const claim: ClaimReading = { rate, believedRate, discount, history };
  return { part: { claim }, faults: [...asked, ...judged.faults, ...ofRatio] };
}

import { HOUR_SECONDS } from "../../domain/calendar.ts";
import type { MarketHistory } from "../../domain/decision.ts";
import type { MarketParameters } from "../../domain/parameters.ts";
import type { DepthRisk, Readings } from "../../domain/risk.ts";
import type { Estimates } from "../estimates.ts";
import { maxSlippage } from "../haircut.ts";
import { bookDepth } from "./orderBookDepth.ts";
import { robustDepth } from "./robustDepth.ts";
import { stressedMarketDepth } from "./route.ts";

/** Depth after a fall that was gone within this time counts as gone. */
const SHOCKED_SECONDS = HOUR_SECONDS;

/** Depth of pools and books together, USD of collateral: now, and after a fall of the price. */
type SeenDepth = { readonly nowUsd: number; readonly shockedUsd: number; readonly booksUsd: number };

/**
 * Depth in USD at the slippage that the bonus pays, after the manipulation-resistant minimum over the past. Without a route
 * that can be read the last depth is held for `holdSeconds`; while a pool contradicts its own memory no more counts than a
 * moment ago; and after a fall the least of the last hour counts.
 * @param loss fall of the price after which what is left is measured, a fraction in [0, 1)
 */
export function depthRisk(
  readings: Readings,
  history: MarketHistory,
  market: MarketParameters,
  estimates: Estimates,
  loss: number,
): { readonly risk: DepthRisk; readonly isHeld: boolean } {
  const { model, quality, books } = market;
  const { now } = estimates;
  const slippage = maxSlippage(model.liquidationBonus, model.liquidationCost);
  const seen = seenDepth(readings, market, slippage, loss, estimates);
  const { lastDepth } = history;
  const recentUsd = lastDepth !== null && now - lastDepth.time <= quality.holdSeconds ? lastDepth.usd : null;
  const isDoubted = readings.faults.some(({ code }) => code === "OFF_AVERAGE" || code === "MOMENTARY");
  const seenUsd = isDoubted && seen !== null && recentUsd !== null ? Math.min(seen.nowUsd, recentUsd) : seen?.nowUsd;
  const nowUsd = seenUsd ?? recentUsd ?? 0;
  return {
    risk: {
      maxSlippage: slippage,
      nowUsd,
      ...(books === undefined ? {} : { booksUsd: seen?.booksUsd ?? 0 }),
      ...leastShocked(seen, history, now),
      ...robustDepth(history.depth, now, nowUsd, model.coldStartDepthShare),
    },
    isHeld: seen === null && recentUsd !== null,
  };
}

/** Null without a route that can be read: books alone are no depth. */
function seenDepth(
  readings: Readings,
  market: MarketParameters,
  slippage: number,
  loss: number,
  { curve }: Estimates,
): SeenDepth | null {
  const pools = stressedMarketDepth(readings.route, market.collateral.symbol, slippage, loss, curve);
  if (pools === null) return null;
  if (market.books === undefined) return { nowUsd: pools.nowUsd, shockedUsd: pools.shockedUsd, booksUsd: 0 };
  const books = bookDepth(pools, readings.books ?? [], market.books, slippage, loss);
  const [nowUsd, shockedUsd] = [pools.nowUsd + books.nowUsd, pools.shockedUsd + books.shockedUsd];
  return { nowUsd, shockedUsd, booksUsd: books.nowUsd };
}

/** What is left after the fall: the least of now and of the last hour, with what is seen now where that is more. */
function leastShocked(
  seen: SeenDepth | null,
  history: MarketHistory,
  now: number,
): Pick<DepthRisk, "shockedUsd" | "shockedNowUsd"> {
  if (seen === null) return { shockedUsd: null };
  const lastHour = (history.shockedDepth ?? []).filter(([time]) => time <= now && now - time < SHOCKED_SECONDS);
  const shockedUsd = Math.min(seen.shockedUsd, ...lastHour.map(([, usd]) => usd));
  return shockedUsd === seen.shockedUsd ? { shockedUsd } : { shockedUsd, shockedNowUsd: seen.shockedUsd };
}

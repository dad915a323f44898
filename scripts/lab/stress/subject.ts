import type { AssessInput } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Readings } from "../../../keeper/domain/risk.ts";
import { mergedSellCurve, routedSellCurve } from "../../../keeper/model/depth/combinedSellCurve.ts";
import { poolCurve, routeSides } from "../../../keeper/model/depth/route.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { shownAt } from "../contractModel/outlook.ts";
import { constantProduct, type DepthCurve, recordedDepth } from "../market/pool.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import { loadBook, reserveOfBids, spotBookFile } from "../validation/backtest/bookDepth.ts";
import { loadSeries } from "../validation/backtest/loadSeries.ts";
import { CALM_PROPORTIONS } from "../validation/parameters.ts";
import type { Borrower, StressedMarket } from "./cascade.ts";
import { happened, seenAfter } from "./observed.ts";
import type { Shock } from "./scenario.ts";
import { type Stressed, stress } from "./stress.ts";

/** A market as it is before any shock. */
export type Subject = {
  readonly name: string;
  /** Time of its price, Unix seconds. */
  readonly time: number;
  readonly priceUsd: number;
  /** Where price and depth come from, in words. */
  readonly source: string;
  readonly bonus: number;
  readonly ltv: number;
  readonly threshold: number;
  /** Collateral of a book that is made where none is given, USD. */
  readonly capUsd: number;
  /** What a keeper saw of it; null for a recorded asset, which is lent against at its deployed parameters. */
  readonly input: AssessInput | null;
  /** The market after a shock, and what the keeper says to it. */
  after(shock: Shock): { readonly market: StressedMarket; readonly keeper: Stressed | null };
};

/** Nothing can be sold: a route without a pool that answers. */
const NO_DEPTH: DepthCurve = { sell: () => 0, marginal: () => 0, until: () => 0 };
const FEE = 0.0005;
const [MONTH_HOURS, BOOK_SAMPLES] = [30 * 24, 28 * 6];

/**
 * A configured market as a keeper's inputs show it: sold into the route's pools as the shock leaves them, at the threshold
 * that the contract shows of the keeper's decision hour by hour.
 * @throws TonsorError BAD_FILE when the inputs have no usable price
 */
export function observedSubject(input: AssessInput): Subject {
  const { market, onChain, now } = input;
  const { priceUsd } = assess(input).readings;
  if (priceUsd === null) {
    const facts = { field: `price of ${market.name}`, given: "none", expected: "inputs with a usable price" };
    throw new TonsorError("BAD_FILE", "the market cannot be stressed", facts);
  }
  const bonus = onChain.limits.liquidationBonusBps / 10_000;
  return {
    ...{ name: market.name, time: now, priceUsd, bonus, input, source: "the keeper's inputs" },
    ltv: 1 - onChain.initialBps / 10_000,
    threshold: 1 - onChain.maintenanceBps / 10_000,
    capUsd: market.model.supplyCapUsd,
    after(shock) {
      const real = happened(input, shock);
      const seen = seenAfter(real, shock);
      const keeper = stress(seen);
      const shown = shownAt(onChain, keeper.assessment.decision, now);
      const { readings } = seen === real ? keeper.assessment : assess(real);
      const depth = routeDepth(readings, market.collateral.symbol);
      return {
        keeper,
        market: {
          ...{ name: market.name, priceUsd, priceFactor: shock.priceFactor, bonus },
          ...{ pool: market.name, poolTokens: 1, depth, feedLateSeconds: shock.feedLateSeconds },
          threshold: (seconds) => 1 - shown(now + seconds).maintenanceBps / 10_000,
        },
      };
    },
  };
}

/** What the pools of the route take, all kinds alike. */
function routeDepth({ route }: Readings, symbol: string): DepthCurve {
  const hops = routeSides(route, symbol);
  if (hops === null) return NO_DEPTH;
  const curves = hops.map((sides) => mergedSellCurve(sides.map((one) => poolCurve(one.pool, one.sold, one.bought))));
  const curve = routedSellCurve(curves);
  return curve.priceQuote > 0 ? recordedDepth(curve, curve.capacity(1)) : NO_DEPTH;
}

/**
 * A recorded asset at a time: its last close, the depth of its recorded book where there is one (median of four weeks), else
 * in the proportion to volume that is assumed, and a lender's deployed parameters, which stay. What is redeemed for another
 * coin (WBTC, staked ether) is sold into that one's pool.
 * @param until Unix seconds; the last recorded hour when Infinity
 * @throws TonsorError BAD_FILE when nothing is recorded, BAD_ARGUMENT when it begins later
 */
export function recordedSubject(asset: Asset, known: readonly Asset[], folder: string, until: number): Subject {
  const { name, deployed, transferFrom } = asset;
  const sold = asset.class === "major" ? known.find((one) => one.name === transferFrom) : undefined;
  const own = quoteAt(asset, folder, until);
  const pool = sold === undefined ? own : quoteAt(sold, folder, until);
  return {
    ...{ name, time: own.time, priceUsd: own.priceUsd, input: null, source: pool.source },
    ...{ bonus: deployed.bonus, ltv: deployed.ltv, threshold: deployed.lt },
    capUsd: own.volumeUsd / CALM_PROPORTIONS.volumeOverCap,
    after: ({ priceFactor, depthFactor, feedLateSeconds }) => ({
      keeper: null,
      market: {
        ...{ name, priceUsd: own.priceUsd, priceFactor, bonus: deployed.bonus, feedLateSeconds },
        ...{ pool: (sold ?? asset).name, poolTokens: own.priceUsd / pool.priceUsd },
        depth: constantProduct((pool.reserveUsd(deployed.bonus) * depthFactor) / pool.priceUsd, FEE),
        threshold: () => deployed.lt,
      },
    }),
  };
}

function quoteAt(asset: Asset, folder: string, until: number) {
  const { closeTimes, closes, candles, stepSeconds } = loadSeries(folder, asset.name, asset.file, asset.stepSeconds);
  const last = closeTimes.findLastIndex((time) => time <= until);
  const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 10);
  if (last < MONTH_HOURS) {
    const expected = `${day((closeTimes[0] ?? 0) + MONTH_HOURS * 3_600)} or later: a month of volume comes first`;
    throw new TonsorError("BAD_ARGUMENT", `${asset.name} is not recorded then`, {
      ...{ field: "--at", given: Number.isFinite(until) ? day(until) : "none", expected },
    });
  }
  const time = closeTimes[last] as number;
  const month = candles.slice(Math.max(0, last + 1 - (MONTH_HOURS * 3_600) / stepSeconds), last + 1);
  const daily = (24 * 3_600) / stepSeconds;
  const volumeUsd = month.reduce((sum, candle) => sum + candle[4] * candle[5], 0) / (month.length / daily);
  const book = loadBook(folder, spotBookFile(asset.name))?.filter((one) => one.time <= time) ?? [];
  const recent = book.slice(-BOOK_SAMPLES).map(({ depth }) => depth);
  if (recent.length === BOOK_SAMPLES) {
    const bidsUsd = recent.sort((a, b) => a - b)[BOOK_SAMPLES / 2] as number;
    const source = `book of ${asset.name} up to ${day(book.at(-1)?.time ?? 0)}`;
    return { time, priceUsd: closes[last] as number, volumeUsd, source, reserveUsd: () => reserveOfBids(bidsUsd) };
  }
  const { depthOverCap, volumeOverCap } = CALM_PROPORTIONS;
  const share = depthOverCap / volumeOverCap;
  return {
    ...{ time, priceUsd: closes[last] as number, volumeUsd, source: `${share * 100} % of the daily volume, assumed` },
    reserveUsd: (bonus: number) => (share * volumeUsd) / ((1 - FEE) * (1 + bonus) - 1),
  };
}

/** Accounts of a made book in each market, and the shares of the offered LTV that they use, evenly spread. */
const [MADE_ACCOUNTS, LEAST_USED] = [100, 0.5];

/** A book of equal accounts in each market that use half to all of the LTV they are offered. */
export function madeBook(subjects: readonly Subject[]): readonly Borrower[] {
  return subjects.flatMap(({ capUsd, ltv }, market) =>
    Array.from({ length: MADE_ACCOUNTS }, (_, i) => {
      const collateralUsd = capUsd / MADE_ACCOUNTS;
      const used = LEAST_USED + ((1 - LEAST_USED) * i) / (MADE_ACCOUNTS - 1);
      return {
        collateralUsd: subjects.map((_one, at) => (at === market ? collateralUsd : 0)),
        debtUsd: collateralUsd * ltv * used,
      };
    }),
  );
}

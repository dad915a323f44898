import type { MarketHistory } from "../../keeper/domain/decision.ts";
import type {
  ExchangeRate,
  Observed,
  PoolState,
  PriceFeedAnswer,
  PriceHistory,
} from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, calmPool, seen } from "./observations.ts";
import { NO_HISTORY } from "./onChain.ts";
import { WETH } from "./shipped.ts";

const DAY = 86_400;
const RATE = { contract: "wstETH", getter: "stEthPerToken", mostGrowthPerYear: 0.1 };

/** Staked ether against dollars: a claim on ether by its contract's rate, sold through ether. */
export const WSTETH: MarketParameters = {
  ...WETH,
  name: "wstETH",
  collateral: { symbol: "wstETH", decimals: 18 },
  sources: { ...WETH.sources, route: [["wstETH/WETH-0.01%"], ["USDC/WETH-0.05%"]], priceFeed: "wstETH" },
  claim: { depeg: 0.03, rate: RATE },
};

/** The same against ether: a claim on the debt itself, by the history of the pair. */
export const WSTETH_WETH: MarketParameters = {
  ...WSTETH,
  name: "wstETH/WETH",
  debt: { symbol: "WETH" },
  model: { ...WETH.model, liquidationBonus: 0.01, liquidationCost: 0.002, oracleDeviation: 0.002, minimumGap: 0.01 },
  policy: { ...WETH.policy, maxLooseningBpsPerDay: 600 },
  sources: {
    ...{ options: null, transferFrom: null, transferHistory: null },
    ...{ history: "binance:WSTETHETH", route: [["wstETH/WETH-0.01%"]], priceFeed: "wstETH/ETH" },
  },
};

/** A dollar coin against dollars: a claim on the debt, one for one. */
export const USDC: MarketParameters = {
  ...WSTETH_WETH,
  name: "USDC",
  collateral: { symbol: "USDC", decimals: 6 },
  debt: { symbol: "USD" },
  model: { ...WSTETH_WETH.model, liquidationBonus: 0.045, liquidationCost: 0.005, oracleDeviation: 0.0025 },
  sources: { ...WSTETH_WETH.sources, history: "binance:USDCUSDT", route: [["USDC/USDT-0.01%"]], priceFeed: "USDC" },
  claim: { depeg: 0.04 },
};

/** A pool of two tokens of `decimals` in one deep range, in which one of token0 costs `price` of token1. */
export function pairPool(
  time: number,
  name: string,
  price: number,
  [decimals0, decimals1]: readonly [number, number] = [18, 18],
): PoolState {
  const [symbol0 = "", symbol1 = ""] = name.split("-")[0]?.split("/") ?? [];
  const raw = price * 10 ** (decimals1 - decimals0);
  const tick = Math.floor(Math.log(raw) / Math.log(1.0001));
  const liquidity = 10n ** BigInt(((decimals0 + decimals1) >> 1) + 6);
  return {
    ...calmPool(time, 3_000),
    source: `uniswapV3:${name}`,
    pool: "0x109830a1AAaD605BbF02a9dFA7B0B92EC2FB7dAa",
    token0: { address: "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0", symbol: symbol0, decimals: decimals0 },
    token1: { address: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", symbol: symbol1, decimals: decimals1 },
    feePips: 100,
    tickSpacing: 1,
    sqrtPriceX96: BigInt(Math.round(Math.sqrt(raw) * 2 ** 60)) * 2n ** 36n,
    tick,
    liquidity,
    ticks: [
      { index: tick - 10_000, liquidityNet: liquidity },
      { index: tick + 10_000, liquidityNet: -liquidity },
    ],
  };
}

/** What a rate contract says. */
export function rateOf(time: number, rate: number): ExchangeRate {
  return {
    ...{ kind: "exchangeRate", source: "exchangeRate:wstETH:stEthPerToken" },
    ...{ contract: "0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0", blockNumber: 1_000n, eventTime: time },
    ...{ answer: BigInt(Math.round(rate * 1e9)) * 10n ** 9n, decimals: 18 },
  };
}

/** What may be said of a claim; all of it agrees unless changed. `market` and `feed` are fractions of its claim. */
export type ClaimWorld = {
  readonly rate?: number | null;
  readonly market?: number;
  readonly feed?: number;
  readonly ratioVol?: number;
  /** Exchange rates of the days before, the last one yesterday's. */
  readonly days?: readonly number[];
};

const CALM_RATE = 1.2;

/** Everything a claim's market asks for: 3000 USD of ether at 50 %, a token worth 1.2 of it. */
export function claimObserved(now: number, market: MarketParameters, world: ClaimWorld = {}): readonly Observed[] {
  const { rate = CALM_RATE, market: ratio = 1, feed = ratio, ratioVol = 0.02 } = world;
  const isDollar = market.claim?.rate === undefined;
  const claim = isDollar ? 1 : CALM_RATE;
  const pool = isDollar
    ? pairPool(now - 2, "USDC/USDT-0.01%", ratio, [6, 6])
    : pairPool(now - 2, "wstETH/WETH-0.01%", claim * ratio);
  const onDebt = market.sources.options === null;
  const answer: PriceFeedAnswer = calmFeed(now - 600, claim * feed * (onDebt ? 1 : 3_000), market.sources.priceFeed);
  const rates = isDollar || rate === null ? [] : [seen(rateOf(now - 2, rate))];
  const [venue, instrument = ""] = market.sources.history.split(":");
  const own: PriceHistory = {
    ...calmHistory(instrument, now, claim, ratioVol),
    source: `${venue}:${instrument}:history`,
  };
  const others = onDebt
    ? [seen(own)]
    : [
        ...[seen(calmBoard("ETH", now - 4, 3_000, 0.5)), seen(calmIndex("ETH", now, 0.5))],
        ...[seen(calmHistory("ETH-PERPETUAL", now, 3_000, 0.5)), seen(calmPool(now - 2, 3_000))],
      ];
  return [...others, seen(pool), seen(answer), ...rates];
}

/** A keeper that has watched for a month, and a rate that grew by 3 % a year. */
export function claimHistory(now: number, { days }: ClaimWorld = {}): MarketHistory {
  const lows = days ?? Array.from({ length: 7 }, (_, n) => CALM_RATE * (1 - (0.03 * (7 - n)) / 365));
  return {
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [now - (48 - i) * 3_600, 60e6] as const),
    lastImplied: { time: now - 60, vol: 0.5 },
    lastDepth: { time: now - 3_600, usd: 60e6 },
    rates: lows.map((rate, n) => [now - (lows.length - n) * DAY, rate] as const),
  };
}

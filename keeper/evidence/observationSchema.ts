import { z } from "zod";
import { FAULTS, type FaultCode } from "../domain/fault.ts";
import type { BookLevel, Candle, Observation, Observed } from "../domain/observation.ts";
import { big, finite, rows, time } from "./scalars.ts";

/** Schema of every kind of observation, strict: an unknown key is refused, for it would escape the recomputation. */

const optionQuote = z.strictObject({
  instrument: z.string(),
  expiry: time,
  strike: finite,
  kind: z.enum(["call", "put"]),
  bidCoin: finite.nullable(),
  askCoin: finite.nullable(),
  markCoin: finite,
  markIv: finite.nullable(),
  forwardUsd: finite,
  openInterest: finite,
});

const optionBoard = z.strictObject({
  kind: z.literal("optionBoard"),
  source: z.string(),
  currency: z.string(),
  eventTime: time,
  indexUsd: finite,
  quotes: z.array(optionQuote).readonly(),
});

const volatilityIndex = z.strictObject({
  kind: z.literal("volatilityIndex"),
  source: z.string(),
  currency: z.string(),
  eventTime: time,
  closes: rows<readonly [time: number, close: number]>(2),
});

const priceHistory = z.strictObject({
  kind: z.literal("priceHistory"),
  source: z.string(),
  instrument: z.string(),
  intervalSeconds: finite,
  eventTime: time,
  candles: rows<Candle>(6),
});

const poolToken = z.strictObject({ address: z.string(), symbol: z.string(), decimals: finite });

const pool = z.strictObject({
  kind: z.literal("pool"),
  source: z.string(),
  pool: z.string(),
  blockNumber: big,
  eventTime: time,
  token0: poolToken,
  token1: poolToken,
  feePips: finite,
  tickSpacing: finite,
  sqrtPriceX96: big,
  tick: finite,
  liquidity: big,
  ticks: z.array(z.strictObject({ index: finite, liquidityNet: big })).readonly(),
});

const priceFeed = z.strictObject({
  kind: z.literal("priceFeed"),
  source: z.string(),
  feed: z.string(),
  blockNumber: big,
  eventTime: time,
  priceUsd: finite,
});

const orderBook = z.strictObject({
  kind: z.literal("orderBook"),
  source: z.string(),
  market: z.string(),
  eventTime: time,
  bids: rows<BookLevel>(2),
  asks: rows<BookLevel>(2),
});

const curveCoin = z.strictObject({ ...poolToken.shape, balance: big, rate: big });
const curveProbe = z.strictObject({ i: finite, j: finite, dx: big, dy: big });
const curvePool = {
  source: z.string(),
  pool: z.string(),
  blockNumber: big,
  eventTime: time,
  coins: z.array(curveCoin).readonly(),
  amplification: big,
  probes: z.array(curveProbe).readonly(),
};

const stableSwapPool = z.strictObject({
  kind: z.literal("stableSwapPool"),
  ...curvePool,
  amplificationPrecision: big,
  fee: big,
  isNextGeneration: z.boolean(),
  offpegFeeMultiplier: big,
});

const cryptoSwapPool = z.strictObject({
  kind: z.literal("cryptoSwapPool"),
  ...curvePool,
  priceScale: big,
  gamma: big,
  invariant: big,
  isRamping: z.boolean(),
  midFee: big,
  outFee: big,
  feeGamma: big,
});

const stretch = z.strictObject({ from: time, to: time, meanTick: finite, harmonicLiquidity: big });
const poolMemory = z.strictObject({
  kind: z.literal("poolMemory"),
  source: z.string(),
  pool: z.string(),
  blockNumber: big,
  eventTime: time,
  whole: stretch,
  stretches: z.array(stretch).readonly(),
});

/** One observation of any kind. */
const observationSchema = z.discriminatedUnion("kind", [
  optionBoard,
  volatilityIndex,
  priceHistory,
  pool,
  priceFeed,
  orderBook,
  stableSwapPool,
  cryptoSwapPool,
  poolMemory,
]) satisfies z.ZodType<Observation>;

const faultSchema = z.strictObject({
  code: z.enum(Object.keys(FAULTS) as [FaultCode, ...FaultCode[]]),
  source: z.string(),
  detail: z.string(),
  count: z.exactOptional(finite),
});

/** What came of asking one source. */
export const observedSchema = z.strictObject({
  source: z.string(),
  observation: observationSchema.nullable(),
  faults: z.array(faultSchema).readonly(),
}) satisfies z.ZodType<Observed>;

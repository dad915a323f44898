import { z } from "zod";
import { type ContractLimits, MODES, POWERS, type Writer } from "../domain/contract.ts";
import { type Decision, HELD_SOURCES, type MarketHistory, type OnChainMarket } from "../domain/decision.ts";
import { FAULTS, type FaultCode } from "../domain/fault.ts";
import type { BookLevel, Candle, Observation, Observed, PricePast } from "../domain/observation.ts";
import type { MarketParameters } from "../domain/parameters.ts";

/**
 * The domain's types as evidence stores them, strict: an unknown key is refused, for it would escape the recomputation.
 * Ranges are not checked here: evidence records what was used, and the markets' loader has refused what is out of range.
 */

/** A type without its readonly marks, which a schema does not carry. */
type Plain<T> = { -readonly [Key in keyof T]: Plain<T[Key]> };
type Same<A, B> =
  (<T>() => T extends Plain<A> ? 1 : 2) extends <T>() => T extends Plain<B> ? 1 : 2 ? unknown : { readonly mustBe: B };

/** Returns the schema if it gives exactly T: a field of one that the other lacks, an optional one too, does not compile. */
const exactly =
  <T>() =>
  <Schema extends z.ZodType>(schema: Schema & Same<z.output<Schema>, T>): Schema =>
    schema;

/** A finite number; zod's number refuses NaN and the infinities. */
const finite = z.number();
/** Whole seconds since 1970. */
const time = z.number();
const text = z.string();
/** A whole number of basis points, 0..10000. */
const basisPoints = z.number().int().min(0).max(10_000);
/** A bigint, in JSON as a decimal string without leading zeros, so that no reader loses digits. */
const big = z.codec(z.string().regex(/^(0|-?[1-9]\d*)$/, "expected a decimal whole number"), z.bigint(), {
  decode: (digits) => BigInt(digits),
  encode: (value) => value.toString(),
});
/** 20 bytes. Case is kept: it is part of the bytes that are hashed. */
const address = z.templateLiteral(["0x", z.string().regex(/[0-9a-fA-F]{40}/)]);

const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

/** An object with these keys, a finite number each. */
const numbers = <const Name extends string>(...names: readonly Name[]) =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, finite])) as Record<Name, typeof finite>);

/**
 * Rows of `width` finite numbers each, checked in one pass: a month of candles is tens of thousands of numbers, and a
 * schema object for each of them takes longer than the rest of the bundle. Issues carry row and column as a path.
 */
const rows = <Row extends readonly number[]>(width: Row["length"]) =>
  z.custom<readonly Row[]>().check(({ value, issues }) => {
    const given: unknown = value;
    const refuse = (message: string, path: number[] = []): void => {
      issues.push({ code: "custom", input: given, message, path });
    };
    if (!Array.isArray(given)) return refuse(`expected an array of rows of ${width} numbers`);
    for (let index = 0; index < given.length; index += 1) {
      const row: unknown = given[index];
      if (!Array.isArray(row) || row.length !== width) return refuse(`expected ${width} numbers`, [index]);
      for (let column = 0; column < width; column += 1) {
        if (!Number.isFinite(row[column])) return refuse("expected a finite number", [index, column]);
      }
    }
  });
const timed = rows<readonly [time: number, value: number]>(2);

const optionQuote = z.strictObject({
  instrument: text,
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

const poolToken = z.strictObject({ address: text, symbol: text, decimals: finite });
const venue = { source: text, eventTime: time };
const poolBlock = { ...venue, pool: text, blockNumber: big };
const curvePool = {
  ...poolBlock,
  coins: list(z.strictObject({ ...poolToken.shape, balance: big, rate: big })),
  amplification: big,
  probes: list(z.strictObject({ i: finite, j: finite, dx: big, dy: big })),
};
const rateAnswer = { contract: text, blockNumber: big, answer: big, decimals: finite };
const levels = rows<BookLevel>(2);
const ended = rows<PricePast["days"][number]>(3);
const past = z.strictObject({ until: time, days: ended, shocks: finite, worst: list(finite) });
/** In JSON the one row of a series: a part of its own, which stays the same all day. */
const pastRow = z.codec(z.tuple([past]), past, { decode: ([one]) => one, encode: (one) => [one] as [typeof one] });
const stretch = z.strictObject({ from: time, to: time, meanTick: finite, harmonicLiquidity: big });

const observationSchema = exactly<Observation>()(
  z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("optionBoard"),
      ...venue,
      currency: text,
      indexUsd: finite,
      quotes: list(optionQuote),
    }),
    z.strictObject({ kind: z.literal("volatilityIndex"), ...venue, currency: text, closes: timed }),
    z.strictObject({
      kind: z.literal("priceHistory"),
      ...venue,
      instrument: text,
      intervalSeconds: finite,
      candles: rows<Candle>(6),
      before: z.exactOptional(pastRow),
    }),
    z.strictObject({
      kind: z.literal("pool"),
      ...poolBlock,
      token0: poolToken,
      token1: poolToken,
      feePips: finite,
      tickSpacing: finite,
      sqrtPriceX96: big,
      tick: finite,
      liquidity: big,
      ticks: list(z.strictObject({ index: finite, liquidityNet: big })),
    }),
    z.strictObject({ kind: z.literal("priceFeed"), ...venue, feed: text, blockNumber: big, priceUsd: finite }),
    z.strictObject({ kind: z.literal("exchangeRate"), ...venue, ...rateAnswer }),
    z.strictObject({ kind: z.literal("orderBook"), ...venue, market: text, bids: levels, asks: levels }),
    z.strictObject({
      kind: z.literal("stableSwapPool"),
      ...curvePool,
      amplificationPrecision: big,
      fee: big,
      isNextGeneration: z.boolean(),
      offpegFeeMultiplier: big,
    }),
    z.strictObject({
      kind: z.literal("cryptoSwapPool"),
      ...curvePool,
      priceScale: big,
      gamma: big,
      invariant: big,
      isRamping: z.boolean(),
      midFee: big,
      outFee: big,
      feeGamma: big,
    }),
    z.strictObject({ kind: z.literal("poolMemory"), ...poolBlock, whole: stretch, stretches: list(stretch) }),
  ]),
);

const faultSchema = z.strictObject({
  code: z.enum(Object.keys(FAULTS) as [FaultCode, ...FaultCode[]]),
  source: text,
  detail: text,
  count: z.exactOptional(finite),
});

/** What came of asking one source. */
export const observedSchema = exactly<Observed>()(
  z.strictObject({ source: text, observation: observationSchema.nullable(), faults: list(faultSchema) }),
);

const model = z.strictObject({
  ...numbers("tailLevel", "degreesOfFreedom", "impliedWeight", "impliedFloor", "ewmaFloor", "longRunFloor").shape,
  ladderMultipliers: z.tuple([finite, finite, finite, finite, finite, finite]).readonly(),
  typicalVolatility: z.exactOptional(finite),
  ...numbers("staticVolatility", "liquidationBonus", "liquidationCost", "idiosyncratic", "minimumHorizonHours").shape,
  ...numbers("refillMinutes", "largestBorrowerUsd", "supplyCapUsd").shape,
  liquidationProfile: list(z.tuple([finite, finite]).readonly()),
  ...numbers("oracleDeviation", "oracleLatencySeconds", "depthStressFloor", "depthStressElasticity").shape,
  ...numbers("coldStartDepthShare", "depthShare", "minimumGap").shape,
  ...numbers("stressVolatility", "liquidationWindowHours").shape,
  priceRise: z.exactOptional(numbers("atOnce", "perDay")),
});

const quality = z.strictObject({
  maxAgeSeconds: numbers("options", "index", "history", "pool", "feed"),
  ...numbers("maxFutureSeconds", "maxOptionSpread", "minStrikes", "maxFitErrorVolPoints", "holdSeconds").shape,
  maxPriceDisagreement: finite,
  quarantine: z.exactOptional(numbers("seconds", "agreements")),
});

const policy = numbers(
  ...(["deadBandBps", "heartbeatSeconds", "looseningHalfLifeDays", "maxLooseningBpsPerDay"] as const),
  ...(["looseningCooldownSeconds", "minLooseningConfidence", "breakerRiseBpsPerDay", "breakerRestSeconds"] as const),
);

const sources = z.strictObject({
  options: text.nullable(),
  transferFrom: text.nullable(),
  optionVenues: z.exactOptional(list(text)),
  history: text,
  otherHistories: z.exactOptional(list(text)),
  transferHistory: text.nullable(),
  route: list(list(text)),
  priceFeed: text,
});

const rate = z.strictObject({ contract: text, getter: text, mostGrowthPerYear: finite });
const claim = z.strictObject({ depeg: finite, rate: z.exactOptional(rate), history: z.exactOptional(text) });

const parametersSchema = exactly<MarketParameters>()(
  z.strictObject({
    name: text,
    collateral: z.strictObject({ symbol: text, decimals: finite }),
    debt: z.strictObject({ symbol: text }),
    model,
    quality,
    policy,
    sources,
    books: z.exactOptional(
      z.strictObject({ markets: list(text), ...numbers("maxAgeSeconds", "weight", "takerFee", "mostOfPools").shape }),
    ),
    poolMemory: z.exactOptional(numbers("partSeconds", "parts", "maxFromAverage", "maxOverAverage")),
    claim: z.exactOptional(claim),
  }),
);

const limits = exactly<ContractLimits>()(
  numbers(
    ...(["minInitialBps", "maxInitialBps", "minMaintenanceBps", "maxMaintenanceBps", "minGapBps"] as const),
    ...(["liquidationBonusBps", "tightenSpeedBpsPer30Days", "loosenSpeedBpsPer30Days", "ttlHours"] as const),
    ...(["decayHours", "staleInitialCapBps", "maxAgeMinutes", "hotStepBps", "quorumStepBps"] as const),
    ...(["hotBudgetBps", "quorumBudgetBps", "hotRaiseStep", "quorumRaiseStep"] as const),
    ...(["hotRaiseBudget", "quorumRaiseBudget"] as const),
  ),
);
const writer = exactly<Writer>()(
  z.strictObject({
    account: address,
    power: z.enum(POWERS),
    ...numbers("sequence", "window", "spentBps", "refusedBps", "aggregateBps", "tripBps").shape,
    tightenOnly: z.boolean(),
    haltedUntil: time,
  }),
);

const values = { initialBps: basisPoints, maintenanceTargetBps: basisPoints, asOf: time };

/** One market on chain when it was decided about. */
const onChainSchema = exactly<OnChainMarket>()(
  z.strictObject({
    marketId: finite,
    ...{ ...values, maintenanceBps: basisPoints, storedInitialBps: basisPoints },
    mode: z.enum(MODES),
    modeUntil: time,
    ...numbers("limit", "lowestLimit", "highestLimit", "confidence", "sources").shape,
    ...numbers("classId", "generation", "spentBps", "raised").shape,
    ...{ heldUntil: time, classHeldUntil: time },
    limits,
    writer,
    pending: z.strictObject({ ...values, limit: finite }).nullable(),
  }),
);

/** What the journal remembered of one market. */
const historySchema = exactly<MarketHistory>()(
  z.strictObject({
    depth: timed,
    lastImplied: z.strictObject({ time, vol: finite }).nullable(),
    lastVolatility: list(z.tuple([z.enum(HELD_SOURCES), time, finite]).readonly()),
    lastDepth: z.strictObject({ time, usd: finite }).nullable(),
    lastBreaker: time.nullable(),
    lastLoosening: time.nullable(),
    initials: timed,
    quarantine: z.exactOptional(list(z.tuple([text, time, finite]).readonly())),
    shockedDepth: z.exactOptional(timed),
    rates: z.exactOptional(timed),
  }),
);

/** The part of a decision that goes on chain. */
const decidedSchema = exactly<
  Pick<Decision, "initialBps" | "maintenanceTargetBps" | "limit" | "asOf" | "confidence" | "sources">
>()(z.strictObject({ ...values, ...numbers("limit", "confidence", "sources").shape }));

export const marketEvidence = z.strictObject({
  name: text,
  marketId: finite,
  parameters: parametersSchema,
  observed: list(observedSchema),
  history: historySchema,
  onChain: onChainSchema,
  decision: decidedSchema,
});

/** What a bundle says beside its markets. */
export const bundleHead = z.strictObject({
  modelVersion: z.number().int().min(0),
  chainId: z.number().int().positive(),
  contract: address,
  now: time,
});
export const bundleSchema = bundleHead.extend({ markets: list(marketEvidence) });

/** Everything behind one batch: with the code of `modelVersion` it gives the same basis points again. */
export type EvidenceBundle = Readonly<z.output<typeof bundleSchema>>;
/** The part of a bundle about one market. */
export type MarketEvidence = Readonly<z.output<typeof marketEvidence>>;

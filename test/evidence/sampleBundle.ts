import { type AppliedBatch, limitOf } from "../../keeper/domain/contract.ts";
import type { Assessment, DueMarket, OnChainMarket } from "../../keeper/domain/decision.ts";
import type { Observed } from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import type { EvidenceBundle, MarketEvidence } from "../../keeper/evidence/schema.ts";
import type { Reasoning } from "../../keeper/evidence/verify.ts";
import { fitBatch } from "../../keeper/policy/loosening.ts";
import { rateOf } from "../support/claims.ts";
import { cryptoPool, stakedPool } from "../support/curve/curvePools.ts";
import { seen } from "../support/observations.ts";
import { packed } from "../support/packed.ts";

export const NOW = 1_769_572_847;
export const CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const WRITER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

export const parameters: MarketParameters = {
  name: "WETH",
  collateral: { symbol: "WETH", decimals: 18 },
  debt: { symbol: "USDC" },
  model: {
    tailLevel: 0.99,
    degreesOfFreedom: 4,
    impliedWeight: 0.7,
    impliedFloor: 0.9,
    ewmaFloor: 0.9,
    longRunFloor: 0.6,
    ladderMultipliers: [1, 1.05, 1.1, 1.25, 1.5, 2],
    staticVolatility: 1.2,
    liquidationBonus: 0.05,
    liquidationCost: 0.002,
    idiosyncratic: 0,
    minimumHorizonHours: 1,
    refillMinutes: 30,
    largestBorrowerUsd: 20_000_000,
    supplyCapUsd: 500_000_000,
    liquidationProfile: [[0.1, 1e6]],
    oracleDeviation: 0.005,
    oracleLatencySeconds: 60,
    depthStressFloor: 0.3,
    depthStressElasticity: 1,
    coldStartDepthShare: 0.5,
    depthShare: 0.5,
    minimumGap: 0.03,
    stressVolatility: 1.5,
    liquidationWindowHours: 3,
  },
  quality: {
    maxAgeSeconds: { options: 300, index: 7200, history: 7200, pool: 60, feed: 4000 },
    maxFutureSeconds: 5,
    maxOptionSpread: 0.5,
    minStrikes: 5,
    maxFitErrorVolPoints: 3,
    holdSeconds: 3600,
    maxPriceDisagreement: 0.03,
  },
  policy: {
    deadBandBps: 25,
    heartbeatSeconds: 3600,
    looseningHalfLifeDays: 5,
    maxLooseningBpsPerDay: 150,
    looseningCooldownSeconds: 21_600,
    minLooseningConfidence: 0.8,
    breakerRiseBpsPerDay: 1000,
    breakerRestSeconds: 86_400,
  },
  sources: {
    options: "ETH",
    transferFrom: null,
    optionVenues: ["deribit", "okx"],
    history: "ETH-PERPETUAL",
    otherHistories: ["okx:ETH-USDT"],
    transferHistory: null,
    route: [["weth-usdc-500", "weth-usdc-3000"]],
    priceFeed: "ETH/USD",
  },
  books: { markets: ["okx:ETH-USDT"], maxAgeSeconds: 30, weight: 0.5, takerFee: 0.001, mostOfPools: 1 },
  poolMemory: { partSeconds: 1800, parts: 48, maxFromAverage: 0.05, maxOverAverage: 3 },
  claim: {
    depeg: 0.03,
    rate: { contract: "wstETH", getter: "getRate", mostGrowthPerYear: 0.1 },
    history: "binance:WBETHETH",
  },
};

const fault = { code: "CROSSED", source: "deribit:ETH:options", detail: "bid 0.02 above ask 0.01", count: 2 } as const;

/** One observation of every kind, and one source with nothing but a fault. */
export const observed: readonly Observed[] = [
  {
    source: "deribit:ETH:options",
    observation: {
      kind: "optionBoard",
      source: "deribit:ETH:options",
      currency: "ETH",
      eventTime: NOW - 3,
      indexUsd: 3012.55,
      quotes: [
        {
          instrument: "ETH-27FEB26-3000-C",
          expiry: 1_772_179_200,
          strike: 3000,
          kind: "call",
          bidCoin: null,
          askCoin: 0.0605,
          markCoin: 0.0598,
          markIv: 0.6213,
          forwardUsd: 3021.1,
          openInterest: 5123,
        },
      ],
    },
    faults: [fault],
  },
  {
    source: "deribit:ETH:index",
    observation: {
      kind: "volatilityIndex",
      source: "deribit:ETH:index",
      currency: "ETH",
      eventTime: NOW - 47,
      closes: [
        [NOW - 3647, 0.61],
        [NOW - 47, 0.62],
      ],
    },
    faults: [],
  },
  {
    source: "deribit:ETH:history",
    observation: {
      kind: "priceHistory",
      source: "deribit:ETH:history",
      instrument: "ETH-PERPETUAL",
      intervalSeconds: 3600,
      eventTime: NOW - 47,
      candles: [[NOW - 3647, 3000.1, 3020, 2990.05, 3012.5, 1.25e5]],
      before: {
        until: 1_725_062_400,
        days: Array.from({ length: 24 }, (_, hour) => [2_000, 3.25 + hour / 7, 0.0015] as const),
        shocks: 47_500,
        worst: [-7.25, -3.0000000000000004, -2.1],
      },
    },
    faults: [],
  },
  {
    source: "pool:weth-usdc-500",
    observation: {
      kind: "pool",
      source: "pool:weth-usdc-500",
      pool: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
      blockNumber: 24_000_000n,
      eventTime: NOW - 11,
      token0: { address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", symbol: "USDC", decimals: 6 },
      token1: { address: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", symbol: "WETH", decimals: 18 },
      feePips: 500,
      tickSpacing: 10,
      sqrtPriceX96: 1_443_489_034_842_123_456_789_012_345_678_901n,
      tick: 196_215,
      liquidity: 12_345_678_901_234_567_890n,
      ticks: [
        { index: -10, liquidityNet: 5_000_000_000_000_000_000n },
        { index: 10, liquidityNet: -5_000_000_000_000_000_000n },
      ],
    },
    faults: [],
  },
  {
    source: "feed:ETH/USD",
    observation: {
      kind: "priceFeed",
      source: "feed:ETH/USD",
      feed: "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419",
      blockNumber: 24_000_000n,
      eventTime: NOW - 600,
      priceUsd: 3010.25,
    },
    faults: [],
  },
  seen(rateOf(NOW - 11, 1.223456789)),
  {
    source: "okx:ETH:options",
    observation: null,
    faults: [{ code: "UNREACHABLE", source: "okx", detail: "ECONNREFUSED" }],
  },
  {
    source: "okx:ETH-USDT:book",
    observation: {
      kind: "orderBook",
      source: "okx:ETH-USDT:book",
      market: "ETH-USDT",
      eventTime: NOW - 1,
      bids: [
        [3012.5, 1.25],
        [3012.4, 0.00042],
      ],
      asks: [[3012.6, 7]],
    },
    faults: [],
  },
  {
    source: "curve:stETH/ETH",
    observation: { ...stakedPool(60_000, 40_000), probes: [{ i: 0, j: 1, dx: 10n ** 21n, dy: 999n * 10n ** 18n }] },
    faults: [],
  },
  { source: "curve:USDC/WETH", observation: cryptoPool(6e6, 2000), faults: [] },
  {
    source: "uniswapV3:weth-usdc-500:memory/1x600",
    observation: {
      kind: "poolMemory",
      source: "uniswapV3:weth-usdc-500:memory/1x600",
      pool: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
      blockNumber: 24_407_242n,
      eventTime: NOW - 2,
      whole: { from: NOW - 602, to: NOW - 2, meanTick: -196_430, harmonicLiquidity: 10n ** 19n },
      stretches: [{ from: NOW - 602, to: NOW - 2, meanTick: -196_430, harmonicLiquidity: 10n ** 19n }],
    },
    faults: [],
  },
];

export const onChain: OnChainMarket = {
  ...{ marketId: 1, initialBps: 2100, maintenanceBps: 1700, storedInitialBps: 2100, maintenanceTargetBps: 1750 },
  ...{ limit: limitOf(9_000), lowestLimit: limitOf(900), highestLimit: limitOf(90_000) },
  ...{ mode: "NORMAL", modeUntil: 0, asOf: NOW - 3707, heldUntil: 0, confidence: 28, sources: 16 },
  ...{ classId: 4, generation: 17, spentBps: 12, raised: 5, classHeldUntil: 0 },
  limits: {
    ...{ minInitialBps: 500, maxInitialBps: 9000, minMaintenanceBps: 500, maxMaintenanceBps: 8000, minGapBps: 200 },
    ...{ liquidationBonusBps: 500, tightenSpeedBpsPer30Days: 200, loosenSpeedBpsPer30Days: 1500 },
    ...{ ttlHours: 3, decayHours: 24, staleInitialCapBps: 9000, maxAgeMinutes: 120 },
    ...{ hotStepBps: 100, quorumStepBps: 200, hotBudgetBps: 50, quorumBudgetBps: 100 },
    ...{ hotRaiseStep: 72, quorumRaiseStep: 140, hotRaiseBudget: 72, quorumRaiseBudget: 140 },
  },
  writer: {
    ...{ account: WRITER, power: "HOT", sequence: 6, window: 12_242, spentBps: 40, refusedBps: 3 },
    ...{ aggregateBps: 400, tripBps: 800, tightenOnly: false, haltedUntil: 0 },
  },
  pending: { initialBps: 2150, maintenanceTargetBps: 1750, limit: limitOf(9_100), asOf: NOW - 107 },
};

/**
 * A stand-in for the pipeline: each decided number depends on several of its inputs, so that a change of any of them
 * shows. The real pipeline is verified end to end in test/cli.
 */
export const assess: Reasoning["assess"] = ({ now, market, observed, history, onChain }) => {
  const board = observed.find((entry) => entry.observation?.kind === "optionBoard")?.observation;
  const price = board?.kind === "optionBoard" ? board.indexUsd : 0;
  return {
    market: market.name,
    now,
    decision: {
      action: "submit",
      reasons: ["TIGHTEN"],
      initialBps: onChain.storedInitialBps + (Math.round(price) % 97),
      maintenanceTargetBps: onChain.maintenanceTargetBps + (Math.round(market.model.stressVolatility * 100) % 89),
      limit: onChain.limit - (Math.round(market.model.liquidationWindowHours * 10) % 83),
      asOf: now - 627,
      confidence: 20 + history.depth.length,
      sources: observed.length,
      breaker: false,
    },
  } as unknown as Assessment;
};

/** The stand-in, and the real fitting of a batch. */
export const reasoning: Reasoning = { assess, fitBatch, modelVersion: 1 };

/** A whole bundle of one market. */
export function sampleBundle(change: Partial<MarketEvidence> = {}): EvidenceBundle {
  const history = {
    depth: [
      [NOW - 7200, 2.5e6],
      [NOW - 3600, 2.4e6],
    ] as const,
    lastImplied: { time: NOW - 3600, vol: 0.61 },
    lastVolatility: [["har", NOW - 3600, 0.58] as const],
    lastDepth: { time: NOW - 3600, usd: 2.4e6 },
    lastBreaker: null,
    lastLoosening: NOW - 80_000,
    initials: [[NOW - 3600, 2100]] as const,
    rates: [[NOW - 86_400, 1.2233]] as const,
  };
  const input = { parameters, observed, history, onChain, ...change };
  const { decision } = assess({ ...input, now: NOW, market: input.parameters });
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  const decided = { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
  return {
    modelVersion: 1,
    chainId: 31337,
    contract: CONTRACT,
    now: NOW,
    markets: [{ name: "WETH", marketId: 1, ...input, decision: decided, ...change }],
  };
}

/** What the chain's events would say about that bundle. */
export function appliedOf(bundle: EvidenceBundle): AppliedBatch {
  return {
    chainId: bundle.chainId,
    contract: CONTRACT,
    transactionHash: `0x${"ab".repeat(32)}`,
    blockNumber: 12n,
    sequence: BigInt(bundle.markets[0]?.onChain.writer.sequence ?? 0) + 1n,
    evidence: packed(bundle).hash,
    modelVersion: bundle.modelVersion,
    writer: WRITER,
    entries: fitBatch(bundle.markets.map(dueOf)).entries,
    skipped: [],
    tightened: [],
  };
}

function dueOf({ marketId, onChain, decision }: MarketEvidence): DueMarket {
  return {
    onChain: { ...onChain, marketId },
    decision: { action: "submit", reasons: ["TIGHTEN"], breaker: false, ...decision },
  };
}

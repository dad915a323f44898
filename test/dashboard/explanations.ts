import type { Explanation, Waterfall } from "../../keeper/dashboard/status.ts";
import { limitOf } from "../../keeper/domain/contract.ts";
import type { HaircutBreakdown, OnChainMarket } from "../../keeper/domain/decision.ts";
import { fault } from "../../keeper/domain/fault.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { arrivals } from "../../keeper/policy/arrival.ts";
import { CALM_LIMITS, CALM_WRITER, calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { WETH } from "../support/shipped.ts";

/** The moment of the calm fixture: 2026-01-28T04:00:00Z. */
export const NOW = 1_769_572_800;

export type Knobs = {
  readonly market: string;
  readonly now: number;
  readonly priceUsd: number | null;
  readonly volatility: number;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly chainInitialBps: number;
  readonly chainMaintenanceBps: number;
  readonly action: "hold" | "submit";
};

const CALM: Knobs = {
  market: "WETH",
  now: NOW,
  priceUsd: 3004.5,
  volatility: 0.5871,
  initialBps: 2217,
  maintenanceBps: 1668,
  chainInitialBps: 2200,
  chainMaintenanceBps: 1650,
  action: "hold",
};

/** A calm WETH market as one look finds it; each test changes one thing. */
export function anExplanation(change: Partial<Knobs> = {}): Explanation {
  const found = before({ ...CALM, ...change });
  const { assessment, onChain } = found;
  const { now, readings, risk, target } = assessment;
  const facts = { now, asOf: readings.asOf, confidence: 0.93, sources: 35, agreement: true, onChain };
  const known = { ...facts, depthHours: risk.depth.historyHours, history: NO_HISTORY, priceUsd: readings.priceUsd };
  return {
    ...found,
    arrivals: arrivals(target, { ...known, maintenanceMayMove: true, usable: true }, assessment, DEFAULT_POLICY),
  };
}

function before(knobs: Knobs) {
  const { now, market, priceUsd, volatility, initialBps, maintenanceBps } = knobs;
  return {
    model: WETH.model,
    assessment: {
      market,
      now,
      readings: {
        asOf: now - 720,
        priceUsd,
        options: {
          kind: "optionBoard",
          source: "deribit:ETH:options",
          currency: "ETH",
          eventTime: now - 240,
          indexUsd: 3004.5,
          quotes: [],
        },
        index: {
          kind: "volatilityIndex",
          source: "deribit:ETH:dvol",
          currency: "ETH",
          eventTime: now - 720,
          closes: [],
        },
        history: null,
        transferOptions: null,
        transferHistory: null,
        route: [[{ ...pool, source: "uniswapV3:WETH-USDC-500", eventTime: now - 12 }]],
        feed: {
          kind: "priceFeed",
          source: "priceFeed:ETH-USD",
          feed: `0x${"ab".repeat(20)}`,
          blockNumber: 7n,
          eventTime: now - 600,
          priceUsd: 3001,
        },
        faults: [
          fault("WIDE", "deribit:ETH:options", "spread above 30 % of mid", 14),
          fault("UNREACHABLE", "deribit:ETH:history", "connection refused after 3 attempts in 5 s"),
        ],
        confidence: 0.93,
        sources: 35,
      },
      risk: {
        volatility: {
          level: "L1",
          implied: volatility * 0.97,
          riskNeutral: volatility * 1.03,
          index: volatility * 0.95,
          transferImplied: null,
          transferRealised: null,
          realised: null,
          har: volatility * 0.8,
          ewma: volatility * 0.78,
          longRun: 0.71,
          pooled: volatility * 0.88,
          multiplier: 1,
          used: volatility,
          binding: "impliedFloor",
        },
        depth: {
          maxSlippage: 0.04262,
          nowUsd: 9_310_000,
          robustUsd: 6_240_000,
          binding: "TWAP over 24 h",
          shockedUsd: null,
          historyHours: 312,
        },
        tail: { historical: 0.121, riskNeutral: 0.104 },
        dailyVolumeUsd: 412_000_000,
        oracleDeviation: 0.0012,
        confidence: 0.93,
        sources: 35,
        faults: [],
      },
      target: {
        maintenance: maintenanceBps / 10_000,
        initial: initialBps / 10_000,
        maintenanceTerms: breakdown(maintenanceBps / 10_000, 0.71),
        initialTerms: breakdown(initialBps / 10_000, Math.sqrt(volatility * 0.71)),
        initialBinding: "market",
        limit: LIMIT,
      },
      proposed: {
        initialBps,
        maintenanceTargetBps: maintenanceBps,
        adjustments: [{ side: "initial", rule: "dead band", fromBps: initialBps + 12, toBps: initialBps }],
        limit: limitOf(12_000),
        limitRule: "governance maximum",
      },
      decision: {
        action: knobs.action,
        reasons: knobs.action === "submit" ? ["TIGHTEN"] : ["DEAD_BAND"],
        initialBps,
        maintenanceTargetBps: maintenanceBps,
        limit: limitOf(12_000),
        asOf: now - 720,
        confidence: 28,
        sources: 35,
        breaker: false,
      },
    },
    waterfalls: { maintenance: waterfall(maintenanceBps), initial: waterfall(initialBps) },
    onChain: {
      ...chain,
      initialBps: knobs.chainInitialBps,
      storedInitialBps: knobs.chainInitialBps,
      maintenanceBps: knobs.chainMaintenanceBps,
      maintenanceTargetBps: maintenanceBps,
      asOf: now - 21_600,
    },
  } satisfies Omit<Explanation, "arrivals">;
}

/** The same look without a fault. */
export function calmed(explanation: Explanation): Explanation {
  const { assessment } = explanation;
  return { ...explanation, assessment: { ...assessment, readings: { ...assessment.readings, faults: [] } } };
}

/** Four looks a day through a crash like that of 28 January to 15 February 2026: price down 40 %, volatility up. */
export function crash(market = "WETH", priceUsd = 3004.5): Explanation[] {
  let chainInitialBps = 2200;
  let chainMaintenanceBps = 1650;
  let highest = 2217;
  return Array.from({ length: 74 }, (_, step) => {
    const day = step / 4;
    const fall = 1 / (1 + Math.exp(-(day - 7.6) * 1.3));
    const bounce = Math.max(0, day - 9) * 0.006;
    const wiggle = Math.sin(step * 1.7) * 0.008;
    const stress = fall * Math.exp(-Math.max(0, day - 8.5) / 6);
    const volatility = 0.587 + 0.79 * stress + wiggle;
    highest = Math.max(highest - 12, Math.round(2217 + 2150 * stress));
    const maintenanceBps = Math.round(1668 + (highest - 2217) * 0.72);
    const explanation = anExplanation({
      ...{ market, volatility, maintenanceBps, chainMaintenanceBps, chainInitialBps, initialBps: highest },
      now: NOW + step * 21_600,
      priceUsd: priceUsd * (1 - 0.4 * fall + bounce + wiggle),
      action: Math.abs(highest - chainInitialBps) >= 50 ? "submit" : "hold",
    });
    if (Math.abs(highest - chainInitialBps) >= 50) chainInitialBps = highest;
    chainMaintenanceBps += Math.max(-12, Math.min(37, maintenanceBps - chainMaintenanceBps));
    return explanation;
  });
}

function waterfall(totalBps: number): Waterfall {
  const steps = [
    {
      label: "price loss over the horizon",
      share: 0.64,
      origin: "Student t with 4 degrees of freedom at 99 %: 3.692 x 58.7 % a year x sqrt(24.0 h)",
    },
    { label: "oracle error", share: 0.04, origin: "deviation threshold 0.50 % and 24 s of latency" },
    { label: "liquidation bonus", share: 0.24, origin: "1/(1 + 5.00 %), paid to liquidators so that they act" },
    { label: "idiosyncratic risk", share: 0.08, origin: "governance: 1.5 % for what no market datum shows" },
  ].map(({ label, share, origin }) => ({ label, origin, bps: Math.round(totalBps * share) }));
  const rest = totalBps - steps.reduce((sum, { bps }) => sum + bps, 0);
  return {
    totalBps,
    steps: [...steps, { label: "rounding", bps: rest, origin: "up to a whole basis point, against the borrower" }],
  };
}

function breakdown(haircut: number, volatility: number): HaircutBreakdown {
  return {
    ...{ haircut, volatility, liquidationThreshold: 1 - haircut, tailMultiple: 3.69151, horizonHours: 24 },
    ...{ loss: 0.1074, lossBinding: "student", oracleError: 0.0055, idiosyncratic: 0, bonus: 0.05 },
  };
}

/** Eight slices of 0.3 x 6.24 million in four hours, over the share of the profile that falls due at a loss of 25.16 %. */
const LIMIT = { usd: 182_053_000, sellableUsd: 14_976_000, depthFactor: 1, dueShare: 0.082262, fall: 0.25161 };

const pool = {
  kind: "pool",
  pool: `0x${"cd".repeat(20)}`,
  blockNumber: 7n,
  token0: { address: `0x${"01".repeat(20)}`, symbol: "USDC", decimals: 6 },
  token1: { address: `0x${"02".repeat(20)}`, symbol: "WETH", decimals: 18 },
  feePips: 500,
  tickSpacing: 10,
  sqrtPriceX96: 1n,
  tick: 0,
  liquidity: 1n,
  ticks: [],
} as const;

const chain: OnChainMarket = {
  ...calmMarket(0),
  ...{
    highestLimit: limitOf(12_000),
    initialBps: 0,
    maintenanceBps: 0,
    maintenanceTargetBps: 0,
    asOf: 0,
    confidence: 28,
    sources: 35,
  },
  limits: {
    ...CALM_LIMITS,
    ...{ maxInitialBps: 8000, maxMaintenanceBps: 7000, staleInitialCapBps: 8000 },
  },
  writer: { ...CALM_WRITER, aggregateBps: 100, tripBps: 200 },
};

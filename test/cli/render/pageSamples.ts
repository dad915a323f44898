import type { Explanation, StatusSnapshot } from "../../../keeper/dashboard/status.ts";
import { limitOf } from "../../../keeper/domain/contract.ts";
import { fault } from "../../../keeper/domain/fault.ts";
import type { Check } from "../../../keeper/operations/configChecks.ts";
import type { DepthReport, SaleReport } from "../../../scripts/lab/cli/depthReport.ts";
import type { BoardReport, ExpiryReport, SurfaceReport } from "../../../scripts/lab/cli/surfaceReport.ts";
import { anExplanation, NOW } from "../../dashboard/explanations.ts";
import { aBook, HASH } from "../outcomes.ts";

/** Outcomes with every column, unit and special case that a page can show; the pages are in `pages/`. */

/** A market in trouble: loosening ramp, a batch in flight, stale value, a slice that is one, sources that say nothing. */
export function inTrouble(): Explanation {
  const { assessment, onChain, waterfalls, model } = anExplanation({
    action: "submit",
    volatility: 1.377,
    priceUsd: 0.85,
  });
  if (onChain === null) throw new Error("the sample has no market on chain");
  const { risk, readings, target, decision } = assessment;
  const limit = { ...target.limit, usd: 6_805.5, sellableUsd: 559.83 };
  const steps = [{ label: "a step that goes back", bps: -120, origin: "a reason" }, ...waterfalls.initial.steps];
  const totalBps = steps.reduce((sum, { bps }) => sum + bps, 0);
  const [pending, asOf] = [
    { initialBps: 2_500, maintenanceTargetBps: 1_700, limit: limitOf(9_000), asOf: NOW - 60 },
    NOW - 100_000,
  ];
  return {
    model,
    arrivals: {
      initial: { because: "loosening needs every source, and all of them in agreement", value: 2_100, at: null },
      maintenance: {
        because: "the contract moves it by at most 3000 bp in 30 days",
        value: 1_600,
        at: NOW + 43_200,
      },
      limit: { because: "it loosens at a limited pace", value: limitOf(12_000), at: NOW + 10 * 86_400 },
    },
    waterfalls: { ...waterfalls, initial: { steps, totalBps } },
    onChain: {
      ...onChain,
      pending,
      asOf,
      mode: "NO_NEW_RISK",
      modeUntil: asOf + 7 * 86_400,
      maintenanceTargetBps: 1_600,
    },
    assessment: {
      ...assessment,
      readings: {
        ...readings,
        asOf: NOW + 30,
        feed: null,
        index: null,
        faults: [fault("STALE", "priceFeed:ETH-USD", "old")],
      },
      risk: {
        ...risk,
        volatility: { ...risk.volatility, level: "L4", implied: null, multiplier: 1.2, binding: "ewmaFloor" },
        depth: { ...risk.depth, robustUsd: 950, binding: "coldStart", historyHours: 7 },
        dailyVolumeUsd: 1_530_000_000,
        confidence: 0.305,
      },
      target: { ...target, initialBinding: "gap", limit },
      proposed: { ...assessment.proposed, adjustments: [], limit: limitOf(8_006), limitRule: "the model" },
      decision: { ...decision, limit: limitOf(8_006), reasons: ["TIGHTEN", "BREAKER"], breaker: true },
    },
  };
}

/** The keeper before its first cycle, and with a market off chain, a stale one and more transactions than are shown. */
export function busyStatus(): StatusSnapshot {
  const book = aBook();
  book.decided({ ...anExplanation({ market: "WBTC", priceUsd: null }), onChain: null });
  book.decided({ ...inTrouble() });
  for (let n = 5; n < 12; n += 1) {
    const [hash, evidenceHash] = [`0x${n.toString(16).padStart(64, "a")}`, HASH];
    book.sent({ time: NOW - n * 7_200, sequence: n, markets: ["WETH", "WBTC"], hash, status: "SENT", evidenceHash });
  }
  return { ...book.snapshot(), replay: null, chain: null };
}

export const CHECKS: readonly Check[] = [
  { name: "chain", state: "ok", found: "chain 31337, block 812, 4 s old", cure: null },
  {
    name: "a check whose name is longer than its column",
    state: "warn",
    found: `what was found takes ${"many more words than one line of a hundred columns can hold ".repeat(2)}`,
    cure: `do what takes ${"just as many words as what was found, and then some more ".repeat(2)}`,
  },
  { name: "journal", state: "fail", found: "torn", cure: "move it aside" },
  { name: "sources", state: "fail", found: "none", cure: null },
];

const expiry = (change: Partial<ExpiryReport>): ExpiryReport => ({
  expiry: "2026-01-30T08:00:00Z",
  yearsToExpiry: 2.1666 / 365,
  forwardUsd: 3_004.567,
  points: 21,
  svi: { a: 0.00012345, b: 0.0123456, rho: -0.2345678, m: 0.0123456, sigma: 0.0987654 },
  rmseVolPoints: 0.456,
  insideSpreadShare: 0.955,
  butterflyMinimumBefore: 0.1234,
  butterflyMinimumAfter: 0.1234,
  repaired: false,
  atmVolatility: 0.5871,
  modelFreeVolatility: 0.612,
  quantile1PercentLoss: 0.1234,
  expectedShortfall1PercentLoss: 0.1567,
  ...change,
});

const board: BoardReport = {
  source: "deribit:ETH:options",
  currency: "ETH",
  eventTime: "2026-01-28T04:00:00Z",
  indexUsd: 3_003.21,
  confidence: 0.934,
  atmVolatilityByDays: { 1: 0.601, 7: null, 30: 0.5871 },
  expiries: [
    expiry({}),
    expiry({
      expiry: "2026-02-27T08:00:00Z",
      butterflyMinimumBefore: -0.04,
      repaired: true,
      modelFreeVolatility: null,
    }),
    expiry({
      expiry: "2026-03-27T08:00:00Z",
      quantile1PercentLoss: null,
      expectedShortfall1PercentLoss: null,
    }),
    expiry({ expiry: "2026-06-26T08:00:00Z", butterflyMinimumBefore: 0 }),
  ],
  faults: [
    { code: "WIDE", detail: "spread above 30 % of mid", count: 14 },
    {
      code: "TOO_FEW",
      detail: `expiry 2026-01-29: 3 usable strikes, ${"and why that is so, ".repeat(5)}`,
      count: null,
    },
  ],
};

export const SURFACE: SurfaceReport = {
  rules: { maxOptionSpread: 0.3, minStrikes: 5, maxFitErrorVolPoints: 3 },
  boards: [board, { ...board, currency: "BTC", expiries: [], faults: [] }],
};

const sale = (sizeBase: string, change: Partial<SaleReport>): SaleReport => ({
  sizeBase,
  receivedQuote: 2_947.043616,
  averagePriceQuotePerBase: 2_947.043616,
  slippageFraction: 0.000504,
  priceImpactFraction: 0.0000078,
  marginalPriceAfterQuotePerBase: 2_947.03,
  complete: true,
  amountInRaw: "1",
  amountInUsedRaw: "1",
  amountOutRaw: "1",
  feePaidRaw: "1",
  sqrtPriceX96After: "1",
  tickAfter: 1,
  ticksCrossed: 0,
  ...change,
});

/** A depth report; `residue` is what a rounded file needed at its ends. */
export function depthReport(residue: "0" | "764"): DepthReport {
  const drained = { complete: false, receivedQuote: 0, marginalPriceAfterQuotePerBase: 0, slippageFraction: 1 };
  return {
    pool: {
      name: "USDC/WETH 0.05 %",
      address: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
      blockNumber: residue === "0" ? "24407242" : "0",
      feeFraction: 0.0005,
      tick: 196_256,
      initialisedTicks: 1_419,
      liquidityRaw: "1",
      residueLowestRaw: "0",
      residueHighestRaw: residue,
    },
    base: { symbol: "WETH", decimals: 18 },
    quote: { symbol: "USDC", decimals: 6 },
    midPriceQuotePerBase: 2_948.53,
    sales: [
      sale("1", {}),
      sale("1000", { receivedQuote: 2_901_234.5678, averagePriceQuotePerBase: 2_901.2345678, ticksCrossed: 63 }),
      ...(residue === "0" ? [] : [sale("1e9", drained), sale("2e9", { ...drained, receivedQuote: 0.0000123 })]),
    ],
    capacities: [
      { maxSlippageFraction: 0.01, capacityBase: 512.3456789 },
      { maxSlippageFraction: 0.105, capacityBase: 0 },
    ],
  };
}

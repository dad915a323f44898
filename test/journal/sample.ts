import type { Assessment, Decision } from "../../keeper/domain/decision.ts";
import type { IntentPlan } from "../../keeper/domain/intent.ts";
import { type DepthRisk, SOURCE_BITS, type VolatilityRisk } from "../../keeper/domain/risk.ts";
import { entriesOf } from "../support/entries.ts";

export const NOW = 1_769_572_847;
export const IDENTITY = { chainId: 31337, contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };

/** The parts of an assessment that the journal looks at. */
export function sampleAssessment(
  change: {
    readonly decision?: Partial<Decision>;
    readonly depthUsd?: number;
    readonly shocked?: Pick<DepthRisk, "shockedUsd" | "shockedNowUsd">;
    readonly implied?: number | null;
    readonly volatility?: Partial<VolatilityRisk>;
    readonly rate?: number;
  } = {},
): Assessment {
  return {
    market: "WETH",
    now: NOW,
    readings: {
      ...{ asOf: NOW - 5, priceUsd: 3000, options: { quotes: ["large"] }, faults: [], confidence: 1, sources: 17 },
      ...(change.rate === undefined ? {} : { claim: { rate: change.rate } }),
    },
    target: {
      initialTerms: { volatility: 0.5, horizonHours: 24 },
      maintenanceTerms: { volatility: 0.7, horizonHours: 24 },
    },
    risk: {
      depth: { nowUsd: change.depthUsd ?? 2.5e6, shockedUsd: null, ...change.shocked },
      volatility: {
        implied: change.implied === undefined ? 0.61 : change.implied,
        har: null,
        ewma: null,
        longRun: null,
        realised: null,
        transferImplied: null,
        transferRealised: null,
        ...change.volatility,
      },
    },
    decision: {
      action: "submit",
      reasons: ["TIGHTEN"],
      initialBps: 2200,
      maintenanceTargetBps: 1800,
      asOf: NOW - 5,
      confidence: 31,
      sources: SOURCE_BITS.options | SOURCE_BITS.pools,
      breaker: false,
      ...change.decision,
    },
  } as unknown as Assessment;
}

/** A plan with a hash of its own per `n`. */
export function samplePlan(tick: number, n = 1, change: Partial<IntentPlan> = {}): IntentPlan {
  return {
    kind: "BATCH",
    replaces: null,
    tick,
    plannedAt: NOW,
    batch: {
      sequence: 7n,
      deadline: NOW + 300,
      modelVersion: 1,
      evidence: `0x${"ee".repeat(32)}`,
      entries: entriesOf([
        { marketId: 1, initialBps: 2200, maintenanceTargetBps: 1800, confidence: 31, sources: 17, asOf: NOW - 5 },
        { marketId: 2, initialBps: 3300, maintenanceTargetBps: 2800, confidence: 27, sources: 16, asOf: NOW - 9 },
      ]),
    },
    from: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    nonce: 3,
    gasLimit: 120_000n,
    maxFeePerGas: 2n ** 80n,
    maxPriorityFeePerGas: 1_000_000_000n,
    transactionHash: `0x${n.toString(16).padStart(64, "0")}`,
    rawTransaction: "0x02f8",
    ...change,
  };
}

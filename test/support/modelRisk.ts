import type { Risk } from "../../keeper/domain/risk.ts";

/** Calm ETH: volatility 60 % now and in the long run, 60 million USD of depth, 800 million USD a day. */
export function calmEth(
  change: { readonly used?: number; readonly longRun?: number | null } & Partial<Risk> = {},
): Risk {
  const { used = 0.6, longRun = 0.6, ...rest } = change;
  return {
    volatility: {
      level: "L1",
      implied: used,
      riskNeutral: null,
      index: null,
      transferImplied: null,
      transferRealised: null,
      realised: null,
      har: used,
      ewma: used,
      longRun,
      pooled: used,
      multiplier: 1,
      used,
      binding: "pooled",
    },
    depth: { maxSlippage: 0.0426, nowUsd: 60e6, robustUsd: 60e6, binding: "now", shockedUsd: null, historyHours: 672 },
    tail: { historical: null, riskNeutral: null },
    dailyVolumeUsd: 800e6,
    oracleDeviation: 0,
    confidence: 1,
    sources: 0,
    faults: [],
    ...rest,
  };
}

import type { Condition } from "../../keeper/operations/readiness.ts";

/** A keeper that is well; each test changes one thing. */
export const aCondition = (change: Partial<Condition> = {}): Condition => ({
  live: { ok: true, reason: "the last tick finished 1 s ago" },
  headAge: 12,
  lastError: null,
  failedInARow: 0,
  markets: [
    { market: "WETH", listed: true, stale: false, ageSeconds: 60, dataState: "NORMAL" },
    { market: "WBTC", listed: true, stale: false, ageSeconds: 60, dataState: "NORMAL" },
  ],
  signer: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
  allowed: true,
  powers: "may publish",
  balanceEth: 1,
  nodes: { up: 0, all: 0, quorum: 0 },
  switches: [],
  oldestTransactionAge: null,
  obstacles: [],
  evidenceMissing: 0,
  mirror: null,
  held: [],
  unsent: null,
  queueSilent: false,
  cosign: null,
  ...change,
});

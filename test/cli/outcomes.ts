import type { Verification } from "../../keeper/audit/verify.ts";
import { createStatusBook } from "../../keeper/dashboard/statusBook.ts";
import { type Hex, limitOf } from "../../keeper/domain/contract.ts";
import type { TonsorError } from "../../keeper/domain/errors.ts";
import type { ChallengeLook } from "../../keeper/operations/challenging.ts";
import type { Check } from "../../keeper/operations/configChecks.ts";
import type { Frozen } from "../../keeper/operations/freezing.ts";
import type { Services } from "../../keeper/operations/services.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";
import type { TransactionRow } from "../../keeper/operations/transactions.ts";
import type { MovedTransaction } from "../../keeper/submission/manage.ts";
import { anExplanation, NOW } from "../dashboard/explanations.ts";

/** Outcomes of the service as the commands get them, and a service made of them. */

export const HASH: Hex = `0x${"5c".repeat(32)}`;

export const CHECKS: readonly Check[] = [
  { name: "RPC endpoint", state: "ok", found: "chain 31337 at block 812, answered in 14 ms", cure: null },
  {
    name: "keeper balance",
    state: "warn",
    found: "0.0021 ETH, enough for about 9 updates",
    cure: "send 0.05 ETH to it",
  },
];

export const FAILED: Check = {
  name: "contract",
  state: "fail",
  found: "no code at 0xabc",
  cure: "run `npm run deploy`",
};

const ROW: TransactionRow = {
  id: 2,
  kind: "BATCH",
  status: "SENT",
  final: false,
  nonce: 7,
  hash: HASH,
  sequence: 5n,
  markets: ["WETH", "WBTC"],
  tightens: true,
  route: "private",
  replaces: 1,
  plannedAt: NOW,
  updatedAt: NOW + 12,
  deadline: NOW + 300,
  maxFeePerGasGwei: 41,
  maxPriorityFeePerGasGwei: 1,
  blockNumber: null,
  feeEther: null,
  detail: null,
};

export const TRANSACTIONS: readonly TransactionRow[] = [
  ROW,
  {
    ...ROW,
    id: 1,
    kind: "CANCEL",
    status: "CONFIRMED",
    nonce: 6,
    markets: [],
    route: "public",
    blockNumber: 812n,
    feeEther: 0.0004,
    detail: "asked for",
  },
  { ...ROW, id: 3, kind: "SYNC", markets: [], route: "public" },
];

export function aMove(action: "cancel" | "bump", status: MovedTransaction["status"] = "CONFIRMED"): MovedTransaction {
  return {
    action,
    nonce: 7,
    hash: HASH,
    maxFeePerGasGwei: 46.125,
    rivals: [`0x${"6e".repeat(32)}`],
    status,
    detail: null,
  };
}

export function aCycle(): CycleSummary {
  return {
    time: NOW,
    delivered: true,
    entries: [{ explanation: anExplanation({ action: "submit" }), transaction: { hash: HASH, status: "CONFIRMED" } }],
    failures: [{ market: "LINK", message: "no pool answered" }],
  };
}

/** Name of the one part of evidence that there is. */
/** Hash of the evidence of the verified batch. */
export const EVIDENCE = `0x${"6d".repeat(32)}`;
export const PART = "5d".repeat(32);

export function aVerification(verified = true): Verification {
  const difference = verified ? null : "WETH initial: chain 2217 bp, recomputed 2218 bp";
  return {
    transaction: HASH,
    contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    verified,
    difference,
    batches: [
      {
        signers: ["0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"],
        evidenceHash: EVIDENCE,
        difference,
        notes: ["the options are the venue's word"],
        markets: [
          {
            market: "WETH",
            onChain: { initialBps: 2217, maintenanceTargetBps: 1668, exposureLimitTokens: 12_000 },
            recomputed: { initialBps: verified ? 2217 : 2218, maintenanceTargetBps: 1668, exposureLimitTokens: 12_000 },
          },
        ],
      },
    ],
  };
}

/** What WETH's positions came to, with the book of its lender. */
export function aWeighing() {
  const due = [0.05, 0.1, 0.2, 0.3, 0.5].map((fall) => {
    return { fall, collateralUsd: 12_000_000 * fall, debtUsd: 9_000_000 * fall };
  });
  const book = { borrowers: 214, heldUsd: 18_400_000, debtUsd: 9_100_000, largestBorrowerUsd: 2_350_000, due };
  return { market: "WETH", collateralUsd: 18_400_000, debtUsd: 9_100_000, atRiskUsd: 40_000, why: null, book };
}

export function aBook() {
  const book = createStatusBook(
    {
      time: NOW + 900,
      keeper: { state: "running", severity: "good", message: "between two cycles", cycles: 12, lastCycle: NOW },
      data: { kind: "recorded", label: "Deribit, 28 January to 15 February 2026" },
      replay: { from: NOW, to: NOW + 1_555_200, clock: NOW + 900, speed: 7200 },
      chain: { chainId: 31_337, contract: `0x${"5f".repeat(20)}`, explorer: null },
    },
    async (name) => (name === EVIDENCE ? Buffer.from('{"inputs":1}') : name === PART ? Buffer.from("[1]") : null),
  );
  book.decided(anExplanation(), false, aWeighing());
  const kept = { windows: 212, exceeded: 3, promised: 0.01, evidence: 0.14 };
  book.calibrated([{ market: "WETH", haircut: "initial", ...kept }]);
  const numbers = { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 };
  const lender = { lender: "Aave", market: "WETH", has: numbers, says: numbers, tried: null };
  book.driven([{ ...lender, state: "REFUSED", since: NOW - 60, nextAt: NOW + 3_540, detail: "sync: no" }]);
  book.sent({
    time: NOW,
    sequence: 4,
    markets: ["WETH"],
    hash: HASH,
    status: "CONFIRMED",
    evidenceHash: EVIDENCE,
  });
  return book;
}

export const CHALLENGED: ChallengeLook = {
  ...{ blockNumber: 41, headAgeSeconds: 7, measured: 3, staleOnly: ["WBTC"], balanceEth: 0.5, affordable: 41 },
  challenged: [
    {
      ...{ market: "WETH", proof: "DIVERGED", given: 310, allowed: 200, outcome: "SET" },
      ...{ hash: `0x${"c4".repeat(32)}`, detail: null },
    },
    {
      ...{ market: "WBTC", proof: "STALE", given: 90_000, allowed: 86_400, outcome: "COOLING" },
      ...{ hash: null, detail: null },
    },
  ],
};

export const FROZEN: Frozen = {
  mode: "FROZEN",
  markets: [
    { market: "WETH", was: "NORMAL", outcome: "SET", hash: HASH, detail: null },
    { market: "WBTC", was: "FROZEN", outcome: "ALREADY", hash: null, detail: "until 2026-02-05T21:00:00Z" },
  ],
  safe: null,
};

/** A service that answers with the outcomes above; each test changes one thing. Calls are noted in `calls`. */
export function aService(change: Partial<Services> = {}): { services: () => Promise<Services>; calls: unknown[] } {
  const calls: unknown[] = [];
  const service: Services = {
    marketNames: () => ["WETH", "WBTC"],
    async assessNow(market) {
      calls.push(["assessNow", market]);
      return anExplanation({ market });
    },
    async explainStored(file, market) {
      calls.push(["explainStored", file, market]);
      const recorded = { initialBps: 2_217, maintenanceTargetBps: 1_668, limit: limitOf(12_000) };
      return {
        explanation: anExplanation({ market }),
        evidence: { hash: "0x1", modelVersion: 3, recorded, cause: "same" },
      };
    },
    async runOnce({ dryRun }) {
      calls.push(["runOnce", dryRun]);
      return aCycle();
    },
    async runLoop({ onCycle }) {
      onCycle(aCycle());
      onCycle(aCycle());
    },
    async verifyTransaction(hash) {
      calls.push(["verify", hash]);
      return aVerification();
    },
    status: async () => aBook().snapshot(),
    doctor: async () => CHECKS,
    checkConfig: async () => CHECKS,
    newMarket(name, like) {
      calls.push(["newMarket", name, like]);
      return { file: `markets/${name}.jsonc`, like, toFillIn: [`addresses.tokens.${name}`] };
    },
    async recompute({ folder, from, to, progress }) {
      calls.push(["recompute", { folder, from, to }]);
      progress(1, 1, "deciding again what was sent");
      return { folder: "state/evidence", modelVersion: 2, from, to, batches: 0, entries: [], unreadable: [] };
    },
    async rebuild({ progress }) {
      progress(1, 1, "reading transactions and their evidence");
      return { transactions: 4, markets: 2, withoutEvidence: 1, moved: ["journal.sqlite.2026-02-06"] };
    },
    async transactions(options) {
      calls.push(["transactions", options]);
      return TRANSACTIONS;
    },
    async moveTransaction(action, { onNote }) {
      calls.push(["moveTransaction", action]);
      onNote("waiting for a block, 0 s");
      return aMove(action);
    },
    async pause(request) {
      calls.push(["pause", request]);
      return { reason: `file PAUSED: ${request.reason}` };
    },
    async freeze(request) {
      calls.push(["freeze", request]);
      return FROZEN;
    },
    async challenge(options) {
      calls.push(["challenge", { once: options.once, moved: options.moved }]);
      options.onLook(CHALLENGED);
    },
    async resume() {
      calls.push(["resume"]);
      return { removed: ["file PAUSED: node upgrade"], still: null };
    },
    async keystore(task) {
      calls.push(["keystore", task]);
      return { file: task.file, address: `0x${"Ab".repeat(20)}`, opened: task.passwordFile !== null };
    },
    async close() {},
    ...change,
  };
  return { services: async () => service, calls };
}

/** A service whose wiring fails, as with a broken configuration or a dead endpoint. */
export function aBrokenService(error: TonsorError): () => Promise<Services> {
  return () => Promise.reject(error);
}

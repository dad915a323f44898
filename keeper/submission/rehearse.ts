import { serializeTransaction } from "viem";
import type { Batch, Hex } from "../domain/contract.ts";
import type { CycleReport, Obstacle } from "../domain/cycle.ts";
import { dataState } from "../domain/decision.ts";
import { type ErrorCode, ownError, TonsorError } from "../domain/errors.ts";
import { encodeBatch } from "../protocols/collateralParameters.ts";
import type { SendContext } from "./context.ts";
import { chooseFees, gasOfLast, lowFunds, marketNow } from "./fees.ts";
import { manageOpen } from "./manage.ts";
import { freeNonce, gapBelow, lowestNonce } from "./nonces.ts";
import { assertPayable } from "./send.ts";
import { currentNumbers } from "./submit.ts";
import { ownOpen } from "./submitBatch.ts";
import { leastTightening } from "./tightening.ts";

/** What a rehearsal touches besides what sending needs. */
type RehearsalParts = {
  readonly contract: Hex;
  readonly evidence: { assertWritable(): Promise<void> };
  /** Runs a batch as an account at a block; throws what the contract says against it. */
  simulate(batch: Batch, writer: Hex, block: bigint): Promise<unknown>;
};

/**
 * Does everything that sending a tightening takes but the sending, on the chain as a cycle read it, and returns what stood
 * in the way; nothing: the next tightening could be sent. The batch raises the first market by the least step, in the
 * contract's own encoding, and is run as its writer at the cycle's block. What is signed has no gas and a nonce of 0, so
 * that no block can ever hold it. Every question is asked in one turn, so that all travel together.
 * @param context null: there is no key
 * @example await rehearse(report, parts, context) // [{ cause: "balance", detail: "too little ether on 0x..." }]
 */
export async function rehearse(
  report: Pick<CycleReport, "entries" | "failures" | "blockNumber" | "blockTime" | "baseFee">,
  parts: RehearsalParts,
  context: SendContext | null,
): Promise<readonly Obstacle[]> {
  const dark = withoutSource(report);
  const source: readonly Obstacle[] = dark.length === 0 ? [] : [{ cause: "source", detail: dark.join(", ") }];
  if (context === null) return [...source, { cause: "signer", detail: "no key: nothing can be sent" }];
  const [first] = report.entries;
  const works = [payable(report, parts, context), nonceIsClear(context), parts.evidence.assertWritable()];
  if (first !== undefined) {
    const { onChain } = first.input;
    const batch = {
      sequence: BigInt(onChain.writer.sequence) + 1n,
      deadline: report.blockTime + context.limits.deadlineSeconds,
      modelVersion: 0,
      evidence: `0x${"00".repeat(32)}`,
      entries: [leastTightening(onChain, report.blockTime)],
    } as const;
    works.push(signed(encodeBatch(batch), parts, context));
    works.push(parts.simulate(batch, onChain.writer.account, report.blockNumber).then(() => undefined));
  }
  const failed = (await Promise.allSettled(works)).flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  return [...source, ...failed.map(obstacleOf)];
}

/** Markets of which nothing can be written, for want of a usable price or depth, each with why. */
function withoutSource({ entries, failures }: Pick<CycleReport, "entries" | "failures">): readonly string[] {
  const halted = entries.filter(({ assessment }) => dataState(assessment) === "HALTED");
  const names = halted.map(({ assessment }) => `${assessment.market} has no usable price or depth`);
  if (names.length > 0 || entries.length > 0) return names;
  return failures.length === 0
    ? ["no market was assessed"]
    : failures.map(({ market, error }) => `${market}: ${error}`);
}

/** Throws unless budgets and balance bear a batch as large as the last, at the fees that would be offered in the cycle's block. */
async function payable(
  { blockNumber: number, blockTime: time, baseFee }: Pick<CycleReport, "blockNumber" | "blockTime" | "baseFee">,
  { contract }: RehearsalParts,
  context: SendContext,
): Promise<void> {
  const { account, chainId, journal } = context;
  const blank = { type: "eip1559", chainId, nonce: 0, to: contract, data: "0x", gas: gasOfLast(journal) } as const;
  // Asked before the fees are known, of a transaction at the highest, which is no shorter.
  const { maxFeePerGas, maxPriorityFeePerGas } = context.fees;
  const dearest = serializeTransaction({ ...blank, maxFeePerGas, maxPriorityFeePerGas });
  const publication = context.broadcaster.publicationFee(dearest);
  const balance = context.broadcaster.balance(account.address);
  // Whoever waits for them hears of it; nobody does where the fees are too high.
  for (const answer of [publication, balance]) answer.catch(() => undefined);
  const known = { publicationFee: () => publication, balance: () => balance };
  const broadcaster = {
    ...context.broadcaster,
    ...known,
    latestBlock: async () => ({ number, time, baseFee }),
  };
  const { limits } = await marketNow({ broadcaster, fees: context.fees });
  const transaction = { ...blank, ...chooseFees(baseFee, limits) };
  // It would take the place of what is open at the next nonce.
  const nonce = lowestNonce(ownOpen(context))[0]?.nonce ?? journal.nonceFloor(context.account.address);
  await assertPayable(transaction, { nonce, tightens: true }, { ...context, broadcaster });
}

/** @throws TonsorError NONCE_UNCLEAR; TRANSACTION_UNKNOWN where the pool holds what is not ours */
async function nonceIsClear(context: SendContext): Promise<void> {
  const { account, broadcaster, journal, limits } = context;
  const open = ownOpen(context);
  const floor = journal.nonceFloor(account.address);
  if (open.length > 0) await gapBelow(open, journal, broadcaster);
  else await freeNonce(account.address, broadcaster, { floor, confirmations: limits.confirmations });
}

async function signed(data: Hex, { contract }: RehearsalParts, { account, chainId }: SendContext): Promise<void> {
  const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 0n };
  await account.signTransaction({ type: "eip1559", chainId, nonce: 0, to: contract, data, gas: 0n, ...fees });
}

/** What a person looks at for an error; the chain and its nodes for any other. */
const CAUSES: { readonly [code in ErrorCode]?: Obstacle["cause"] } = {
  SIGNER_FAILED: "signer",
  TRANSACTION_REFUSED: "balance",
  FEE_CAP_EXCEEDED: "fees",
  SPEND_BUDGET: "fees",
  NONCE_UNCLEAR: "nonce",
  TRANSACTION_UNKNOWN: "nonce",
  DISK_FULL: "evidence",
  STATE_FAILED: "evidence",
};

function obstacleOf(error: unknown): Obstacle {
  const own = ownError(error);
  if (own === null) return { cause: "chain", detail: String(error) };
  return { cause: CAUSES[own.code] ?? "chain", detail: own.message };
}

/**
 * The report of a cycle with what is said of a low balance, what was done about open transactions when nothing was sent,
 * and whether the next tightening could be sent.
 * @param stopped whether a kill switch is set: nothing open is touched then
 */
export async function afterCycle(
  report: CycleReport,
  parts: RehearsalParts & { readonly warnBelowBatches: number; readonly stopped: boolean },
  context: SendContext,
): Promise<CycleReport> {
  const mayManage = report.batch === null && !parts.stopped;
  const { nonceUnclear, ...open } = mayManage ? await manage(report, context) : ({} as Managed);
  const unclear = report.batch?.code === "NONCE_UNCLEAR" ? report.batch.detail : nonceUnclear;
  // Both want the balance: it is asked for once, in the turn in which everything else is.
  const { address } = context.account;
  const balance = context.broadcaster.balance(address);
  const asked = { ...context, broadcaster: { ...context.broadcaster, balance: () => balance } };
  const [low, obstacles] = await Promise.all([
    lowFunds(address, parts.warnBelowBatches, { ...asked, baseFee: report.baseFee }),
    rehearse(report, parts, asked),
  ]);
  const failures = low === null ? report.failures : [...report.failures, { market: "signer", error: low }];
  // What was said to the batch itself counts also where the node has said otherwise since.
  const said = unclear === undefined || obstacles.some(({ cause }) => cause === "nonce");
  const found = said ? obstacles : [...obstacles, { cause: "nonce", detail: unclear } as const];
  return { ...report, failures, ...open, obstacles: found };
}

type Managed = { readonly openTransaction?: string; readonly nonceUnclear?: string };

async function manage({ entries }: CycleReport, context: SendContext): Promise<Managed> {
  try {
    const openTransaction = await manageOpen(
      entries.map(({ input }) => currentNumbers(input.onChain)),
      context,
    );
    return openTransaction === null ? {} : { openTransaction };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const unclear = error.code === "NONCE_UNCLEAR" ? { nonceUnclear: error.message } : {};
    return { openTransaction: error.message, ...unclear };
  }
}

import { keccak256, parseTransaction } from "viem";
import type { Batch, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent, IntentKind } from "../domain/intent.ts";
import type { SendContext } from "./context.ts";
import { assertBudget, type Fees } from "./fees.ts";
import { handOver } from "./send.ts";

/** A transaction before it has fees, a nonce and a signature. */
export type Draft = {
  readonly kind: IntentKind;
  readonly tick: number;
  readonly batch: Batch;
  readonly to: Hex;
  readonly data: Hex;
  readonly gasLimit: bigint;
  /** Whether it raises any haircut above its value on chain, or only frees a nonce. */
  readonly tightens: boolean;
};

/**
 * Signs a transaction, writes it into the journal, *then* hands it over, and returns the intent as it was planned.
 * @throws TonsorError `TRANSACTION_REFUSED` for lack of ether, with nothing signed.
 */
export async function attempt(
  draft: Draft,
  at: { readonly nonce: number; readonly fees: Fees; readonly replaces: number | null },
  context: SendContext,
): Promise<Intent> {
  const { account, broadcaster, journal, chainId, now, signal } = context;
  const { kind, tick, batch, to, data, gasLimit, tightens } = draft;
  const expense = { from: account.address, nonce: at.nonce, most: gasLimit * at.fees.maxFeePerGas, tightens };
  assertBudget(expense, context.fees, journal, now());
  const { number: plannedBlock } = await broadcaster.latestBlock();
  await assertFunds(account.address, gasLimit * at.fees.maxFeePerGas, context);
  const transaction = { type: "eip1559", chainId, nonce: at.nonce, to, data, gas: gasLimit, ...at.fees } as const;
  const rawTransaction = await account.signTransaction(transaction);
  signal.throwIfAborted();
  const intent = journal.planIntent({
    kind,
    replaces: at.replaces,
    tick,
    plannedAt: now(),
    batch,
    from: account.address,
    to,
    nonce: at.nonce,
    gasLimit,
    ...at.fees,
    transactionHash: keccak256(rawTransaction),
    rawTransaction,
    tightens,
    ...(await routeOf(draft, at.nonce, plannedBlock, context)),
  });
  await handOver(intent, context, "first");
  return intent;
}

/**
 * To the relay first, when there is one; to everyone when a tightening has waited there for `relayFallbackBlocks`, counted
 * from the first transaction of its nonce, or when one of them is public already.
 */
async function routeOf(draft: Draft, nonce: number, block: bigint, context: SendContext) {
  const { broadcaster, journal, limits } = context;
  const open = { route: "public", plannedBlock: block } as const;
  if (broadcaster.sendPrivately === undefined || draft.kind !== "BATCH") return open;
  const rivals = journal.openIntents().filter((one) => one.nonce === nonce);
  if (rivals.some(({ route }) => route === "public")) return open;
  const first = rivals[0]?.plannedBlock ?? block;
  const due = block - first >= BigInt(limits.relayFallbackBlocks);
  return due && draft.tightens ? open : ({ route: "private", plannedBlock: first } as const);
}

/** The same transaction again, to be offered with other fees. */
export function draftOf({ kind, tick, batch, to, gasLimit, tightens, rawTransaction }: Intent): Draft {
  return { kind, tick, batch, to, gasLimit, tightens, data: parseTransaction(rawTransaction).data ?? "0x" };
}

/** A transfer of nothing to the keeper itself: all it does is to use the nonce. */
export function cancellationOf(intent: Intent): Draft {
  const batch = { ...intent.batch, entries: [] };
  return { kind: "CANCEL", tick: intent.tick, batch, to: intent.from, gasLimit: 21_000n, data: "0x", tightens: true };
}

/** A node would refuse it too, but only after it is in the journal. */
async function assertFunds(account: Hex, needed: bigint, { broadcaster }: SendContext): Promise<void> {
  const balance = await broadcaster.balance(account);
  if (balance >= needed) return;
  throw new TonsorError("TRANSACTION_REFUSED", `too little ether on ${account}, wei`, {
    given: balance,
    expected: `>= ${needed} (gas limit x highest fee)`,
  });
}

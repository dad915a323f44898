import { keccak256, parseTransaction, serializeTransaction, type TransactionSerializableEIP1559 } from "viem";
import type { Batch, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { INTENT_STATUSES, type Intent, type IntentKind } from "../domain/intent.ts";
import { classifySendError, errorText } from "./broadcaster.ts";
import type { SendContext, SettleContext } from "./context.ts";
import { assertBudget, type Fees } from "./fees.ts";
import { isOf } from "./nonces.ts";

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
 * Signs a transaction, writes it into the journal, *then* hands it over, and returns the intent as it was planned. Bytes
 * that are in the journal already, for a node refused them before, have their row again.
 * @throws TonsorError `TRANSACTION_REFUSED` for lack of ether, with nothing signed; `TRANSACTION_UNKNOWN` when the same
 * bytes were handed over less than `resendAfterSeconds` ago, with nothing sent
 */
export async function attempt(
  draft: Draft,
  at: { readonly nonce: number; readonly fees: Fees; readonly replaces: number | null },
  context: SendContext,
): Promise<Intent> {
  const { account, broadcaster, journal, chainId, now, signal } = context;
  const { kind, tick, batch, to, data, gasLimit, tightens } = draft;
  const transaction = { type: "eip1559", chainId, nonce: at.nonce, to, data, gas: gasLimit, ...at.fees } as const;
  await assertPayable(transaction, { nonce: at.nonce, kind, tightens }, context);
  const { number: plannedBlock } = await broadcaster.latestBlock();
  const rawTransaction = await account.signTransaction(transaction);
  signal.throwIfAborted();
  const transactionHash = keccak256(rawTransaction);
  const earlier = journal.intentOf(transactionHash);
  if (earlier !== null) assertRested(earlier, context);
  const intent = journal.planIntent({
    ...{ kind, tick, batch, to, gasLimit, tightens, transactionHash, rawTransaction },
    ...{ from: account.address, nonce: at.nonce, replaces: at.replaces, plannedAt: now() },
    ...at.fees,
    ...routeOf(draft, at.nonce, plannedBlock, context),
  });
  await handOver(intent, context, earlier !== null && INTENT_STATUSES[earlier.status].open ? "again" : "first");
  return intent;
}

/** What a node refused a moment ago it refuses again: asking in every cycle brings nothing. */
function assertRested({ transactionHash, detail }: Intent, { sends, limits }: SendContext): void {
  const wait = limits.resendAfterSeconds * 1_000 - sends.sinceLastMs(transactionHash);
  if (wait <= 0) return;
  const facts = { given: transactionHash, expected: `another try in ${Math.ceil(wait / 1_000)} s` };
  const what = `the same transaction was handed over a moment ago: ${detail ?? "sent"}`;
  throw new TonsorError("TRANSACTION_UNKNOWN", what, facts);
}

/**
 * To the relay first, when there is one; to everyone when a tightening has waited there for `relayFallbackBlocks`, counted
 * from the first transaction of its nonce, or when one of them is public already.
 */
function routeOf(draft: Draft, nonce: number, block: bigint, context: SendContext) {
  const { broadcaster, journal, limits } = context;
  const open = { route: "public", plannedBlock: block } as const;
  if (broadcaster.sendPrivately === undefined || draft.kind !== "BATCH") return open;
  const rivals = journal.openIntents().filter((one) => isOf(one, context.account.address) && one.nonce === nonce);
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

/**
 * Throws unless budgets and balance bear the most that a transaction can cost, at a nonce whose open rivals it would replace.
 * A node would refuse for lack of ether too, but only after it is in the journal.
 * @throws TonsorError `SPEND_BUDGET`, `TRANSACTION_REFUSED`
 */
export async function assertPayable(
  transaction: TransactionSerializableEIP1559 & { readonly gas: bigint; readonly maxFeePerGas: bigint },
  { nonce, kind = "BATCH", tightens }: Pick<Draft, "tightens"> & { readonly nonce: number; readonly kind?: IntentKind },
  { account: { address: account }, broadcaster, fees, journal, now }: SendContext,
): Promise<void> {
  const publication = await broadcaster.publicationFee(serializeTransaction(transaction));
  const needed = transaction.gas * transaction.maxFeePerGas + publication;
  assertBudget({ from: account, nonce, most: needed, kind, tightens }, fees, journal, now());
  const balance = await broadcaster.balance(account);
  if (balance >= needed) return;
  throw new TonsorError("TRANSACTION_REFUSED", `too little ether on ${account}, wei`, {
    given: balance,
    expected: `>= ${needed} (gas limit x highest fee)`,
  });
}

/**
 * Sends the bytes of an intent and writes down what came of it: SENT; DROPPED when a node refused the *first* sending
 * for a clear reason and does not have it; UNKNOWN when there is no telling. What was handed over before is never
 * DROPPED for a refusal: another node may have it. Never throws for what the node says.
 * @throws TonsorError `STATE_LOST`, with nothing sent, when the journal that has it is not in its place any more
 */
export async function handOver(intent: Intent, context: SettleContext, sending: "first" | "again"): Promise<void> {
  const { journal, broadcaster, now, sends } = context;
  journal.assertInPlace();
  sends.note(intent.transactionHash, sending);
  const send = intent.route === "private" ? (broadcaster.sendPrivately ?? noRelay) : broadcaster.send;
  const failure = await send(intent.rawTransaction).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (failure === null) return journal.markSent(intent.id, now());
  const verdict = classifySendError(failure.error);
  const detail = `${verdict}: ${errorText(failure.error).slice(0, 300)}`;
  if (verdict === "ALREADY_KNOWN") return journal.markSent(intent.id, now());
  // A low nonce is also what a node says of a transaction that it has just put into a block; by hash we shall know.
  // One node's pool may be full, and another's have it.
  if (verdict === "UNCLEAR" || verdict === "NONCE_USED" || verdict === "FULL")
    return journal.markUnknown(intent.id, now(), detail);
  const known = await broadcaster.knows(intent.transactionHash).catch(() => null);
  if (known === true) return journal.markSent(intent.id, now());
  if (known === false && sending === "first") {
    return journal.resolveIntent(intent.id, { status: "DROPPED", at: now(), detail });
  }
  journal.markUnknown(intent.id, now(), detail);
}

/** A private transaction waits for its relay: without one it must not go anywhere else. */
async function noRelay(): Promise<never> {
  throw new Error("the private relay is not configured any more");
}

/** When this process handed each transaction over, by a monotonic clock. */
export type SendTimes = {
  /** `again`: it was handed over before, by this process or an earlier one. */
  note(hash: Hex, sending: "first" | "again"): void;
  /** A reorganisation dropped it from its block: its price was good enough once, and its wait begins anew. */
  restart(hash: Hex): void;
  /** Milliseconds since the first and since the last hand-over; infinite for one this process never handed over. */
  sinceFirstMs(hash: Hex): number;
  sinceLastMs(hash: Hex): number;
};

/** More transactions than this do not compete for one nonce. */
const KEPT = 256;

/**
 * Keeps the times by the monotonic clock given, so that a wall clock that jumps neither holds a replacement back nor
 * hurries it. What an earlier process sent counts as sent long ago, also when this one has sent it again: a keeper that
 * cron starts afresh every minute would else wait for ever for a transaction that a pool forgets every minute.
 */
export function sendTimes(nowMs: () => number): SendTimes {
  const times = new Map<Hex, { readonly first: number; last: number }>();
  const forgetOldest = () => {
    const [oldest] = times.keys();
    if (times.size > KEPT && oldest !== undefined) times.delete(oldest);
  };
  return {
    note(hash, sending) {
      const now = nowMs();
      const known = times.get(hash);
      const first = sending === "first" ? now : Number.NEGATIVE_INFINITY;
      if (known === undefined) times.set(hash, { first, last: now });
      else known.last = now;
      forgetOldest();
    },
    restart(hash) {
      times.set(hash, { first: nowMs(), last: Number.NEGATIVE_INFINITY });
      forgetOldest();
    },
    sinceFirstMs: (hash) => nowMs() - (times.get(hash)?.first ?? Number.NEGATIVE_INFINITY),
    sinceLastMs: (hash) => nowMs() - (times.get(hash)?.last ?? Number.NEGATIVE_INFINITY),
  };
}

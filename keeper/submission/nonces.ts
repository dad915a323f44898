import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import type { Broadcaster } from "./broadcaster.ts";

/** A nonce belongs to its key: after a rotation the journal may hold open intents of two. */
export function isOf({ from }: Pick<Intent, "from">, account: Hex): boolean {
  return from.toLowerCase() === account.toLowerCase();
}

/** Intents in groups that compete for one nonce of one key, in the order given. */
export function rivalGroups(intents: readonly Intent[]): readonly (readonly Intent[])[] {
  return [...Map.groupBy(intents, ({ from, nonce }) => `${from.toLowerCase()} ${nonce}`).values()];
}

function openNonces(open: readonly Intent[]): readonly number[] {
  return [...new Set(open.map(({ nonce }) => nonce))].toSorted((a, b) => a - b);
}

/** Of the open intents of one key those of the lowest nonce: only they can be mined next. */
export function lowestNonce(open: readonly Intent[]): readonly Intent[] {
  const [first] = open;
  return open.filter(({ nonce }) => nonce === first?.nonce);
}

/** What of the journal says which nonces of a key it has used itself. */
type Used = Pick<Journal, "nonceFloor" | "hasNonce">;

/** Whether what waits is above the chain's next nonce, and what the journal knows of that one. */
type Below = { readonly next: number; readonly kind: "gap" | "stranded" };

/**
 * The chain's next nonce when it is below those of the open intents of one key, or null: it blocks all of them. A "gap"
 * once had an intent of this journal, which a reorganisation dropped: something must use it. Intents above any other
 * nonce are "stranded": they were signed for one that the node made up, and no filler would ever bring the chain there.
 * @throws TonsorError `NONCE_UNCLEAR` when the node lags behind what the journal has seen in blocks
 */
export async function below(open: readonly Intent[], journal: Used, broadcaster: Broadcaster): Promise<Below | null> {
  const [first] = lowestNonce(open);
  if (first === undefined) return null;
  const next = await broadcaster.nonce(first.from, "latest");
  if (next >= first.nonce) return null;
  assertNoLag(next, journal.nonceFloor(first.from));
  return { next, kind: journal.hasNonce(first.from, next) ? "gap" : "stranded" };
}

/**
 * The gap below the open intents of one key, or null when there is none.
 * @throws TonsorError `NONCE_UNCLEAR` when they are stranded; as `below` does
 */
export async function gapBelow(
  open: readonly Intent[],
  journal: Used,
  broadcaster: Broadcaster,
): Promise<number | null> {
  const found = await below(open, journal, broadcaster);
  if (found?.kind !== "stranded") return found?.next ?? null;
  throw new TonsorError("NONCE_UNCLEAR", "what waits was signed for a nonce that the chain is not near to", {
    given: `nonce ${lowestNonce(open)[0]?.nonce}`,
    expected: `${found.next}, the chain's next; it is given up when its deadline has passed`,
  });
}

/** So many nonces beyond the journal's own may be another process of this key; more are believed only when they last. */
const SMALL_JUMP = 16;

/**
 * Returns the next nonce of an account of which the journal holds nothing open. The journal's own comes first: when the
 * node says another, it is asked once more, by the number of a block; for a jump beyond `SMALL_JUMP`, of a block that is
 * `confirmations` deep. A node that lies once is not believed. Of a key that it never saw in a block the journal has no word of its own.
 * @throws TonsorError `NONCE_UNCLEAR` when the node contradicts the journal or itself; `TRANSACTION_UNKNOWN` when its pool
 * holds a transaction of the account: it is not ours.
 */
export async function freeNonce(
  account: Hex,
  broadcaster: Broadcaster,
  { floor, confirmations }: { readonly floor: number; readonly confirmations: number },
): Promise<number> {
  const [mined, pending] = await Promise.all([
    broadcaster.nonce(account, "latest"),
    broadcaster.nonce(account, "pending"),
  ]);
  assertNoLag(mined, floor);
  if (mined > floor) {
    const { number } = await broadcaster.latestBlock();
    const depth = floor > 0 && mined - floor > SMALL_JUMP ? BigInt(confirmations) : 0n;
    const block = number > depth ? number - depth : 0n;
    const earlier = await broadcaster.nonce(account, block);
    if (earlier !== mined) {
      throw new TonsorError("NONCE_UNCLEAR", "the node's next nonce does not follow from the journal's, nor last", {
        given: `${mined} now, ${earlier} in block ${block}`,
        expected: `${floor}, the journal's own, or the same in both`,
      });
    }
  }
  if (pending <= mined) return mined;
  throw strangers(pending - mined, mined);
}

function assertNoLag(next: number, floor: number): void {
  if (next >= floor) return;
  throw new TonsorError("NONCE_UNCLEAR", "the node lags behind what the journal has seen in blocks", {
    given: `next nonce ${next}`,
    expected: `>= ${floor}`,
  });
}

/**
 * Throws `TRANSACTION_UNKNOWN` unless the next nonce of the chain is the lowest of the open intents of one key, and the pool holds
 * nothing of the account but them.
 */
export async function assertReplaceable(open: readonly Intent[], broadcaster: Broadcaster): Promise<void> {
  const [first] = open;
  if (first === undefined) return;
  const [mined, pending] = [
    await broadcaster.nonce(first.from, "latest"),
    await broadcaster.nonce(first.from, "pending"),
  ];
  if (mined > first.nonce) {
    throw new TonsorError("TRANSACTION_UNKNOWN", `nonce ${first.nonce} was used while a replacement was decided`);
  }
  if (mined < first.nonce) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "the chain went back behind the nonce of an open transaction", {
      given: mined,
      expected: `next nonce ${first.nonce}`,
    });
  }
  const count = openNonces(open).length;
  if (pending > mined + count) throw strangers(pending - mined - count, mined + count);
  if (pending <= mined) return;
  for (const { transactionHash } of open) if (await broadcaster.knows(transactionHash)) return;
  throw strangers(1, mined);
}

function strangers(count: number, nonce: number): TonsorError {
  return new TonsorError(
    "TRANSACTION_UNKNOWN",
    `the pool holds transactions of this key from nonce ${nonce} on that the journal does not know; ` +
      "one keeper per key: stop the other one, or let them be mined",
    { given: count, expected: "0" },
  );
}

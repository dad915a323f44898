import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Broadcaster } from "./broadcaster.ts";

/** Nonces of the open intents, each once, lowest first. */
export function openNonces(open: readonly Intent[]): readonly number[] {
  return [...new Set(open.map(({ nonce }) => nonce))].toSorted((a, b) => a - b);
}

/** The open intents of the lowest nonce: only they can be mined next. */
export function lowestNonce(open: readonly Intent[]): readonly Intent[] {
  const [first] = open;
  return open.filter(({ nonce }) => nonce === first?.nonce);
}

/** The first nonce below those of the open intents that the chain has not used, or null: it blocks all of them. */
export async function gapBelow(
  open: readonly Intent[],
  account: Hex,
  broadcaster: Broadcaster,
): Promise<number | null> {
  const [lowest] = openNonces(open);
  if (lowest === undefined) return null;
  const next = await broadcaster.nonce(account, "latest");
  return next < lowest ? next : null;
}

/**
 * Returns the next nonce of an account of which the journal holds nothing open. `floor` is the lowest that the journal
 * has not seen in a block.
 * @throws TonsorError `TRANSACTION_UNKNOWN` when the node's pool holds a transaction of the account: it is not ours.
 */
export async function freeNonce(account: Hex, broadcaster: Broadcaster, floor = 0): Promise<number> {
  const [mined, pending] = [await broadcaster.nonce(account, "latest"), await broadcaster.nonce(account, "pending")];
  if (mined < floor) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "the node lags behind what the journal has seen in blocks", {
      given: `next nonce ${mined}`,
      expected: `>= ${floor}`,
    });
  }
  if (pending <= mined) return mined;
  throw strangers(pending - mined, mined);
}

/**
 * Throws `TRANSACTION_UNKNOWN` unless the next nonce of the chain is the lowest of the open intents, and the pool holds
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

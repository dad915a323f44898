import type { Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { ChainDoor } from "./chainDoor.ts";

/**
 * Returns the next nonce of an account of which the journal holds nothing open. `floor` is the lowest that the journal
 * has not seen in a block.
 * @throws TonsorError `TRANSACTION_UNKNOWN` when the node's pool holds a transaction of the account: it is not ours.
 */
export async function freeNonce(account: Hex, door: ChainDoor, floor = 0): Promise<number> {
  const [mined, pending] = [await door.nonce(account, "latest"), await door.nonce(account, "pending")];
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
export async function assertReplaceable(open: readonly Intent[], door: ChainDoor): Promise<void> {
  const [first] = open;
  if (first === undefined) return;
  const [mined, pending] = [await door.nonce(first.from, "latest"), await door.nonce(first.from, "pending")];
  if (mined > first.nonce) {
    throw new TonsorError("TRANSACTION_UNKNOWN", `nonce ${first.nonce} was used while a replacement was decided`);
  }
  if (mined < first.nonce) {
    throw new TonsorError("TRANSACTION_UNKNOWN", "the chain went back behind the nonce of an open transaction", {
      given: mined,
      expected: `next nonce ${first.nonce}`,
    });
  }
  const count = new Set(open.map(({ nonce }) => nonce)).size;
  if (pending > mined + count) throw strangers(pending - mined - count, mined + count);
  if (pending <= mined) return;
  for (const { transactionHash } of open) if (await door.knows(transactionHash)) return;
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

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** Where and by which transaction a contract was created. */
export type Creation = { readonly address: string; readonly transaction: string };

/**
 * What we read of Ignition's journal, one JSON object a line: a confirmed transaction. (Ignition's own
 * `listTransactions` fails on a journal in which a transaction was dropped and sent again.)
 */
const confirmation = z.object({
  type: z.literal("TRANSACTION_CONFIRM"),
  futureId: z.string(),
  hash: z.string(),
  receipt: z.object({ contractAddress: z.string(), status: z.literal("SUCCESS") }),
});

/**
 * Returns the creation of one contract from the journal in `folder`; the last, should it have been tried again.
 *
 * @throws TonsorError RPC_FAILED when the journal has no successful one.
 */
export function creationOf(folder: string, futureId: string): Creation {
  const found = readFileSync(join(folder, "journal.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes("TRANSACTION_CONFIRM"))
    .map((line) => confirmation.safeParse(JSON.parse(line)).data)
    .findLast((message) => message?.futureId === futureId);
  if (found === undefined) {
    throw new TonsorError("RPC_FAILED", `Ignition's journal has no successful transaction for ${futureId}`);
  }
  return { address: found.receipt.contractAddress, transaction: found.hash };
}

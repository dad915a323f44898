import { join } from "node:path";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import { openJournal } from "../journal/journal.ts";
import type { Context } from "./context.ts";

/** The journal's transactions, newest first, those that are open or still watched first of all. No chain, no key. */
export async function listTransactions(
  context: Context,
  { limit, openOnly }: { readonly limit: number; readonly openOnly: boolean },
): Promise<readonly TransactionRow[]> {
  const config = await context.config();
  const { contract, markets } = await context.deployment();
  const store = openJournal(join(config.state, "journal.sqlite"), {
    chainId: config.chainId,
    contract: contract.address,
  });
  try {
    const names = new Map(markets.map(({ id, name }) => [id, name]));
    const shown = openOnly ? [...store.openIntents(), ...store.watchedIntents()] : store.recentIntents(limit);
    return shown.slice(0, limit).map((intent) => rowOf(intent, names));
  } finally {
    store.close();
  }
}

/**
 * The hash of the journal's one transaction that begins with `start`; a whole hash is its own, in the journal or not.
 * @throws TonsorError UNKNOWN_TRANSACTION; BAD_ARGUMENT when several begin so
 */
export function wholeHash(store: Pick<Journal, "hashesFrom">, start: string): string {
  if (start.length === 66) return start;
  const [found, other] = store.hashesFrom(start);
  const facts = { field: "transaction", given: start };
  if (found === undefined) throw new TonsorError("UNKNOWN_TRANSACTION", "no hash in the journal begins so", facts);
  if (other === undefined) return found;
  const expected = `more digits: ${found} or ${other}`;
  throw new TonsorError("BAD_ARGUMENT", "several transactions begin so", { ...facts, expected });
}

/** One row of the journal of transactions. Times are Unix seconds. */
export type TransactionRow = Readonly<ReturnType<typeof rowOf>>;

function rowOf(intent: Intent, names: ReadonlyMap<number, string>) {
  const { batch } = intent;
  return {
    id: intent.id,
    kind: intent.kind,
    status: intent.status,
    final: intent.final,
    nonce: intent.nonce,
    hash: intent.transactionHash,
    sequence: batch.sequence,
    markets: batch.entries.map(({ marketId }) => names.get(marketId) ?? `market ${marketId}`),
    tightens: intent.tightens,
    route: intent.route,
    replaces: intent.replaces,
    plannedAt: intent.plannedAt,
    updatedAt: intent.updatedAt,
    deadline: batch.deadline,
    maxFeePerGasGwei: gwei(intent.maxFeePerGas),
    maxPriorityFeePerGasGwei: gwei(intent.maxPriorityFeePerGas),
    blockNumber: intent.blockNumber,
    feeEther: intent.feeWei === null ? null : Number(intent.feeWei) / 1e18,
    detail: intent.detail,
  };
}

function gwei(wei: bigint): number {
  return Number(wei) / 1e9;
}

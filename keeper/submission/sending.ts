import type { PublicClient } from "viem";
import type { Hex } from "../domain/batch.ts";
import type { Journal } from "../domain/journal.ts";
import { chainClient } from "../protocols/client.ts";
import type { ChainDoor, Rpc } from "../submission/chainDoor.ts";
import type { FeeLimits } from "../submission/fees.ts";
import { fundsLeft, fundsWarning } from "../submission/fundsLeft.ts";

/** A client's JSON-RPC as submission wants it. */
export function providerOf(client: PublicClient): Rpc {
  return { request: (args) => client.request(args as never) };
}

/** The private relay, or undefined when none is configured. */
export function openRelay(url: string | null, chainId: number): Rpc | undefined {
  return url === null ? undefined : providerOf(chainClient({ chainId, rpc: url }));
}

/** What to say about the keeper's balance, or null while it pays for enough batches or cannot be read. */
export async function fundsNote(
  account: Hex,
  { warnBelowBatches = 0 }: { readonly warnBelowBatches?: number },
  parts: { readonly store: Journal; readonly door: ChainDoor; readonly fees: FeeLimits },
): Promise<{ readonly market: string; readonly error: string } | null> {
  const { store, door, fees } = parts;
  try {
    const [balance, { baseFee }] = await Promise.all([door.balance(account), door.latestBlock()]);
    const [last] = store.recentIntents(1);
    const cost = last === undefined ? { baseFee } : { baseFee, gasLimit: last.gasLimit };
    const warning = fundsWarning(account, fundsLeft(balance, cost, fees), warnBelowBatches);
    return warning === null ? null : { market: "signer", error: warning };
  } catch {
    // A node that does not answer is told of by the cycle itself.
    return null;
  }
}

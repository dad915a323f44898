import type { PublicClient } from "viem";
import { TonsorError } from "../domain/errors.ts";
import { explainCallError } from "./revert.ts";

/**
 * Runs reads of one moment together with `eth_chainId` (one JSON-RPC batch) and returns their result only when the node
 * is of the chain that the client was made for. A node of another chain is named as such, whatever else went wrong.
 * @throws TonsorError `WRONG_CHAIN`, or what `explainCallError` makes of the failure.
 */
export async function onChain<T>(client: PublicClient, read: () => Promise<T>): Promise<T> {
  const [chain, result] = await Promise.allSettled([client.getChainId(), read()]);
  if (chain.status === "rejected") throw explainCallError(chain.reason);
  const expected = client.chain?.id;
  if (chain.value !== expected) {
    const facts = { given: chain.value, expected: `chain ${expected}` };
    throw new TonsorError("WRONG_CHAIN", "the node is of another chain", facts);
  }
  if (result.status === "rejected") throw explainCallError(result.reason);
  return result.value;
}

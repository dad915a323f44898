import type { LocalAccount, PublicClient } from "viem";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { openNodes } from "../io/nodes.ts";
import type { RpcQuorum } from "../io/quorum/rpcQuorum.ts";
import { openRpc, type Rpc } from "../io/rpc.ts";
import { chainClient } from "../protocols/client.ts";
import { monotonicClock, wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { openBroadcaster } from "../submission/broadcaster.ts";
import { feeLimits } from "../submission/fees.ts";
import type { ClosingParts } from "../submission/setModes.ts";

/** The nodes of a configuration, and what reads and sends through them. Asks nothing yet. */
export function openChain(config: Config): {
  readonly nodes: string | RpcQuorum;
  readonly client: PublicClient;
  readonly rpc: Rpc;
} {
  const { chainId, rpc: limits } = config;
  const nodes = openNodes(config, wallClock);
  const about = { chainId, timeoutMs: limits.timeoutSeconds * 1_000 };
  return { nodes, client: chainClient({ ...about, rpc: nodes }), rpc: openRpc({ ...about, url: nodes }) };
}

/**
 * What a command that closes markets by itself sends with.
 * @param expected which key, in words
 * @throws TonsorError BAD_CONFIG without a key
 */
export function closingParts(
  config: Config,
  client: ClosingParts["client"],
  { contract, account, expected }: { contract: Hex; account: LocalAccount | null; expected: string },
): ClosingParts {
  if (account === null)
    throw new TonsorError("BAD_CONFIG", "no key to sign with", { field: "KEYSTORE_FILE", given: "nothing", expected });
  const { gasMarginPercent, receiptTimeoutSeconds } = config.transactions;
  return {
    ...{ client, contract, account, gasMarginPercent, receiptTimeoutSeconds },
    ...{ broadcaster: openBroadcaster(client), fees: feeLimits(config.fees), clock: monotonicClock },
  };
}

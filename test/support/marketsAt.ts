import type { PublicClient } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import { openRpc } from "../../keeper/io/rpc.ts";
import { readMarkets } from "../../keeper/protocols/readMarkets.ts";

/** Markets of the contract and the account that writes them, through a viem client, at a block or at the latest. */
export async function marketsAt(
  client: PublicClient,
  contract: Hex,
  ids: readonly number[],
  account: Hex,
  at: bigint | "latest" = "latest",
): ReturnType<typeof readMarkets> {
  const rpc = openRpc({ url: client, chainId: client.chain?.id ?? 0 });
  return readMarkets({ rpc, contract, block: await rpc.block(at) }, ids, account);
}

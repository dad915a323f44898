import { type Hex, parseAbiItem, zeroAddress } from "viem";
import type { SimulatedChain } from "./chain.ts";

const TRANSFER = parseAbiItem("event Transfer(address indexed from, address indexed to, uint256 value)");

/** Everybody who ever had a token, from its transfers since the chain began or was forked; in order of address. */
export async function holdersOf({ client, forkedFrom }: SimulatedChain, token: Hex): Promise<readonly Hex[]> {
  const fromBlock = forkedFrom === null ? 0n : forkedFrom.block + 1n;
  const logs = await client.getLogs({ address: token, event: TRANSFER, fromBlock });
  const seen = new Set(logs.flatMap(({ args }) => [args.from, args.to]));
  return [...seen].filter((one): one is Hex => one !== undefined && one !== zeroAddress).sort();
}

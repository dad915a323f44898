import { createPublicClient, custom, defineChain, type PublicClient } from "viem";
import { oneNode } from "../io/oneNode.ts";

/** A node and the chain it must be of. */
type ClientOptions = {
  readonly chainId: number;
  /** JSON-RPC address, or an EIP-1193 provider of an in-process node. */
  readonly rpc: string | { request(args: { method: string; params?: unknown }): Promise<unknown> };
  /** For one request, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
};

/**
 * A viem client of one chain. It never retries by itself: a second `eth_sendRawTransaction` behind our back would hide
 * whether the first arrived. Calls of one moment travel in one JSON-RPC batch, so that chain id and values come from
 * the same answer. The chain is defined from configuration, for `viem/chains` costs 0.7 s and 50 MB.
 * @example chainClient({ chainId: 31337, rpc: "http://127.0.0.1:8545" })
 */
export function chainClient(options: ClientOptions): PublicClient {
  const { chainId, rpc, timeoutMs = 10_000 } = options;
  const provider = typeof rpc === "string" ? oneNode(rpc, chainId, timeoutMs) : rpc;
  const chain = defineChain({
    id: chainId,
    name: `chain ${chainId}`,
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [] } },
  });
  return createPublicClient({ chain, transport: custom(provider, { retryCount: 0 }), cacheTime: 0 }) as PublicClient;
}

import { createPublicClient, custom, defineChain, type PublicClient } from "viem";
import { TonsorError } from "../domain/errors.ts";
import { batched, refusal, type Waiting } from "../io/quorum/batched.ts";
import { type Question, type RpcNode, rpcNode } from "../io/quorum/rpcNode.ts";
import type { Provider } from "../io/rpc.ts";

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

/**
 * An EIP-1193 provider of one node, through the same client as a quorum's: deadline over the whole answer, caps by method,
 * canonical or refused. Questions of one turn travel in one request with `eth_chainId`. A signed transaction travels
 * alone and unaccompanied, for it names its chain itself and a private relay may know no other method.
 *
 * It never retries: a second `eth_sendRawTransaction` behind our back would hide whether the first arrived.
 * @throws (on asking) RpcRequestError of viem for what the node refuses; TonsorError RPC_FAILED, WRONG_CHAIN
 */
export function oneNode(url: string, chainId: number, timeoutMs: number): Provider {
  const reads = rpcNode(url, chainId);
  const sends = rpcNode(url, null);
  const ask = batched((asked) => settle(reads, asked, chainId, timeoutMs));
  return {
    request({ method, params = [] }) {
      const question: Question = { method, params: params as readonly unknown[] };
      if (method !== "eth_sendRawTransaction") return ask(question);
      return new Promise((resolve, reject) => {
        settle(sends, [{ ...question, resolve, reject }], chainId, timeoutMs).catch(reject);
      });
    },
  };
}

async function settle(node: RpcNode, asked: readonly Waiting[], chainId: number, timeoutMs: number): Promise<void> {
  // Every request says which chain the node is of, so that is not asked twice.
  const [chain, others] = [asked.filter(isChain), asked.filter((one) => !isChain(one))];
  const reply = await node.ask(others, AbortSignal.timeout(timeoutMs));
  if (reply.kind === "silent") throw new TonsorError("RPC_FAILED", `${node.name}: ${reply.reason}`);
  const given = reply.kind === "wrongChain" ? reply.given : chainId;
  for (const one of chain) one.resolve(`0x${Number(given).toString(16)}`);
  if (reply.kind === "wrongChain") {
    const facts = { field: "chain id", given: Number(given), expected: String(chainId) };
    throw new TonsorError("WRONG_CHAIN", `${node.name} answers for another chain`, facts);
  }
  for (const [i, one] of others.entries()) {
    const answer = reply.answers[i];
    if (answer?.ok === true) one.resolve(answer.result);
    else if (answer !== undefined) one.reject(refusal(one, answer));
  }
}

function isChain({ method }: Question): boolean {
  return method === "eth_chainId";
}

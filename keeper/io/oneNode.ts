import { TonsorError } from "../domain/errors.ts";
import { batched, refusal, type Waiting } from "./quorum/batched.ts";
import { type Question, type RpcNode, rpcNode } from "./quorum/rpcNode.ts";
import type { Provider } from "./rpc.ts";

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

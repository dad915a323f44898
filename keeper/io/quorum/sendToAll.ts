import { RpcRequestError } from "viem";
import { TonsorError } from "../../domain/errors.ts";
import type { NodeAnswer, NodeReply, Question, RpcNode } from "./rpcNode.ts";

/**
 * Hands a signed transaction to every node and returns its hash when one took it. When none did, the words of all are
 * thrown together if all of them spoke; if one is silent, only that: it may have taken it, so nothing is clear.
 * @throws RpcRequestError of viem with the nodes' words; TonsorError RPC_FAILED when it is unclear
 */
export async function sendToAll(
  question: Question,
  nodes: readonly RpcNode[],
  { timeoutMs, graceMs }: { readonly timeoutMs: number; readonly graceMs: number },
): Promise<unknown> {
  const cut = new AbortController();
  const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(timeoutMs)]);
  let taken: unknown = null;
  let grace: NodeJS.Timeout | undefined;
  const replies = await Promise.all(
    nodes.map(async (node) => {
      const reply = await node.ask([question], signal);
      const answer = answerOf(reply);
      if (answer?.ok === true) {
        taken ??= answer.result;
        // The others are still given time to take it, for the transaction should be in every pool.
        grace ??= setTimeout(() => cut.abort(), graceMs);
      }
      return { name: node.name, reply, answer };
    }),
  );
  clearTimeout(grace);
  if (taken !== null) return taken;
  const silent = replies.filter(({ answer }) => answer === null);
  const { method, params } = question;
  const [first] = replies;
  if (silent.length > 0 || first === undefined) {
    const words = silent.map(({ name, reply }) => `${name}: ${reasonOf(reply)}`).join("; ");
    throw new TonsorError("RPC_FAILED", `no node took the transaction, and not every one answered: ${words}`);
  }
  const message = [...new Set(replies.map(({ answer }) => (answer?.ok === false ? answer.error.message : "")))];
  const code = first.answer?.ok === false ? first.answer.error.code : -32_000;
  throw new RpcRequestError({
    body: { method, params },
    error: { code, message: message.join(" | ") },
    url: "(quorum)",
  });
}

function answerOf(reply: NodeReply): NodeAnswer | null {
  return reply.kind === "answers" ? (reply.answers[0] ?? null) : null;
}

function reasonOf(reply: NodeReply): string {
  return reply.kind === "silent" ? reply.reason : "another chain";
}

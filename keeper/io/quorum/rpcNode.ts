import { getHttpRpcClient } from "viem/utils";
import { reasonOf } from "../rpcError.ts";

/** One question to a node. */
export type Question = { readonly method: string; readonly params: readonly unknown[] };

/** What a node answers to one question: a result, or the JSON-RPC error object it gave instead. */
export type NodeAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: NodeError };

/** A JSON-RPC error object. */
type NodeError = { readonly code: number; readonly message: string; readonly data?: unknown };

/** What came of one request to a node. Only `answers` counts: the others are a node that is not there, or not ours. */
export type NodeReply =
  | { readonly kind: "answers"; readonly answers: readonly NodeAnswer[] }
  | { readonly kind: "silent"; readonly reason: string }
  | { readonly kind: "wrongChain"; readonly given: string };

/** One JSON-RPC node over HTTP. */
export type RpcNode = {
  /** Host and port, without path or credentials. */
  readonly name: string;
  /** Puts the questions and `eth_chainId` in one request, so that no answer comes from another chain. Never throws. */
  ask(questions: readonly Question[], signal: AbortSignal): Promise<NodeReply>;
};

/** A node of a chain. Opens nothing yet, and never retries. */
export function rpcNode(url: string, chainId: number): RpcNode {
  const client = getHttpRpcClient(url, { timeout: 0 });
  const { host } = new URL(url);
  return {
    name: host,
    async ask(questions, signal) {
      const chain = { id: 0, method: "eth_chainId", params: [] };
      const body = [chain, ...questions.map((question, i) => ({ id: i + 1, ...question }))];
      try {
        const said: unknown = await client.request({ body, fetchOptions: { signal } });
        return readReply(said, questions.length, chainId);
      } catch (error) {
        return { kind: "silent", reason: signal.aborted ? "no answer in time" : reasonOf(error) };
      }
    },
  };
}

function readReply(said: unknown, count: number, chainId: number): NodeReply {
  if (!Array.isArray(said)) return { kind: "silent", reason: "not the answer to a batch" };
  const byId = new Map<unknown, unknown>(said.map((one) => [fieldOf(one, "id"), one]));
  const chain = fieldOf(byId.get(0), "result");
  if (typeof chain !== "string") return { kind: "silent", reason: "eth_chainId was not answered" };
  if (Number(chain) !== chainId) return { kind: "wrongChain", given: chain.slice(0, 40) };
  const answers = Array.from({ length: count }, (_, i) => answerOf(byId.get(i + 1)));
  return { kind: "answers", answers };
}

function answerOf(one: unknown): NodeAnswer {
  const error = fieldOf(one, "error");
  if (error === undefined || error === null) {
    const result = fieldOf(one, "result");
    if (result !== undefined) return { ok: true, result };
    return { ok: false, error: { code: -32_603, message: "no answer to this question of the batch" } };
  }
  const [code, message, data] = [fieldOf(error, "code"), fieldOf(error, "message"), fieldOf(error, "data")];
  return { ok: false, error: { code: Number(code ?? -32_603), message: String(message ?? "no message"), data } };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

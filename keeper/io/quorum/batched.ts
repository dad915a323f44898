import { RpcRequestError } from "viem";
import type { NodeAnswer, Question } from "./rpcNode.ts";

/** A question and whoever waits for its answer. */
export type Waiting = Question & { resolve(value: unknown): void; reject(error: unknown): void };

const MOST_QUESTIONS = 250;

/**
 * Collects the questions of one turn of the event loop and hands them to `settle` together, 250 at most. Where `settle`
 * fails, so does every question that it left open: nothing that a node answers ends the process.
 */
export function batched(
  settle: (asked: readonly Waiting[]) => Promise<void>,
): (question: Question) => Promise<unknown> {
  let queue: Waiting[] = [];
  const settleAll = (asked: readonly Waiting[]): void => {
    settle(asked).catch((error: unknown) => {
      for (const { reject } of asked) reject(error);
    });
  };
  const flush = (): void => {
    const all = queue;
    queue = [];
    for (let at = 0; at < all.length; at += MOST_QUESTIONS) settleAll(all.slice(at, at + MOST_QUESTIONS));
  };
  return (question) =>
    new Promise((resolve, reject) => {
      queue.push({ ...question, resolve, reject });
      if (queue.length === 1) setImmediate(flush);
    });
}

/** What a node refuses, as a node's own client would throw it. */
export function refusal({ method, params }: Question, answer: NodeAnswer & { readonly ok: false }): RpcRequestError {
  const { code, message, data } = answer.error;
  return new RpcRequestError({ body: { method, params }, error: { code, message, data }, url: "(node)" });
}

import type { Hex } from "viem";
import { z } from "zod";
import { ownError, TonsorError } from "../domain/errors.ts";
import { type CallOutcome, callParams, gatherParams, joined, readGathered } from "./joined.ts";
import { type NodeAnswer, type Question, rpcNode } from "./quorum/rpcNode.ts";
import { asRpcError, isRevert, reasonOf } from "./rpcError.ts";

/** One block: its identity, its time (Unix seconds), and its base fee (wei per gas; 0 where the chain has none). */
export type Block = {
  readonly number: bigint;
  readonly hash: Hex;
  readonly timestamp: number;
  readonly baseFee: bigint;
};

/** One `eth_call`. */
export type Call = {
  readonly to: Hex;
  readonly data: Hex;
  /** Runtime code that the node is to find at `to` (a state override). Where it cannot, the call counts as refused. */
  readonly code?: Hex;
  /** About what it takes, gas; absent: a simple view. What is gathered stays below what public nodes allow. */
  readonly gas?: number;
};

/** What one call gave: its return data, or why the contract refused. */
export type CallResult = { readonly ok: true; readonly data: Hex } | { readonly ok: false; readonly reason: string };

/**
 * Reads of one chain. Every read names its block, and every request carries a chain id check in the same batch, so that
 * no number can come from another chain than the one configured. A quorum of several nodes has this same shape.
 *
 * All reads throw RPC_FAILED when the node fails or the signal aborts, WRONG_CHAIN when it answers for another chain.
 */
export type Rpc = {
  readonly chainId: number;
  /** Host of the node, without path or credentials, for messages. */
  readonly name: string;
  block(at: bigint | "latest", signal?: AbortSignal): Promise<Block>;
  /**
   * Results in the order of the calls, all at one block. A call that reverts does not fail the others. Reads of one turn of
   * the event loop travel together.
   */
  calls(calls: readonly Call[], blockNumber: bigint, signal?: AbortSignal): Promise<readonly CallResult[]>;
};

/** An EIP-1193 provider. */
export type Provider = { request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown> };

type RpcSettings = {
  /** Address of a node, or an RPC quorum of several. */
  readonly url: string | Provider;
  readonly chainId: number;
  /** For one HTTP request, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /**
   * Calls in one HTTP request, the chain id check beside them. Default 60: the answer of 250 ticks is a string beyond 128 KB,
   * which the engine gives back late (30 MB more at the worst).
   */
  readonly batchSize?: number;
  /** Whether the calls of one request are made by one `eth_call`, where the node can. Default true. */
  readonly gather?: boolean;
  /** HTTP requests of one read at the same time. Default 4. */
  readonly concurrency?: number;
};

/** Of what is gathered into one question, gas: public nodes allow 50 million and more. */
const MOST_GAS = 40_000_000;
const VIEW_GAS = 100_000;

/** After so many refusals the node counts as one without state overrides, and is asked call by call. */
const MOST_REFUSALS = 3;

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform(BigInt);
// Gathered answers are long: looking for what must not be there needs no memory of what was there.
const isBytes = (text: string) => text.startsWith("0x") && text.length % 2 === 0 && !/[^0-9a-f]/i.test(text.slice(2));
const bytes = z.custom<Hex>((value) => typeof value === "string" && isBytes(value), "0x bytes");
const blockShape = z.object({ number: quantity, hash: bytes, timestamp: quantity, baseFeePerGas: quantity.nullish() });

/**
 * A connection to one JSON-RPC node over HTTP. Opens nothing yet and never retries: the next cycle does.
 *
 * @throws TonsorError BAD_ARGUMENT when the address is not http(s)
 * @example openRpc({ url: "http://127.0.0.1:8545", chainId: 31337 }).block("latest")
 */
export function openRpc(settings: RpcSettings): Rpc {
  const { url, chainId, timeoutMs = 10_000, batchSize = 60, concurrency = 4, gather = true } = settings;
  const name = typeof url === "string" ? hostOf(url) : "the RPC quorum";
  const ask = typeof url === "string" ? askNode(url, chainId) : askProvider(url, chainId);

  /** Gathered questions in a row that the node refused although it answered the same calls one by one. */
  let refused = gather ? 0 : MOST_REFUSALS;
  let proven = false;

  /** Asks the questions and for the chain id as one; each outcome is settled by itself. */
  async function batch(questions: readonly Question[], signal?: AbortSignal): Promise<readonly Outcome[]> {
    const timeout = AbortSignal.timeout(timeoutMs);
    const reply = await ask(questions, signal === undefined ? timeout : AbortSignal.any([timeout, signal]));
    if (signal?.aborted) throw new TonsorError("RPC_FAILED", `${name}: aborted by the caller`);
    if ("silent" in reply) throw asRpcError(name, reply.silent);
    if ("outcomes" in reply) return reply.outcomes;
    const facts = { field: "chain id", given: Number(reply.otherChain), expected: String(chainId) };
    throw new TonsorError("WRONG_CHAIN", `${name} answers for another chain`, facts);
  }

  /** Outcomes of calls at a block; throws at the first without one when they are one reader's alone. */
  async function read(calls: readonly Call[], block: bigint, signal: AbortSignal | undefined, alone: boolean) {
    const at = toQuantity(block);
    const singly = async (chunk: readonly Call[]) => {
      const questions = chunk.map((call) => ({ method: "eth_call", params: callParams(call, at) }));
      return (await batch(questions, signal)).map((outcome, i) => toResult(outcome, name, chunk[i]));
    };
    /** A call that fails among others is asked again, finally alone: that answer is the node's own. */
    const together = async (chunk: readonly Call[]): Promise<readonly CallOutcome[]> => {
      const params = chunk.length > 1 && refused < MOST_REFUSALS ? gatherParams(chunk, at) : null;
      if (params === null) return singly(chunk);
      const [outcome] = await batch([{ method: "eth_call", params }], signal);
      const gathered = gatheredBy(outcome, chunk.length, proven);
      if (gathered === null) {
        const results = await singly(chunk);
        refused += 1;
        return results;
      }
      [refused, proven] = [0, true];
      const failed = chunk.filter((_, i) => gathered[i] === null);
      const again = failed.length < chunk.length ? together : singly;
      const rest = (failed.length === 0 ? [] : await again(failed)).values();
      return gathered.map((data) => (data === null ? rest.next().value! : { ok: true, data }));
    };
    const work = async (chunk: readonly Call[]) => {
      const outcomes = await together(chunk);
      const failed = alone ? outcomes.find((one) => one instanceof Error) : undefined;
      if (failed !== undefined) throw failed;
      return outcomes;
    };
    return (await mapBounded(chunksOf(calls, batchSize), concurrency, work)).flat();
  }

  return {
    chainId,
    name,
    async block(at, signal) {
      const params = [at === "latest" ? at : toQuantity(at), false];
      const [outcome] = await batch([{ method: "eth_getBlockByNumber", params }], signal);
      if (outcome?.status !== "fulfilled") throw asRpcError(name, outcome?.reason);
      const block = blockShape.safeParse(outcome.value);
      if (!block.success) throw new TonsorError("RPC_FAILED", `${name} has no block ${at}`);
      const { number, hash, timestamp, baseFeePerGas } = block.data;
      return { number, hash, timestamp: Number(timestamp), baseFee: baseFeePerGas ?? 0n };
    },
    calls: joined(read),
  };
}

type Outcome = PromiseSettledResult<unknown>;
type Reply = { readonly outcomes: readonly Outcome[] } | { readonly otherChain: string } | { readonly silent: unknown };
type Ask = (questions: readonly Question[], signal: AbortSignal) => Promise<Reply>;

/** One HTTP request a batch, made here: viem's client costs more than the answer when a pool is a thousand calls. */
function askNode(url: string, chainId: number): Ask {
  const node = rpcNode(url, chainId);
  return async (questions, signal) => {
    const reply = await node.ask(questions, signal);
    if (reply.kind === "silent") return { silent: new Error(reply.reason) };
    if (reply.kind === "wrongChain") return { otherChain: reply.given };
    return { outcomes: reply.answers.map(outcomeOf) };
  };
}

function outcomeOf(answer: NodeAnswer): Outcome {
  if (answer.ok) return { status: "fulfilled", value: answer.result };
  const { code, message } = answer.error;
  return { status: "rejected", reason: Object.assign(new Error(message), { code }) };
}

function askProvider(provider: Provider, chainId: number): Ask {
  return async (questions) => {
    const asked = [{ method: "eth_chainId", params: [] }, ...questions];
    const [chain, ...outcomes] = await Promise.allSettled(asked.map((one) => provider.request(one)));
    if (chain?.status !== "fulfilled") return { silent: chain?.reason };
    return Number(chain.value) === chainId ? { outcomes } : { otherChain: String(chain.value) };
  };
}

/**
 * The answers of a node to gathered calls; null when it refused or failed: then they are asked one by one. An RPC quorum
 * that has gathered before and now does not agree throws.
 */
function gatheredBy(outcome: Outcome | undefined, count: number, proven: boolean): (Hex | null)[] | null {
  if (outcome?.status === "rejected") {
    if (proven && ownError(outcome.reason) !== null) throw outcome.reason;
    return null;
  }
  const data = bytes.safeParse(outcome?.value);
  return data.success ? readGathered(data.data, count) : null;
}

function toResult(outcome: Outcome, name: string, call: Call | undefined): CallOutcome {
  if (outcome.status === "rejected") {
    const refuses = call?.code !== undefined || isRevert(outcome.reason);
    return refuses ? { ok: false, reason: reasonOf(outcome.reason) } : asRpcError(name, outcome.reason);
  }
  const data = bytes.safeParse(outcome.value);
  if (data.success) return { ok: true, data: data.data };
  return new TonsorError("RPC_FAILED", `${name}: a call returned no bytes`, { given: outcome.value });
}

function toQuantity(value: bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** The calls in their order, in parts of at most so many calls and so much gas. */
function chunksOf(calls: readonly Call[], size: number): Call[][] {
  const chunks: Call[][] = [];
  let gas = 0;
  for (const call of calls) {
    const own = call.gas ?? VIEW_GAS;
    const last = chunks.at(-1);
    gas += own;
    if (last !== undefined && last.length < size && gas <= MOST_GAS) last.push(call);
    else [gas] = [own, chunks.push([call])];
  }
  return chunks;
}

function hostOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : null;
  if (address?.protocol === "http:" || address?.protocol === "https:") return address.host;
  throw new TonsorError("BAD_ARGUMENT", "not a JSON-RPC address", { field: "url", expected: "http(s)://host" });
}

/**
 * Results of `work` on every item, in their order, with at most `limit` at work at the same time. The first failure
 * fails all; no further item is begun after it.
 */
async function mapBounded<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}

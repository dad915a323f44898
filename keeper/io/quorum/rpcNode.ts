import { RpcRequestError } from "viem";
import { z } from "zod";
import { TonsorError } from "../../domain/errors.ts";
import { addressSecrets, plainWords, redact } from "../../domain/words.ts";
import { request } from "../http.ts";
import { parseCanonical } from "../json.ts";

/** One question to a node. */
export type Question = { readonly method: string; readonly params: readonly unknown[] };

/** What a node answers to one question: a result, or the JSON-RPC error object it gave instead. */
export type NodeAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: NodeError };

/** A JSON-RPC error object. */
type NodeError = { readonly code: number; readonly message: string; readonly data?: unknown };

/** What came of one request to a node: answers, no usable answer, or a node of another chain. */
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

/** A block of a node. */
export type Header = {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The node's answer unchanged, for whoever asked for the block. */
  readonly block: unknown;
};

/** The question for the block at a height, or for the latest, without its transactions. */
export function blockQuestion(at: number | "latest"): Question {
  const block = at === "latest" ? at : `0x${at.toString(16)}`;
  return { method: "eth_getBlockByNumber", params: [block, false] };
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/i)
  .transform(Number);
const headerShape = z.object({
  number: quantity,
  hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i)
    .toLowerCase(),
  timestamp: quantity,
});

/** The header in a reply to one `blockQuestion`; null for anything else. */
export function headerOf(reply: NodeReply): Header | null {
  const answer = reply.kind === "answers" ? reply.answers[0] : undefined;
  if (answer === undefined || !answer.ok) return null;
  const parsed = headerShape.safeParse(answer.result);
  return parsed.success ? { ...parsed.data, block: answer.result } : null;
}

/**
 * A node of a chain. Opens nothing yet, and never retries. An answer that is larger than its methods can give, or that has
 * no canonical form, is none. What a node says in words is repeated on one line, shortened, and without what of its address
 * may be a key.
 * @param chainId null: the node is not asked for its chain
 */
export function rpcNode(url: string, chainId: number | null): RpcNode {
  const { host } = new URL(url);
  const secrets = addressSecrets(url);
  const words = (text: string) => plainWords(redact(text, secrets).replace(/https?:\/\/\S+/g, "(address)"), MOST_WORDS);
  return {
    name: host,
    async ask(questions, signal) {
      const chain = chainId === null ? [] : [{ jsonrpc: "2.0", id: 0, method: "eth_chainId", params: [] }];
      const asked = [...chain, ...questions.map((question, i) => ({ jsonrpc: "2.0", id: i + 1, ...question }))];
      const limits = limitsOf(asked.map(({ method }) => method));
      const options = {
        to: "node",
        source: host,
        body: JSON.stringify(asked),
        timeoutMs: MOST_MS,
        signal,
        ...limits,
      } as const;
      const answer = await request(url, options);
      if (signal.aborted) return { kind: "silent", reason: "no answer in time" };
      const parsed = parseCanonical(answer.ok ? answer.body : (answer.body ?? ""));
      if (answer.ok && "why" in parsed) return { kind: "silent", reason: `not an answer: ${parsed.why}` };
      const value = "value" in parsed ? parsed.value : null;
      if (answer.ok && Array.isArray(value)) return readReply(value, questions.length, chainId, words);
      const said = fieldOf(fieldOf(value, "error"), "message");
      const why = answer.ok ? "not the answer to a batch" : answer.fault.detail;
      return { kind: "silent", reason: words(typeof said === "string" ? `${why}: ${said}` : why) };
    },
  };
}

const MOST_WORDS = 300;
/** Whoever asks ends the wait by the signal; this is for one who forgets. */
const MOST_MS = 120_000;

type BodyLimits = { readonly maxBytes: number; readonly maxValues: number };

/** What the answer to one question may hold, where it is not a single word. */
const LIMITS: Readonly<Record<string, BodyLimits>> = {
  eth_call: { maxBytes: 2_097_152, maxValues: 64 },
  eth_getCode: { maxBytes: 1_048_576, maxValues: 64 },
  eth_getLogs: { maxBytes: 8_388_608, maxValues: 250_000 },
  eth_getBlockByNumber: { maxBytes: 1_048_576, maxValues: 20_000 },
  eth_getBlockByHash: { maxBytes: 1_048_576, maxValues: 20_000 },
  eth_getTransactionByHash: { maxBytes: 1_048_576, maxValues: 10_000 },
  eth_getTransactionReceipt: { maxBytes: 2_097_152, maxValues: 40_000 },
  eth_feeHistory: { maxBytes: 262_144, maxValues: 10_000 },
};
/** Of any other method; with the error object of a contract that explains itself. */
const WORD: BodyLimits = { maxBytes: 65_536, maxValues: 64 };
/** Of one answer, however many questions it is to. */
const WHOLE: BodyLimits = { maxBytes: 8_388_608, maxValues: 250_000 };

function limitsOf(methods: readonly string[]): BodyLimits {
  const each = methods.map((method) => LIMITS[method] ?? WORD);
  const sum = (of: (one: BodyLimits) => number, most: number) =>
    Math.min(
      most,
      each.reduce((all, one) => all + of(one), 0),
    );
  return {
    maxBytes: sum(({ maxBytes }) => maxBytes, WHOLE.maxBytes),
    maxValues: sum(({ maxValues }) => maxValues, WHOLE.maxValues),
  };
}

function readReply(
  reply: readonly unknown[],
  count: number,
  chainId: number | null,
  words: (text: string) => string,
): NodeReply {
  const byId = new Map<unknown, unknown>(reply.map((one) => [fieldOf(one, "id"), one]));
  const chain = fieldOf(byId.get(0), "result");
  if (chainId !== null && typeof chain !== "string") return { kind: "silent", reason: "eth_chainId was not answered" };
  if (chainId !== null && Number(chain) !== chainId)
    return { kind: "wrongChain", given: words(String(chain)).slice(0, 40) };
  const answers = Array.from({ length: count }, (_, i) => answerOf(byId.get(i + 1), words));
  return { kind: "answers", answers };
}

function answerOf(one: unknown, words: (text: string) => string): NodeAnswer {
  const error = fieldOf(one, "error");
  if (error === undefined || error === null) {
    const result = fieldOf(one, "result");
    if (result !== undefined) return { ok: true, result };
    return { ok: false, error: { code: -32_603, message: "no answer to this question of the batch" } };
  }
  const [code, message, data] = [fieldOf(error, "code"), fieldOf(error, "message"), fieldOf(error, "data")];
  const said = typeof message === "string" ? words(message) : "no message";
  return { ok: false, error: { code: typeof code === "number" ? code : -32_603, message: said, data } };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Hands a signed transaction to every node and returns its hash when one accepted it. When all answered and none
 * accepted, throws all their messages together. When one is silent it may have accepted: the outcome is unclear.
 * @throws RpcRequestError of viem with the nodes' messages; TonsorError RPC_FAILED when the outcome is unclear
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
      const answer = reply.kind === "answers" ? (reply.answers[0] ?? null) : null;
      if (answer?.ok === true) {
        taken ??= answer.result;
        // The others still get time to accept it: the transaction should be in every pool.
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
    const words = silent
      .map(({ name, reply }) => `${name}: ${reply.kind === "silent" ? reply.reason : "another chain"}`)
      .join("; ");
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

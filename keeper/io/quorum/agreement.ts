import canonicalize from "canonicalize";
import { isRevertText } from "../rpcError.ts";
import type { NodeAnswer, Question } from "./rpcNode.ts";

/** How the answers of several nodes to one question become one. */
type Rule = "same" | "anyKnown" | "atLeast" | "middle";

const RULES: Readonly<Record<string, Rule>> = {
  // Pools differ: a transaction counts as known when one node has it, for then it may be mined.
  eth_getTransactionByHash: "anyKnown",
  // An estimate is an opinion: the upper median of a majority lies between two honest ones.
  eth_estimateGas: "middle",
};

/** The rule of a question. A pool's transaction count is the highest that the quorum reaches. */
export function ruleOf({ method, params }: Question): Rule {
  if (method === "eth_getTransactionCount" && params[1] === "pending") return "atLeast";
  return RULES[method] ?? "same";
}

/** Whether a differing answer to a question convicts a node: its truth is fixed by the block it names. */
export function convicts({ method }: Question): boolean {
  return ["eth_call", "eth_getBalance", "eth_getCode", "eth_getStorageAt", "eth_getTransactionCount"].includes(method);
}

/**
 * What `quorum` nodes agree on, of the answers that came so far; null when they do not (yet). `complete` says that no
 * more will come. A refusal by the contract is an answer; any other error is none.
 * @example agree({ method: "eth_getBalance", params: ["0x1", "0x2"] }, [a, a, b], 2, false) // a
 */
export function agree(
  question: Question,
  answers: readonly NodeAnswer[],
  quorum: number,
  complete: boolean,
): NodeAnswer | null {
  const rule = ruleOf(question);
  const valid = answers.filter(isAnswer);
  const known = valid.find((one) => one.ok && one.result !== null);
  if (rule === "anyKnown" && known !== undefined) return known;
  if (rule === "anyKnown" && !complete) return null;
  if (rule === "same" || rule === "anyKnown") return sharedBy(valid, question, quorum);
  const numbers = valid.map(quantityOf).filter((value) => value !== null);
  // Estimates that fail for the contract's reason have no number.
  if (numbers.length < quorum) return sharedBy(valid, question, quorum);
  if (!complete) return null;
  const falling = numbers.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
  const at = rule === "atLeast" ? quorum - 1 : Math.floor((falling.length - 1) / 2);
  return { ok: true, result: `0x${(falling[at] ?? 0n).toString(16)}` };
}

/** Two answers are the same when this is: canonical JSON of what a node of any make must say. */
export function keyOf(question: Question, answer: NodeAnswer): string {
  if (!answer.ok) return `refused ${String(canonicalize(answer.error.data) ?? "").toLowerCase()}`;
  return String(canonicalize(essence(question.method, answer.result))).toLowerCase();
}

/** A result without what only some makes of node say, and without what is a matter of their opinion. */
export function essence(method: string, result: unknown): unknown {
  if (method === "eth_getBlockByNumber" || method === "eth_getBlockByHash") return pick(result, BLOCK);
  if (method === "eth_feeHistory") return pick(result, ["oldestBlock", "baseFeePerGas", "reward"]);
  if (method === "eth_getLogs") return Array.isArray(result) ? result.map((log: unknown) => pick(log, LOG)) : result;
  if (method !== "eth_getTransactionReceipt") return result;
  const logs = pick(result, ["logs"]);
  const list = Array.isArray(logs?.["logs"]) ? logs["logs"].map((log: unknown) => pick(log, LOG)) : [];
  const receipt = pick(result, RECEIPT);
  return receipt === null ? null : { ...receipt, logs: list };
}

const BLOCK = ["number", "hash", "parentHash", "timestamp", "baseFeePerGas", "gasLimit", "gasUsed", "miner"];
const RECEIPT = [
  "transactionHash",
  "transactionIndex",
  "blockHash",
  "blockNumber",
  "from",
  "to",
  "contractAddress",
  "status",
  "gasUsed",
  "cumulativeGasUsed",
  "effectiveGasPrice",
  "l1Fee",
  "logsBloom",
  "type",
];
const LOG = [
  "address",
  "topics",
  "data",
  "logIndex",
  "blockNumber",
  "blockHash",
  "transactionHash",
  "transactionIndex",
];

function pick(value: unknown, names: readonly string[]): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null) return null;
  return Object.fromEntries(names.map((name) => [name, Reflect.get(value, name) ?? null]));
}

function sharedBy(valid: readonly NodeAnswer[], question: Question, quorum: number): NodeAnswer | null {
  const groups = Map.groupBy(valid, (answer) => keyOf(question, answer));
  const [answer] = [...groups.values()].find((group) => group.length >= quorum) ?? [];
  if (answer === undefined) return null;
  return answer.ok ? { ok: true, result: essence(question.method, answer.result) } : answer;
}

/** False for an error that says nothing about the chain: a rate limit, a block the node does not have. */
function isAnswer(answer: NodeAnswer): boolean {
  return answer.ok || answer.error.code === 3 || isRevertText(answer.error.message);
}

function quantityOf(answer: NodeAnswer): bigint | null {
  if (!answer.ok || typeof answer.result !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(answer.result)) return null;
  return BigInt(answer.result);
}

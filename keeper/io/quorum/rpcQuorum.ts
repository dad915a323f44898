import { TonsorError } from "../../domain/errors.ts";
import { agree, convicts, essence, keyOf, ruleOf } from "./agreement.ts";
import { batched, refusal, type Waiting } from "./batched.ts";
import { openElections } from "./election.ts";
import { type Member, type NodeGroup, type NodeStatus, nodeGroup } from "./nodeGroup.ts";
import { type NodeAnswer, type NodeReply, type Question, sendToAll } from "./rpcNode.ts";

/** Several nodes that are asked as one, and what is demanded of them. */
type QuorumSettings = {
  readonly urls: readonly string[];
  /** So many nodes must agree; more than half of them, so that two answers can never both win. */
  readonly quorum: number;
  readonly chainId: number;
  /** For one request to one node, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** How long the others are waited for once the RPC quorum has answered, milliseconds. Default 250. */
  readonly graceMs?: number;
  /** A node so many blocks behind the elected one is set aside. Default 3. */
  readonly maxLagBlocks?: number;
  /** Elections in a row in which a node must be right before it counts again. Default 3. */
  readonly readmitAfter?: number;
  /** How long a node is set aside at least, milliseconds. Default 30 000. */
  readonly restMs?: number;
  /** Whether a block of this time (Unix seconds) is fresh: then a node that claims later ones is not believed. */
  readonly isFresh?: (blockTime: number) => boolean;
};

/** An EIP-1193 provider whose every answer is one that the RPC quorum shares. */
export type RpcQuorum = {
  /** @throws TonsorError NO_QUORUM; RpcRequestError of viem for what the contract or the pools refuse */
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
  /** Every node's last state, in the order of the settings. */
  nodes(): readonly NodeStatus[];
};

/**
 * Opens an RPC quorum over several nodes; the network is first touched by the first request. Reads of "latest" are made
 * at an elected block, the highest that the RPC quorum has with the same hash, and pinned to that hash. `QUORUM.md`
 * beside this file has the rules.
 * @throws TonsorError BAD_ARGUMENT unless the RPC quorum is a majority of the nodes
 */
export function rpcQuorum(settings: QuorumSettings): RpcQuorum {
  const { urls, quorum, chainId, timeoutMs = 10_000, graceMs = 250, maxLagBlocks = 3 } = settings;
  const { readmitAfter = 3, restMs = 30_000, isFresh = () => false } = settings;
  if (!(quorum > urls.length / 2 && quorum <= urls.length)) {
    const expected = `more than half of ${urls.length} nodes, and no more than there are`;
    throw new TonsorError("BAD_ARGUMENT", "no such RPC quorum", { field: "quorum", given: quorum, expected });
  }
  const group = nodeGroup({ urls, quorum, chainId, timeoutMs, readmitAfter, restMs });
  const elections = openElections(group, { quorum, chainId, maxLagBlocks, graceMs, isFresh });
  const ask = batched((asked) => settle(group, asked, { quorum, graceMs }));
  const statuses = () => group.members.map(({ node, health }) => health.status(node.name));

  /** The question with "latest" replaced by the elected block, and a height that was elected by its hash. */
  async function pin({ method, params }: Question): Promise<Question> {
    const index = BLOCK_AT[method];
    if (index === undefined) return { method, params };
    const at = params[index] ?? "latest";
    const number =
      at === "latest" ? (await elections.latest()).number : typeof at === "string" ? Number(at) : Number.NaN;
    const blockHash = elections.hashAt(number);
    if (blockHash === undefined) return { method, params };
    return { method, params: params.toSpliced(index, 1, { blockHash, requireCanonical: true }) };
  }

  return {
    async request({ method, params = [] }) {
      const question = { method, params: params as readonly unknown[] };
      if (method === "eth_sendRawTransaction") {
        const ours = group.members.filter(({ node, health }) => health.status(node.name).quarantine !== "WRONG_CHAIN");
        const nodes = ours.map(({ node }) => node);
        return sendToAll(question, nodes, { timeoutMs, graceMs });
      }
      if (method === "eth_chainId") return `0x${chainId.toString(16)}`;
      if (method === "eth_blockNumber") return `0x${(await elections.latest()).number.toString(16)}`;
      if (method === "eth_getBlockByNumber" && question.params[0] === "latest") {
        return essence(method, (await elections.latest()).block);
      }
      return ask(await pin(question));
    },
    nodes: statuses,
  };
}

/** Where the block is in the parameters of a read. */
const BLOCK_AT: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};

type RoundRules = { readonly quorum: number; readonly graceMs: number };

/** Puts questions to every node that counts and settles each with what enough of them agree on, or with NO_QUORUM. */
async function settle(group: NodeGroup, asked: readonly Waiting[], { quorum, graceMs }: RoundRules): Promise<void> {
  const answers: NodeAnswer[][] = asked.map(() => []);
  const agreed: (NodeAnswer | null)[] = asked.map(() => null);
  const replies: { readonly member: Member; readonly answers: readonly NodeAnswer[] }[] = [];
  const decide = (complete: boolean): void => {
    for (const [i, one] of asked.entries()) {
      if (agreed[i] !== null) continue;
      const given = answers[i] ?? [];
      const answer = agree(one, given, quorum, complete);
      agreed[i] = answer;
      if (answer?.ok === true) one.resolve(answer.result);
      else if (answer !== null) one.reject(refusal(one, answer));
      else if (complete) one.reject(group.noQuorum(`${one.method}: ${countOf(given)}`));
    }
  };
  const onReply = (member: Member, reply: NodeReply): void => {
    if (reply.kind !== "answers") return;
    replies.push({ member, answers: reply.answers });
    for (const [i, answer] of reply.answers.entries()) answers[i]?.push(answer);
    decide(false);
  };
  const isDecided = (one: Question, i: number): boolean =>
    agreed[i] !== null || (ruleOf(one) !== "same" && (answers[i]?.length ?? 0) >= quorum);
  const voters = group.voters();
  if (voters.length >= quorum) {
    await group.askAll(voters, asked, onReply, () => (asked.every(isDecided) ? graceMs : null));
  }
  decide(true);
  for (const { member, answers: own } of replies) convict(member, own, asked, agreed);
}

/** Sets a node aside that gave another answer than the RPC quorum about a block that both have. */
function convict(
  member: Member,
  own: readonly NodeAnswer[],
  asked: readonly Question[],
  agreed: readonly (NodeAnswer | null)[],
): void {
  for (const [i, question] of asked.entries()) {
    const [answer, shared] = [own[i], agreed[i] ?? null];
    if (answer === undefined || shared === null || !convicts(question) || !answer.ok) continue;
    if (keyOf(question, answer) === keyOf(question, shared)) continue;
    member.health.quarantine("DISAGREES", `another answer to ${question.method}`);
    return;
  }
}

function countOf(answers: readonly NodeAnswer[]): string {
  const failed = answers.flatMap((answer) => (answer.ok ? [] : [answer.error.message]));
  const errors = failed.length === 0 ? "" : ` (${[...new Set(failed)].join(", ").slice(0, 200)})`;
  return `${answers.length} nodes answered, and too few the same${errors}`;
}

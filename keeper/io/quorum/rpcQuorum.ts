import { RpcRequestError } from "viem";
import { TonsorError } from "../../domain/errors.ts";
import { agree, convicts, essence, keyOf, ruleOf } from "./agreement.ts";
import { type Candidate, type Elected, electBlock, type Header, headerOf } from "./election.ts";
import { type NodeHealth, type NodeStatus, nodeHealth, QUARANTINES } from "./nodeHealth.ts";
import { type NodeAnswer, type NodeReply, type Question, type RpcNode, rpcNode } from "./rpcNode.ts";
import { sendToAll } from "./sendToAll.ts";

/** Several nodes that are asked as one, and what is demanded of them. */
export type QuorumSettings = {
  readonly urls: readonly string[];
  /** So many nodes must agree; more than half of them, so that two answers can never both win. */
  readonly quorum: number;
  readonly chainId: number;
  /** For one request to one node, milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
  /** How long the others are waited for once the quorum has answered, milliseconds. Default 250. */
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

/** An EIP-1193 provider whose every answer is one that the quorum shares. */
export type RpcQuorum = {
  /** @throws TonsorError NO_QUORUM; RpcRequestError of viem for what the contract or the pools refuse */
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
  /** Every node as last seen, in the order of the settings. */
  nodes(): readonly NodeStatus[];
};

type Member = { readonly node: RpcNode; readonly health: NodeHealth };
type Waiting = Question & { resolve(value: unknown): void; reject(error: unknown): void };

const MOST_QUESTIONS = 250;
const REMEMBERED_BLOCKS = 64;
/** Where the block stands in the parameters of a read. */
const BLOCK_AT: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};

/**
 * Opens a quorum over several nodes; the network is first touched by the first request. Reads of "latest" are made at
 * an elected block, the highest that the quorum has with the same hash, and pinned to that hash. `QUORUM.md` beside
 * this file has the rules.
 * @throws TonsorError BAD_ARGUMENT unless the quorum is a majority of the nodes
 */
export function rpcQuorum(settings: QuorumSettings): RpcQuorum {
  const { urls, quorum, chainId, timeoutMs = 10_000, graceMs = 250, maxLagBlocks = 3 } = settings;
  const { readmitAfter = 3, restMs = 30_000 } = settings;
  if (!(quorum > urls.length / 2 && quorum <= urls.length)) {
    const expected = `more than half of ${urls.length} nodes, and no more than there are`;
    throw new TonsorError("BAD_ARGUMENT", "no such quorum", { field: "quorum", given: quorum, expected });
  }
  const members: Member[] = urls.map((url) => ({
    node: rpcNode(url, chainId),
    health: nodeHealth(readmitAfter, restMs),
  }));
  const pinned = new Map<number, string>();
  let queue: Waiting[] = [];
  let electing: Promise<Header> | null = null;
  /** The highest block that was ever elected. */
  let highest = 0;

  const noQuorum = (what: string): TonsorError => {
    const seen = members.map(({ node, health }) => inWords(health.status(node.name))).join("; ");
    const facts = { given: seen, expected: `${quorum} of ${members.length} nodes in agreement` };
    return new TonsorError("NO_QUORUM", what, facts);
  };

  /** Notes what a reply says about its node, and passes it on. */
  function noted(member: Member, reply: NodeReply): NodeReply {
    if (reply.kind === "silent") member.health.unheard(reply.reason);
    if (reply.kind === "wrongChain") member.health.quarantine("WRONG_CHAIN", `it answers for chain ${reply.given}`);
    return reply;
  }

  /** Asks nodes, `onReply` as each answers. Waits for all of them, or from each answer on for what `patience` says. */
  async function askAll(
    asked: readonly Member[],
    questions: readonly Question[],
    onReply: (member: Member, reply: NodeReply) => void,
    patience: () => number | null,
  ): Promise<void> {
    const cut = new AbortController();
    const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(timeoutMs)]);
    let grace: NodeJS.Timeout | undefined;
    await Promise.all(
      asked.map(async (member) => {
        const reply = await member.node.ask(questions, signal);
        // One that was cut off for being slower than the quorum has done nothing wrong.
        if (cut.signal.aborted && reply.kind === "silent") return;
        onReply(member, noted(member, reply));
        const wait = patience();
        if (wait === null) return;
        clearTimeout(grace);
        grace = setTimeout(() => cut.abort(), wait);
      }),
    );
    clearTimeout(grace);
  }

  async function headerAt(member: Member, height: number): Promise<Header | null> {
    const params = [`0x${height.toString(16)}`, false];
    const reply = await member.node.ask([{ method: "eth_getBlockByNumber", params }], AbortSignal.timeout(timeoutMs));
    const header = headerOf(noted(member, reply));
    return header?.number === height ? header : null;
  }

  /** Elects a block among the nodes that count, and judges every node by it. */
  async function elect(): Promise<Header> {
    const heads: Candidate<Member>[] = [];
    let strangers = 0;
    const heard = (member: Member, reply: NodeReply) => {
      if (reply.kind === "wrongChain") strangers += 1;
      const head = headerOf(reply);
      if (head === null) return;
      member.health.heard(head.number);
      heads.push({ id: member, head });
    };
    const voters = () => heads.filter(({ id }) => id.health.votes());
    const latest = { method: "eth_getBlockByNumber", params: ["latest", false] };
    const alike = () => [...Map.groupBy(voters(), ({ head }) => head.hash).values()];
    await askAll(members, [latest], heard, () => {
      if (alike().some((group) => group.length >= quorum)) return graceMs;
      return voters().length >= quorum ? 4 * graceMs : null;
    });
    if (strangers === members.length) {
      const facts = { expected: `chain ${chainId}` };
      throw new TonsorError("WRONG_CHAIN", "every node is of another chain", facts);
    }
    const elected = await electBlock(voters(), quorum, headerAt);
    // While the one that kept up is set aside, two that lag are as many as the quorum asks for.
    if (elected !== null && elected.header.number < highest - maxLagBlocks) {
      throw noQuorum(
        `only block ${elected.header.number} is shared by enough nodes, block ${highest} was before: they lag`,
      );
    }
    // Those set aside are judged by what all share: else two that were wrong at once could never return.
    const truth = elected ?? (await electBlock(heads, quorum, headerAt));
    if (truth !== null) await judge(heads, truth);
    if (elected === null) throw noQuorum("no block is shared by enough nodes");
    const { header } = elected;
    const ahead = voters().find(({ head }) => head.number > header.number + maxLagBlocks);
    if (ahead !== undefined) {
      const words = `${ahead.id.node.name} is at block ${ahead.head.number}, the others share only ${header.number}`;
      if (settings.isFresh?.(header.timestamp) !== true) throw noQuorum(`${words}: they lag, or it lies`);
      ahead.id.health.quarantine("AHEAD", words);
    }
    highest = Math.max(highest, header.number);
    pinned.set(header.number, header.hash);
    const [oldest] = pinned.keys();
    if (pinned.size > REMEMBERED_BLOCKS && oldest !== undefined) pinned.delete(oldest);
    return header;
  }

  async function judge(heads: readonly Candidate<Member>[], { header }: Elected<Member>): Promise<void> {
    for (const { id, head } of heads) {
      const lag = header.number - head.number;
      const own = lag > 0 ? null : lag === 0 ? head : await headerAt(id, header.number);
      if (own !== null && own.hash !== header.hash) {
        id.health.quarantine("FORKED", `block ${header.number} is ${own.hash} there, ${header.hash} elsewhere`);
      } else if (id.health.votes()) {
        if (lag > maxLagBlocks) id.health.quarantine("LAGS", `${lag} blocks behind block ${header.number}`);
      } else if (lag <= 1 && -lag <= maxLagBlocks) id.health.right();
      else id.health.wrong();
    }
  }

  function election(): Promise<Header> {
    electing ??= elect().finally(() => {
      electing = null;
    });
    return electing;
  }

  /** The question with "latest" replaced by the elected block, and a height that was elected by its hash. */
  async function pin({ method, params }: Question): Promise<Question> {
    const index = BLOCK_AT[method];
    if (index === undefined) return { method, params };
    const at = params[index] ?? "latest";
    const number = at === "latest" ? (await election()).number : typeof at === "string" ? Number(at) : Number.NaN;
    const hash = pinned.get(number);
    if (hash === undefined) return { method, params };
    return {
      method,
      params: [...params.slice(0, index), { blockHash: hash, requireCanonical: true }, ...params.slice(index + 1)],
    };
  }

  function enqueue(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      queue.push({ ...question, resolve, reject });
      if (queue.length === 1) setImmediate(flush);
    });
  }

  /** Everything that was asked in one turn travels together. */
  function flush(): void {
    const all = queue;
    queue = [];
    for (let at = 0; at < all.length; at += MOST_QUESTIONS) void settle(all.slice(at, at + MOST_QUESTIONS));
  }

  async function settle(asked: readonly Waiting[]): Promise<void> {
    const voters = members.filter(({ health }) => health.votes());
    const answers: NodeAnswer[][] = asked.map(() => []);
    const given: { readonly member: Member; readonly answers: readonly NodeAnswer[] }[] = [];
    const agreed: (NodeAnswer | null)[] = asked.map(() => null);
    const decide = (complete: boolean) => {
      for (const [i, one] of asked.entries()) {
        if (agreed[i] !== null) continue;
        const answer = agree(one, answers[i] ?? [], quorum, complete);
        agreed[i] = answer;
        if (answer?.ok === true) one.resolve(answer.result);
        else if (answer !== null) one.reject(refusal(one, answer));
        else if (complete) one.reject(noQuorum(`${one.method}: ${countOf(answers[i] ?? [])}`));
      }
    };
    const hear = (member: Member, reply: NodeReply) => {
      if (reply.kind !== "answers") return;
      given.push({ member, answers: reply.answers });
      for (const [i, answer] of reply.answers.entries()) answers[i]?.push(answer);
      decide(false);
    };
    if (voters.length >= quorum) {
      const decided = (i: number) =>
        agreed[i] !== null || (ruleOf(asked[i]!) !== "same" && answers[i]!.length >= quorum);
      await askAll(voters, asked, hear, () => (asked.every((_, i) => decided(i)) ? graceMs : null));
    }
    decide(true);
    for (const { member, answers: own } of given) convict(member, own, asked, agreed);
  }

  return {
    async request({ method, params = [] }) {
      const question = { method, params: params as readonly unknown[] };
      if (method === "eth_sendRawTransaction") {
        const listening = members.filter(({ health, node }) => health.status(node.name).quarantine !== "WRONG_CHAIN");
        return sendToAll(
          question,
          listening.map(({ node }) => node),
          { timeoutMs, graceMs },
        );
      }
      if (method === "eth_chainId") return `0x${chainId.toString(16)}`;
      if (method === "eth_blockNumber") return `0x${(await election()).number.toString(16)}`;
      if (method === "eth_getBlockByNumber" && question.params[0] === "latest") {
        return essence(method, (await election()).block);
      }
      return enqueue(await pin(question));
    },
    nodes: () => members.map(({ node, health }) => health.status(node.name)),
  };
}

/** Sets a node aside that said something else than the quorum about a block that both have. */
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

/** What the quorum refuses, as a node's own client would throw it. */
function refusal({ method, params }: Question, answer: NodeAnswer & { readonly ok: false }): RpcRequestError {
  const { code, message, data } = answer.error;
  return new RpcRequestError({ body: { method, params }, error: { code, message, data }, url: "(quorum)" });
}

function countOf(answers: readonly NodeAnswer[]): string {
  const failed = answers.filter((answer) => !answer.ok).map((answer) => (answer.ok ? "" : answer.error.message));
  const errors = failed.length === 0 ? "" : ` (${[...new Set(failed)].join(", ").slice(0, 200)})`;
  return `${answers.length} nodes answered, and too few the same${errors}`;
}

function inWords({ name, quarantine, detail, silent }: NodeStatus): string {
  if (quarantine !== null) return `${name} ${quarantine}, ${QUARANTINES[quarantine]}: ${detail}`;
  return silent > 0 ? `${name} silent, ${detail}` : `${name} fine`;
}

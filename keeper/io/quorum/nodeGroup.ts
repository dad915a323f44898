import { TonsorError } from "../../domain/errors.ts";
import {
  blockQuestion,
  type Header,
  headerOf,
  type NodeReply,
  type Question,
  type RpcNode,
  rpcNode,
} from "./rpcNode.ts";

/** Why a node's answers do not count for a while. */
export const QUARANTINES = {
  LAGS: "its latest block is behind the elected one",
  AHEAD: "it claims blocks that the others do not have, and the elected one is fresh",
  FORKED: "at the elected height it has another block",
  WRONG_CHAIN: "it answers for another chain",
  DISAGREES: "it gave an answer that the RPC quorum does not share",
} as const;

/** Name of a reason in `QUARANTINES`. */
type Quarantine = keyof typeof QUARANTINES;

/** The state of one node. `silent` is how often in a row it did not answer; silence alone is no quarantine. */
export type NodeStatus = {
  readonly name: string;
  readonly quarantine: Quarantine | null;
  /** What was wrong, in words; empty while nothing is. */
  readonly detail: string;
  /** Its latest block when it last answered, or null. */
  readonly head: number | null;
  readonly silent: number;
};

/** The record of one node's conduct. */
type NodeHealth = {
  votes(): boolean;
  status(name: string): NodeStatus;
  heard(head: number): void;
  unheard(reason: string): void;
  quarantine(reason: Quarantine, detail: string): void;
  /** The node, in quarantine, was right in this election. */
  right(): void;
  /** It was not. */
  wrong(): void;
};

/** However often a node has disagreed, it need not be right more than half this many times `readmitAfter`. */
const LARGEST_FACTOR = 64;

/**
 * The conduct of a node. In quarantine it is only watched. It counts again after `restMs` by a monotonic clock, once it
 * was right in `readmitAfter` elections in a row; each disagreement doubles that number, so that a node that lies now
 * and then does not come and go.
 */
function nodeHealth(readmitAfter: number, restMs: number, nowMs: () => number): NodeHealth {
  let since = 0;
  let quarantined: Quarantine | null = null;
  let detail = "";
  let head: number | null = null;
  let silent = 0;
  let rightInARow = 0;
  let factor = 1;
  return {
    votes: () => quarantined === null,
    status: (name) => ({ name, quarantine: quarantined, detail, head, silent }),
    heard(number) {
      head = number;
      silent = 0;
      if (quarantined === null) detail = "";
    },
    unheard(reason) {
      silent += 1;
      rightInARow = 0;
      if (quarantined === null) detail = reason;
    },
    quarantine(reason, words) {
      if (reason === "DISAGREES" && quarantined === null) factor = Math.min(factor * 2, LARGEST_FACTOR);
      if (quarantined === null) since = nowMs();
      quarantined = reason;
      detail = words;
      rightInARow = 0;
    },
    right() {
      rightInARow += 1;
      if (nowMs() - since < restMs) return;
      if (quarantined === null || rightInARow < readmitAfter * Math.max(1, factor / 2)) return;
      quarantined = null;
      detail = "";
    },
    wrong() {
      rightInARow = 0;
    },
  };
}

/** One node with the record of its conduct. */
export type Member = { readonly node: RpcNode; readonly health: NodeHealth };

/** The nodes of an RPC quorum, asked together. */
export type NodeGroup = {
  readonly members: readonly Member[];
  /** Those that are not in quarantine. */
  voters(): readonly Member[];
  /** One node's block at a height; null when it has none or does not answer. */
  headerAt(member: Member, height: number): Promise<Header | null>;
  /**
   * Puts the questions to several nodes and calls `onReply` as each answers. Waits for all of them, or, once `waitMs`
   * gives a number after an answer, so many milliseconds longer.
   */
  askAll(
    asked: readonly Member[],
    questions: readonly Question[],
    onReply: (member: Member, reply: NodeReply) => void,
    waitMs: () => number | null,
  ): Promise<void>;
  /** NO_QUORUM with the state of every node. */
  noQuorum(what: string): TonsorError;
};

type GroupSettings = {
  readonly urls: readonly string[];
  readonly quorum: number;
  readonly chainId: number;
  readonly timeoutMs: number;
  readonly readmitAfter: number;
  readonly restMs: number;
  /** A monotonic clock; replaced in tests. */
  readonly nowMs?: () => number;
};

/** The nodes at `urls`, none in quarantine yet; the network is first touched by the first question. */
export function nodeGroup(settings: GroupSettings): NodeGroup {
  const { urls, quorum, chainId, timeoutMs, readmitAfter, restMs, nowMs = () => performance.now() } = settings;
  const members: readonly Member[] = urls.map((url) => ({
    node: rpcNode(url, chainId),
    health: nodeHealth(readmitAfter, restMs, nowMs),
  }));
  return {
    members,
    voters: () => members.filter(({ health }) => health.votes()),
    async headerAt(member, height) {
      const reply = await member.node.ask([blockQuestion(height)], AbortSignal.timeout(timeoutMs));
      const header = headerOf(noted(member, reply));
      return header?.number === height ? header : null;
    },
    async askAll(asked, questions, onReply, waitMs) {
      const cut = new AbortController();
      const signal = AbortSignal.any([cut.signal, AbortSignal.timeout(timeoutMs)]);
      let timer: NodeJS.Timeout | undefined;
      const askOne = async (member: Member) => {
        const reply = await member.node.ask(questions, signal);
        // A node cut off for being slower than the others has done nothing wrong.
        if (cut.signal.aborted && reply.kind === "silent") return;
        onReply(member, noted(member, reply));
        const wait = waitMs();
        if (wait === null) return;
        clearTimeout(timer);
        timer = setTimeout(() => cut.abort(), wait);
      };
      await Promise.all(asked.map(askOne));
      clearTimeout(timer);
    },
    noQuorum(what) {
      const given = members.map(({ node, health }) => inWords(health.status(node.name))).join("; ");
      return new TonsorError("NO_QUORUM", what, {
        given,
        expected: `${quorum} of ${members.length} nodes in agreement`,
      });
    },
  };
}

/** Records what a reply says about its node, and passes it on. */
function noted({ health }: Member, reply: NodeReply): NodeReply {
  if (reply.kind === "silent") health.unheard(reply.reason);
  if (reply.kind === "wrongChain") health.quarantine("WRONG_CHAIN", `it answers for chain ${reply.given}`);
  return reply;
}

function inWords({ name, quarantine, detail, silent }: NodeStatus): string {
  if (quarantine !== null) return `${name} ${quarantine}, ${QUARANTINES[quarantine]}: ${detail}`;
  return silent > 0 ? `${name} silent, ${detail}` : `${name} fine`;
}

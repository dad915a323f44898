import { TonsorError } from "../../domain/errors.ts";
import type { Member, NodeGroup } from "./nodeGroup.ts";
import { blockQuestion, type Header, headerOf, type NodeReply } from "./rpcNode.ts";

/** A node with its latest block. */
type Candidate = { readonly member: Member; readonly head: Header };

/** A block that enough nodes share. */
type Elections = {
  /** The elected block now; callers at the same time share one election. @throws TonsorError NO_QUORUM, WRONG_CHAIN */
  latest(): Promise<Header>;
  /** Hash of a block that was elected lately, or undefined. */
  hashAt(height: number): string | undefined;
};

/** What is demanded of an elected block. */
type ElectionRules = {
  readonly quorum: number;
  readonly chainId: number;
  readonly maxLagBlocks: number;
  /** How long the others are waited for once enough nodes share a head, milliseconds. */
  readonly graceMs: number;
  /** Whether a block of this time (Unix seconds) is fresh: then a node that claims later ones is not believed. */
  readonly isFresh: (blockTime: number) => boolean;
};

/** How far below the highest common height a common block is searched for: a deeper fork is no noise. */
const MOST_STEPS_DOWN = 32;
const REMEMBERED_BLOCKS = 64;

/** Elections of the latest block of a group, with the memory of the last 64 elected. */
export function openElections(group: NodeGroup, rules: ElectionRules): Elections {
  const hashes = new Map<number, string>();
  let highest = 0;
  let running: Promise<Header> | null = null;
  const elect = async (): Promise<Header> => {
    const header = await electOnce(group, rules, highest);
    highest = Math.max(highest, header.number);
    hashes.set(header.number, header.hash);
    const [oldest] = hashes.keys();
    if (hashes.size > REMEMBERED_BLOCKS && oldest !== undefined) hashes.delete(oldest);
    return header;
  };
  return {
    latest() {
      running ??= elect().finally(() => {
        running = null;
      });
      return running;
    },
    hashAt: (height) => hashes.get(height),
  };
}

/** Elects a block among the nodes that count, and judges every node by it. `highest` was elected before. */
async function electOnce(group: NodeGroup, rules: ElectionRules, highest: number): Promise<Header> {
  const { quorum, maxLagBlocks } = rules;
  const heads = await latestHeads(group, rules);
  const elected = await commonBlock(group, voting(heads), quorum);
  // While the node that kept up is set aside, two that lag are as many as the RPC quorum asks for.
  if (elected !== null && elected.number < highest - maxLagBlocks) {
    const words = `only block ${elected.number} is shared by enough nodes, block ${highest} was before: they lag`;
    throw group.noQuorum(words);
  }
  // Those set aside are judged by what all share; otherwise two that were wrong at once could never return.
  const reference = elected ?? (await commonBlock(group, heads, quorum));
  if (reference !== null) await judge(group, heads, reference, maxLagBlocks);
  if (elected === null) throw group.noQuorum("no block is shared by enough nodes");
  refuseFarAhead(group, voting(heads), elected, rules);
  return elected;
}

/** The latest block of every node that answers. @throws TonsorError WRONG_CHAIN when all are of another chain */
async function latestHeads(group: NodeGroup, { quorum, chainId, graceMs }: ElectionRules): Promise<Candidate[]> {
  const heads: Candidate[] = [];
  let ofAnotherChain = 0;
  const onReply = (member: Member, reply: NodeReply): void => {
    if (reply.kind === "wrongChain") ofAnotherChain += 1;
    const head = headerOf(reply);
    if (head === null) return;
    member.health.heard(head.number);
    heads.push({ member, head });
  };
  await group.askAll(group.members, [blockQuestion("latest")], onReply, () => {
    const voters = voting(heads);
    const sharing = [...Map.groupBy(voters, ({ head }) => head.hash).values()];
    if (sharing.some((same) => same.length >= quorum)) return graceMs;
    return voters.length >= quorum ? 4 * graceMs : null;
  });
  if (ofAnotherChain === group.members.length) {
    throw new TonsorError("WRONG_CHAIN", "every node is of another chain", { expected: `chain ${chainId}` });
  }
  return heads;
}

function voting(heads: readonly Candidate[]): readonly Candidate[] {
  return heads.filter(({ member }) => member.health.votes());
}

/**
 * The highest block that at least `quorum` candidates have with the same hash; null when there is none within 32 blocks
 * of the height that so many have reached.
 */
async function commonBlock(group: NodeGroup, candidates: readonly Candidate[], quorum: number): Promise<Header | null> {
  const heights = candidates.map(({ head }) => head.number).toSorted((a, b) => b - a);
  const highest = heights[quorum - 1];
  if (highest === undefined) return null;
  for (let height = highest; height >= Math.max(0, highest - MOST_STEPS_DOWN); height -= 1) {
    const able = candidates.filter(({ head }) => head.number >= height);
    const headers = await Promise.all(able.map((one) => blockOf(group, one, height)));
    const known = headers.filter((header) => header !== null);
    for (const same of Map.groupBy(known, ({ hash }) => hash).values()) {
      const [first] = same;
      if (same.length >= quorum && first !== undefined) return first;
    }
  }
  return null;
}

async function blockOf(group: NodeGroup, { member, head }: Candidate, height: number): Promise<Header | null> {
  return head.number === height ? head : group.headerAt(member, height);
}

/** Sets aside nodes that lag or have forked, and records of those set aside whether they were right. */
async function judge(
  group: NodeGroup,
  heads: readonly Candidate[],
  elected: Header,
  maxLagBlocks: number,
): Promise<void> {
  for (const candidate of heads) {
    const { head, member } = candidate;
    const lag = elected.number - head.number;
    const own = lag > 0 ? null : await blockOf(group, candidate, elected.number);
    if (own !== null && own.hash !== elected.hash) {
      member.health.quarantine("FORKED", `block ${elected.number} is ${own.hash} there, ${elected.hash} elsewhere`);
    } else if (member.health.votes()) {
      if (lag > maxLagBlocks) member.health.quarantine("LAGS", `${lag} blocks behind block ${elected.number}`);
    } else if (lag <= 1 && -lag <= maxLagBlocks) member.health.right();
    else member.health.wrong();
  }
}

/** Far beyond a fresh elected block a node is not believed; beyond an old one nobody can tell who is wrong. */
function refuseFarAhead(
  group: NodeGroup,
  voters: readonly Candidate[],
  elected: Header,
  { maxLagBlocks, isFresh }: ElectionRules,
): void {
  const ahead = voters.find(({ head }) => head.number > elected.number + maxLagBlocks);
  if (ahead === undefined) return;
  const words = `${ahead.member.node.name} is at block ${ahead.head.number}, the others share only ${elected.number}`;
  if (!isFresh(elected.timestamp)) throw group.noQuorum(`${words}: they lag, or it lies`);
  ahead.member.health.quarantine("AHEAD", words);
}

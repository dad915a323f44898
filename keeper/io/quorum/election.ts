import { z } from "zod";
import type { NodeReply } from "./rpcNode.ts";

/** A block as a node tells it. */
export type Header = {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** As it was told, for whoever asked for the block. */
  readonly block: unknown;
};

/** A node's latest block, and its block at any height at or below. */
export type Candidate<Id> = { readonly id: Id; readonly head: Header };

/** Looks up a node's block at a height; null when it has none or does not say. */
type HeaderAt<Id> = (id: Id, height: number) => Promise<Header | null>;

/** A block that enough nodes share, and which do. */
export type Elected<Id> = { readonly header: Header; readonly sharedBy: readonly Id[] };

/** How far below the highest common height a common block is looked for: deeper forks are no noise. */
const MOST_STEPS_DOWN = 32;

/**
 * The highest block that at least `quorum` candidates have with the same hash; null when there is none within 32 blocks
 * of the height that so many have reached.
 */
export async function electBlock<Id>(
  candidates: readonly Candidate<Id>[],
  quorum: number,
  headerAt: HeaderAt<Id>,
): Promise<Elected<Id> | null> {
  const heights = candidates.map(({ head }) => head.number).toSorted((a, b) => b - a);
  const highest = heights[quorum - 1];
  if (highest === undefined) return null;
  for (let height = highest; height >= Math.max(0, highest - MOST_STEPS_DOWN); height -= 1) {
    const able = candidates.filter(({ head }) => head.number >= height);
    const headers = await Promise.all(
      able.map(async ({ id, head }) => ({ id, header: head.number === height ? head : await headerAt(id, height) })),
    );
    const groups = Map.groupBy(
      headers.filter(({ header }) => header !== null),
      ({ header }) => header?.hash,
    );
    for (const group of groups.values()) {
      const [first] = group;
      if (group.length >= quorum && first?.header) return { header: first.header, sharedBy: group.map(({ id }) => id) };
    }
  }
  return null;
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,13}$/i)
  .transform(Number);
const shape = z.object({
  number: quantity,
  hash: z
    .string()
    .regex(/^0x[0-9a-f]{64}$/i)
    .toLowerCase(),
  timestamp: quantity,
});

/** The header in a reply to one question for a block; null for anything else. */
export function headerOf(reply: NodeReply): Header | null {
  const answer = reply.kind === "answers" ? reply.answers[0] : undefined;
  if (answer === undefined || !answer.ok) return null;
  const parsed = shape.safeParse(answer.result);
  return parsed.success ? { ...parsed.data, block: answer.result } : null;
}

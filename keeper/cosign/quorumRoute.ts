import { z } from "zod";
import type { Batch, Hex } from "../domain/batch.ts";
import type { ChainView } from "../domain/cycle.ts";
import { postCosign } from "./cosignClient.ts";
import type { CosignEvents } from "./cosignEvents.ts";
import { type CosignAnswer, type Cosigner, proposalOf } from "./cosigner.ts";
import { quorumBatch } from "./signedBatch.ts";
import { combineShares, isShareOf, type QuorumPlace, type QuorumShare } from "./typedData.ts";

/** Where a proposer asks for signatures, and what it needs to tell good ones from bad. */
export type QuorumRoute = {
  readonly place: QuorumPlace;
  readonly cosigner: Cosigner;
  readonly peers: readonly string[];
  readonly secret: string;
  readonly timeoutMs: number;
  readonly fallback: "hot" | "hold";
  readonly events: CosignEvents;
  /** The door's own words: its signers and how many of them must sign. */
  quorum(): Promise<{ readonly threshold: number; readonly signers: readonly Hex[] }>;
  /** Unix seconds of this machine. */
  wallClock(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/** Signatures enough for the door, or in words why there are too few. */
type Gathered = { readonly signatures: Hex; readonly from: number } | { readonly short: string };

const RETRY_MS = 500;
/** A replica that has not looked yet may look before the time is up. */
const PASSING = ["UNDECIDED", "LOOSENING", "OUT_OF_TOLERANCE", "WRONG_SEQUENCE", "WRONG_TIME"];

const bytes = z.string().regex(/^0x[0-9a-fA-F]*$/) as unknown as z.ZodType<Hex>;
const answerSchema = z.union([
  z.object({ share: z.object({ signer: bytes, signature: bytes }) }),
  z.object({ refused: z.object({ code: z.string().max(40), detail: z.string().max(300) }) }),
]);

type Answer = z.output<typeof answerSchema> | CosignAnswer;

/**
 * Asks every peer at once for its signature of a batch, beside this replica's own, until enough have come or the time is
 * up. Each is verified here: by a signer of the door, of this very batch, and counted once.
 */
export async function gatherShares(
  batch: Batch,
  chain: ChainView,
  route: QuorumRoute,
  signal: AbortSignal,
): Promise<Gathered> {
  const { place, peers } = route;
  const { threshold, signers } = await route.quorum();
  const shares = new Map<string, QuorumShare>();
  const refusals = new Map<string, string>();
  const answers = new Map<string, string>();
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(route.timeoutMs)]);
  const packed = quorumBatch(batch);

  /** Whether there is nothing more to expect of the one who answered. */
  const take = async (who: string, answer: Answer): Promise<boolean> => {
    if ("refused" in answer) {
      const { code, detail } = answer.refused;
      refusals.set(who, `${code} (${detail})`);
      answers.set(who, code);
      return !PASSING.includes(code);
    }
    const { share } = answer;
    const isSigner = signers.some((one) => one.toLowerCase() === share.signer.toLowerCase());
    if (!isSigner || !(await isShareOf(place, packed, share))) {
      refusals.set(who, "its signature is not one of this batch by a signer of the door");
      answers.set(who, "BAD_SHARE");
      return true;
    }
    refusals.delete(who);
    answers.set(who, "SIGNED");
    shares.set(share.signer.toLowerCase(), share);
    if (shares.size >= threshold) enough.abort();
    return true;
  };

  const body = proposalOf(place, batch);
  const ask = async (peer: string): Promise<void> => {
    while (!until.aborted) {
      const reply = await postCosign(peer, body, { secret: route.secret, time: route.wallClock(), signal: until });
      if (until.aborted && !reply.ok) {
        if (!refusals.has(peer)) refusals.set(peer, reply.why);
        return;
      }
      if (!reply.ok) refusals.set(peer, reply.why);
      else {
        const parsed = answerSchema.safeParse(reply.body);
        if (parsed.success && reply.status === 200) {
          if (await take(peer, parsed.data)) return;
        } else {
          refusals.set(peer, `status ${reply.status}`);
          answers.set(peer, `HTTP_${reply.status}`);
        }
      }
      await route.sleep(RETRY_MS, until);
    }
  };
  await take("this replica", await route.cosigner.ownShare(batch, chain));
  if (!until.aborted) await Promise.all(peers.map(ask));
  signal.throwIfAborted();
  for (const peer of peers) {
    // One that was not waited for, as others were faster, is not silent.
    const answer = answers.get(peer) ?? (shares.size >= threshold ? null : "SILENT");
    const detail = refusals.get(peer) ?? "";
    if (answer !== null) route.events.note({ kind: "peer", peer, answer, detail });
  }
  route.events.note({ kind: "signatures", given: shares.size, needed: threshold });
  if (shares.size >= threshold) {
    return { signatures: combineShares([...shares.values()], threshold), from: shares.size };
  }
  const why = [...refusals].map(([who, reason]) => `${who}: ${reason}`).join("; ");
  return { short: `${shares.size} of ${threshold} signatures${why === "" ? "" : `; ${why}`}` };
}

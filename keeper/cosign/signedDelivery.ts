import type { PublicClient } from "viem";
import { z } from "zod";
import type { Batch, Hex } from "../domain/contract.ts";
import type { ChainView } from "../domain/cycle.ts";
import { ownError } from "../domain/errors.ts";
import { readSequence } from "../protocols/collateralParameters.ts";
import { type CosignAnswer, type Cosigner, proposalOf } from "./cosigner.ts";
import type { CosignEvents } from "./cosigning.ts";
import {
  combineShares,
  encodeSignedBatch,
  isShareOf,
  type QuorumPlace,
  type QuorumShare,
  signedValues,
  simulateSigned,
} from "./signedBatch.ts";
import { postCosign } from "./wire.ts";

/** Where a proposer asks for signatures, and what it needs to tell good ones from bad. */
export type QuorumRoute = {
  readonly place: QuorumPlace;
  readonly cosigner: Cosigner;
  readonly peers: readonly string[];
  readonly secret: string;
  readonly timeoutMs: number;
  readonly fallback: "hot" | "hold";
  readonly events: CosignEvents;
  /** The contract's signers and how many of them must sign. */
  quorum(): Promise<{ readonly threshold: number; readonly signers: readonly Hex[] }>;
  /** Unix seconds of this machine. */
  wallClock(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
};

/**
 * Returns how a batch is sent with the signatures of a signer quorum: through SignerQuorum where enough instances sign,
 * else by the hot key or not at all, as `cosign.fallback` says.
 */
export function deliverSigned<HotKey>(
  route: QuorumRoute,
  parts: { readonly client: PublicClient; readonly from: Hex; hotKey(batch: Batch, note: string): HotKey },
) {
  return async (batch: Batch, chain: ChainView, signal: AbortSignal) => {
    const gathered = await gatherShares(batch, chain, route, signal).catch((error: unknown) => {
      const own = signal.aborted ? null : ownError(error);
      if (own === null) throw error;
      return { short: own.message };
    });
    if ("short" in gathered) {
      const outcome = route.fallback === "hold" ? "held" : "hot";
      route.events.note({ kind: "gathered", outcome, why: gathered.short });
      if (outcome === "held") return { note: `held by the signer quorum: ${gathered.short}`, data: null };
      const sequence = (await readSequence(parts.client, route.place.parameters, parts.from)) + 1n;
      return parts.hotKey({ ...batch, sequence }, `by the hot key: ${gathered.short}`);
    }
    route.events.note({ kind: "gathered", outcome: "quorum", why: "" });
    const { place } = route;
    const { signatures } = gathered;
    return {
      note: `by the signer quorum, ${gathered.from} signatures`,
      batch,
      to: place.gateway,
      data: encodeSignedBatch(place, batch, signatures),
      simulate: () => simulateSigned(parts.client, place, parts.from, batch, signatures),
    };
  };
}

/** Signatures enough for the contract, or in words why there are too few. */
type Gathered = { readonly signatures: Hex; readonly from: number } | { readonly short: string };

const RETRY_MS = 500;
/** An instance that has not decided yet may decide before the time is up. */
const PASSING = ["UNDECIDED", "LOOSENING", "OUT_OF_TOLERANCE", "WRONG_SEQUENCE", "WRONG_TIME"];

const bytes = z.string().regex(/^0x[0-9a-fA-F]*$/) as unknown as z.ZodType<Hex>;
const answerSchema = z.union([
  z.object({ share: z.object({ signer: bytes, signature: bytes }) }),
  z.object({ refused: z.object({ code: z.string().max(40), detail: z.string().max(300) }) }),
]);

type Answer = z.output<typeof answerSchema> | CosignAnswer;

/**
 * Asks every peer at once for its signature of a batch, beside this instance's own, until enough have come or the time
 * is up. Each is verified here: by a signer of the contract, of this very batch, and counted once.
 */
async function gatherShares(
  batch: Batch,
  chain: ChainView,
  route: QuorumRoute,
  signal: AbortSignal,
): Promise<Gathered> {
  const { peers, events } = route;
  const { threshold, signers } = await route.quorum();
  const tally = openTally(batch, route.place, signers);
  const enough = new AbortController();
  const until = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(route.timeoutMs)]);
  const take = async (who: string, answer: Answer): Promise<boolean> => {
    const settled = await tally.take(who, answer);
    if (tally.shares.size >= threshold) enough.abort();
    return settled;
  };

  const body = proposalOf(route.place, batch);
  const ask = async (peer: string): Promise<void> => {
    while (!until.aborted) {
      const reply = await postCosign(peer, body, { secret: route.secret, time: route.wallClock(), signal: until });
      const parsed = reply.ok && reply.status === 200 ? answerSchema.safeParse(reply.body) : null;
      if (!reply.ok) tally.failed(peer, reply.why, until.aborted);
      else if (!parsed?.success) tally.wrongStatus(peer, reply.status);
      else if (await take(peer, parsed.data)) return;
      if (until.aborted) return;
      await route.sleep(RETRY_MS, until);
    }
  };
  await take("this instance", await route.cosigner.ownShare(batch, chain));
  if (!until.aborted) await Promise.all(peers.map(ask));
  signal.throwIfAborted();

  const { shares } = tally;
  const isEnough = shares.size >= threshold;
  for (const peer of peers) {
    // One that was not waited for, as others were faster, is not silent.
    const answer = tally.answerOf(peer) ?? (isEnough ? null : "SILENT");
    if (answer !== null) events.note({ kind: "peer", peer, answer, detail: tally.reasons.get(peer) ?? "" });
  }
  events.note({ kind: "signatures", given: shares.size, needed: threshold });
  if (isEnough) return { signatures: combineShares([...shares.values()], threshold), from: shares.size };
  const why = [...tally.reasons].map(([who, reason]) => `${who}: ${reason}`).join("; ");
  return { short: `${shares.size} of ${threshold} signatures${why === "" ? "" : `; ${why}`}` };
}

/** What has come so far: shares by signer, and for everybody else why there is none. */
function openTally(batch: Batch, place: QuorumPlace, signers: readonly Hex[]) {
  const values = signedValues(batch);
  const shares = new Map<string, QuorumShare>();
  const reasons = new Map<string, string>();
  const answers = new Map<string, string>();
  return {
    shares,
    reasons,
    answerOf: (who: string) => answers.get(who),
    /** Counts an answer; whether there is nothing more to expect of the one who gave it. */
    async take(who: string, answer: Answer): Promise<boolean> {
      if ("refused" in answer) {
        const { code, detail } = answer.refused;
        reasons.set(who, `${code} (${detail})`);
        answers.set(who, code);
        return !PASSING.includes(code);
      }
      const { share } = answer;
      const isSigner = signers.some((one) => one.toLowerCase() === share.signer.toLowerCase());
      if (!isSigner || !(await isShareOf(place, values, share))) {
        reasons.set(who, "its signature is not one of this batch by a signer of the contract");
        answers.set(who, "BAD_SHARE");
        return true;
      }
      reasons.delete(who);
      answers.set(who, "SIGNED");
      shares.set(share.signer.toLowerCase(), share);
      return true;
    },
    /** `atEnd`: the time is up, which says less than an earlier reason. */
    failed(who: string, why: string, atEnd: boolean): void {
      if (!atEnd || !reasons.has(who)) reasons.set(who, why);
    },
    wrongStatus(who: string, status: number): void {
      reasons.set(who, `status ${status}`);
      answers.set(who, `HTTP_${status}`);
    },
  };
}

import { hashTypedData, isAddress, type LocalAccount } from "viem";
import { z } from "zod";
import type { Batch, Hex } from "../domain/contract.ts";
import type { ChainView, CycleRecord } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { ownError } from "../domain/errors.ts";
import type { Journal, Numbers } from "../domain/journal.ts";
import type { Readings } from "../domain/risk.ts";
import { MODEL_VERSION } from "../pipeline.ts";
import { decodeEntries, encodeEntries } from "../protocols/words.ts";
import { type CosignLimits, type CosignRefusal, cosignRefusal, mayFollow } from "./refusals.ts";
import { type QuorumPlace, type QuorumShare, quorumTypedData, signedValues, signShare } from "./signedBatch.ts";

const bytes = z.string().regex(/^0x([0-9a-f]{2})*$/) as unknown as z.ZodType<Hex>;
const address = z.string().refine((text) => isAddress(text)) as unknown as z.ZodType<Hex>;
const proposalSchema = z.strictObject({
  chainId: z.int(),
  contract: address,
  gateway: address,
  sequence: z.string().regex(/^\d{1,20}$/),
  deadline: z.int(),
  modelVersion: z.int(),
  evidence: bytes,
  entries: bytes,
});

/** Proposed values at this instance's own prices. */
type Weighed = {
  readonly chain: ChainView;
  readonly now: number;
  readonly entries: readonly {
    readonly input: { readonly market: { readonly name: string }; readonly onChain: OnChainMarket };
    readonly assessment: { readonly decision: Numbers; readonly readings: Pick<Readings, "priceUsd"> };
  }[];
};

/** What co-signing needs of a keeper. */
export type CosignerParts = {
  readonly account: LocalAccount;
  readonly place: QuorumPlace;
  readonly store: Journal;
  readonly limits: CosignLimits;
  /** Markets whose values the impact gate would hold, and why. */
  heldByImpact(weighed: Weighed): Promise<readonly { readonly market: string; readonly reason: string }[]>;
  now(): number;
  readChain(): Promise<ChainView>;
  /** Why nothing may be sent now, or null. */
  stopped(now: number): string | null;
};

/** A share, or why there is none. */
export type CosignAnswer = { readonly share: QuorumShare } | { readonly refused: CosignRefusal };

export type Cosigner = {
  /** Remembers what this instance decided; the last decision counts. */
  note(record: CycleRecord): void;
  /** Answers another instance's proposal, as JSON came in. */
  answer(body: unknown): Promise<CosignAnswer>;
  /** This instance's own signature of what it proposes itself. */
  ownShare(batch: Batch, chain: ChainView): Promise<CosignAnswer>;
};

/** A proposal as it travels. */
export function proposalOf(place: QuorumPlace, batch: Batch): string {
  const { sequence, deadline, modelVersion, evidence, entries } = batch;
  const rest = { deadline, modelVersion, evidence, entries: encodeEntries(entries) };
  const { chainId, gateway, parameters: contract } = place;
  return JSON.stringify({ chainId, contract, gateway, sequence: sequence.toString(), ...rest });
}

/**
 * Signs other instances' batches for SignerQuorum when they say what this one decided itself (`cosignRefusal`). Each
 * signature is in the journal before it is given. Nobody's evidence is read: two observations of the market agree, or not.
 */
export function createCosigner(parts: CosignerParts): Cosigner {
  const { account, place, store, limits, now } = parts;
  let last: CycleRecord | null = null;

  /** The last thing before signing. */
  const signOnce = async (batch: Batch, chain: ChainView): Promise<CosignAnswer> => {
    const stored = [...chain.markets.values()].map(
      ({ marketId, storedInitialBps: initialBps, maintenanceTargetBps, limit }) => {
        return { marketId, initialBps, maintenanceTargetBps, limit };
      },
    );
    const values = signedValues(batch);
    const digest = hashTypedData(quorumTypedData(place, values));
    const alive = Math.min(now(), chain.blockTime);
    const free = store.consent({ at: now(), digest, batch, alive }, (fresh, earlier) =>
      mayFollow(fresh, earlier, stored),
    );
    if (!free) return refusedFor("SIGNED_OTHER", `sequence ${batch.sequence}`);
    return { share: await signShare(place, values, account) };
  };

  return {
    note(record) {
      last = record;
    },
    async answer(body) {
      const read = readProposal(body);
      if (read === null) return refusedFor("MALFORMED", "a batch, with chain, contract and gateway");
      const { batch, given } = read;
      const chain = await parts.readChain();
      const decided = last?.assessments ?? [];
      const own = decided.flatMap((assessment) => {
        const onChain = chain.markets.get(assessment.market);
        return onChain === undefined ? [] : [{ onChain, assessment }];
      });
      const view = {
        place,
        now: now(),
        blockTime: chain.blockTime,
        decidedAt: last?.now ?? null,
        sequence: BigInt(chain.writer.sequence),
        modelVersion: MODEL_VERSION,
        stopped: parts.stopped(now()),
        markets: own.map(({ onChain, assessment }) => ({ onChain, decision: assessment.decision })),
      };
      const refused = cosignRefusal(given, batch, view, limits);
      if (refused !== null) return { refused };
      // The values as proposed, at this instance's own prices.
      const entries = own.flatMap(({ onChain, assessment: { market, readings } }) => {
        const update = batch.entries.find(({ marketId }) => marketId === onChain.marketId);
        if (update === undefined) return [];
        return [{ input: { market: { name: market }, onChain }, assessment: { decision: update, readings } }];
      });
      const [held] = await parts.heldByImpact({ chain, now: now(), entries });
      return held === undefined ? await signOnce(batch, chain) : refusedFor("IMPACT", `${held.market} ${held.reason}`);
    },
    async ownShare(batch, chain) {
      const stopped = parts.stopped(now());
      return stopped === null ? await signOnce(batch, chain) : refusedFor("STOPPED", stopped);
    },
  };
}

function readProposal(body: unknown) {
  const parsed = proposalSchema.safeParse(body);
  if (!parsed.success) return null;
  const { chainId, contract, gateway, entries, sequence, ...rest } = parsed.data;
  try {
    const batch: Batch = { ...rest, sequence: BigInt(sequence), entries: decodeEntries(entries) };
    return { given: { chainId, parameters: contract, gateway }, batch };
  } catch (error) {
    if (ownError(error) === null) throw error;
    return null;
  }
}

function refusedFor(code: CosignRefusal["code"], detail: string): CosignAnswer {
  return { refused: { code, detail } };
}

import { resolve } from "node:path";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import type { Progress } from "../domain/progress.ts";
import { decodeBundle, readEvidence } from "../evidence/bundle.ts";
import { type PresentCode, type RecomputedDecision, recomputeBundle } from "../evidence/recompute.ts";
import type { EvidenceBundle } from "../evidence/schema.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";
import type { MarketFile } from "../markets/marketFiles.ts";
import { assess, fitBatch, MODEL_VERSION } from "../pipeline.ts";

/** Which evidence is recomputed: of a folder (null: the configured one), decided in [from, to), Unix seconds. */
export type RecomputeRequest = {
  readonly folder: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** What governance has decided of every market now. */
export type Governance = { readonly marketFiles: readonly MarketFile[] };

/** One recorded decision, decided again. */
export type RecomputedEntry = RecomputedDecision & {
  readonly evidence: string;
  /** When it was decided, Unix seconds. */
  readonly time: number;
  readonly sequence: bigint;
  readonly modelVersion: number;
};

/** What recompute found; entries are in the order in which they were decided. */
export type Recomputation = {
  readonly folder: string;
  readonly modelVersion: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly batches: number;
  readonly entries: readonly RecomputedEntry[];
  readonly unreadable: readonly { readonly evidence: string; readonly problem: string }[];
};

/** The reasoning of this version and the governance numbers of now. */
export function presentCode({ marketFiles }: Governance): PresentCode {
  const parametersOf = (name: string) => marketFiles.find(({ parameters }) => parameters.name === name)?.parameters;
  return { assess, fitBatch, modelVersion: MODEL_VERSION, parametersOf: (name) => parametersOf(name) ?? null };
}

/**
 * Decides every stored batch of a folder again, or those of a span, with the present code and the present parameters.
 * Nothing but the folder is read.
 * @throws TonsorError BAD_FILE when the folder has no evidence, BAD_ARGUMENT when none is of the span
 */
export async function recomputeFolder(folder: string, request: RecomputeRequest & Governance): Promise<Recomputation> {
  const { from, to, signal, progress } = request;
  const store = evidenceFolder(folder);
  const hashes = [...(await store.list())].sort();
  if (hashes.length === 0) {
    const facts = { field: "--evidence", given: resolve(folder), expected: "a keeper's evidence: <hash>.json.gz" };
    throw new TonsorError("BAD_FILE", "no evidence to recompute", facts);
  }
  const entries: RecomputedEntry[] = [];
  const unreadable: { evidence: string; problem: string }[] = [];
  let [batches, first, last] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [done, evidence] of hashes.entries()) {
    signal.throwIfAborted();
    progress(done, hashes.length, "deciding again what was sent");
    const bundle = await read(store, evidence);
    if (typeof bundle === "string") {
      unreadable.push({ evidence, problem: bundle });
      continue;
    }
    const { now, modelVersion } = bundle;
    const sequence = BigInt((bundle.markets[0]?.onChain.writer.sequence ?? 0) + 1);
    [first, last] = [Math.min(first, now), Math.max(last, now)];
    if (now < (from ?? now) || now >= (to ?? now + 1)) continue;
    batches += 1;
    const decisions = recomputeBundle(bundle, presentCode(request));
    entries.push(...decisions.map((one) => ({ evidence, time: now, sequence, modelVersion, ...one })));
  }
  progress(hashes.length, hashes.length, "deciding again what was sent");
  if (batches === 0 && unreadable.length === 0) {
    const iso = (time: number) => new Date(time * 1_000).toISOString();
    const facts = { field: "--from, --to", expected: `a span that meets ${iso(first)} to ${iso(last)}` };
    throw new TonsorError("BAD_ARGUMENT", "no evidence of that span", facts);
  }
  const inOrder = entries.sort((a, b) => a.time - b.time || Number(a.sequence - b.sequence));
  return { folder: resolve(folder), modelVersion: MODEL_VERSION, from, to, batches, entries: inOrder, unreadable };
}

/** The bundle, or what is wrong with its file. */
async function read(store: EvidenceStore, hash: Hex): Promise<EvidenceBundle | string> {
  try {
    return decodeBundle(await readEvidence(store, hash));
  } catch (error) {
    if (error instanceof TonsorError) return error.message;
    throw error;
  }
}

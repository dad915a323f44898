import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { BatchEntry } from "../domain/cycle.ts";
import type { AssessInput } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import { unreadable } from "../domain/words.ts";
import { decodeBundle, gather, hashEvidence } from "../evidence/bundle.ts";
import { type RecomputedDecision, recomputeBundle } from "../evidence/recompute.ts";
import type { EvidenceBundle } from "../evidence/schema.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";
import { unpackEvidence } from "../journal/files.ts";
import { assess, fitDue } from "../pipeline.ts";
import { type Governance, presentCode } from "./recompute.ts";

/** One market of a stored batch, decided again, and what was recorded of it. */
type StoredMarket = {
  readonly entry: BatchEntry;
  readonly evidence: {
    readonly hash: string;
    readonly modelVersion: number;
    readonly recorded: RecomputedDecision["recorded"];
    /** Why the present code and parameters decide as they do, see `recompute`. */
    readonly cause: RecomputedDecision["cause"];
  };
};

/**
 * A market of a file of evidence, decided again by the present code with the parameters as recorded, fitted with the other
 * markets of its batch. Nothing else is read: no journal, chain or configuration.
 * @param file `<hash>.json.gz` of a keeper's evidence folder, or what its /evidence/<hash> answers, under any name; the parts
 * that it names are read from the folder `parts` beside it
 * @param name of the market, in any case
 * @throws TonsorError BAD_FILE when it cannot be read; EVIDENCE_MISSING for a part; EVIDENCE_MISMATCH when it is no evidence or not that of its name;
 * UNKNOWN_MARKET naming those in it
 */
export async function storedMarket(file: string, name: string, governance: Governance): Promise<StoredMarket> {
  const { hash, bundle } = await storedBundle(file);
  const { modelVersion } = bundle;
  const at = placesOf([name], bundle, file)[0] as number;
  const planned = inputsOf(bundle).map((input) => ({ input, assessment: assess(input) }));
  const { recorded, cause } = recomputeBundle(bundle, presentCode(governance))[at] as RecomputedDecision;
  const entry = fitDue(planned).due[at] as BatchEntry;
  return { entry, evidence: { hash, modelVersion, recorded, cause } };
}

/**
 * Inputs of markets from a file of evidence as `storedMarket` reads it, with its hash; all of them when none is named.
 * @throws TonsorError as `storedMarket`
 */
export async function storedInputs(
  file: string,
  names: readonly string[] | null,
): Promise<{ readonly inputs: readonly AssessInput[]; readonly hash: string }> {
  const { hash, bundle } = await storedBundle(file);
  const inputs = inputsOf(bundle);
  if (names === null) return { inputs, hash };
  return { inputs: placesOf(names, bundle, file).map((at) => inputs[at] as AssessInput), hash };
}

async function storedBundle(file: string): Promise<{ readonly hash: string; readonly bundle: EvidenceBundle }> {
  const bytes = bytesOf(file);
  const hash = hashEvidence(bytes);
  const named = /0x[0-9a-f]{64}/.exec(basename(file))?.[0];
  if (named !== undefined && named !== hash) {
    throw new TonsorError("EVIDENCE_MISMATCH", `${file} was changed`, { field: "hash", given: hash, expected: named });
  }
  return { hash, bundle: await bundleOf(bytes, file) };
}

function inputsOf({ now, markets }: EvidenceBundle): readonly AssessInput[] {
  return markets.map(({ parameters, observed, history, onChain }) => {
    return { now, market: parameters, observed, history, onChain };
  });
}

/** Places of markets in a bundle, their names in any case. */
function placesOf(names: readonly string[], { markets }: EvidenceBundle, file: string): readonly number[] {
  return names.map((given) => {
    const at = markets.findIndex(({ name }) => name.toLowerCase() === given.toLowerCase());
    if (at >= 0) return at;
    const expected = `one of ${markets.map(({ name }) => name).join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${file} has no such market`, { field: "market", given, expected });
  });
}

/** An error names the file, and where the bytes are no bundle at all how they begin. */
async function bundleOf(bytes: Uint8Array, file: string): Promise<EvidenceBundle> {
  try {
    return decodeBundle(await gather(bytes, evidenceFolder(dirname(file)).part));
  } catch (cause) {
    if (!(cause instanceof TonsorError)) throw cause;
    const [what = ""] = cause.message.split(";");
    const given = new TextDecoder().decode(bytes.subarray(0, 40)).split(/\r?\n/)[0];
    if (cause.code === "EVIDENCE_MISSING") {
      const facts = { field: "--evidence", given: cause.facts.given, expected: "the folder parts beside it" };
      throw new TonsorError(cause.code, `${file}: ${what}`, facts, cause);
    }
    const whole = { field: "--evidence", given, expected: "a file of evidence, <hash>.json.gz" };
    const facts = cause.facts.field === undefined ? whole : cause.facts;
    throw new TonsorError(cause.code, `${file}: ${what}`, facts, cause);
  }
}

/** Without line ends that an editor or a shell adds behind. */
function bytesOf(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    const read = readFileSync(file);
    bytes = read[0] === 0x1f && read[1] === 0x8b ? unpackEvidence(read) : new Uint8Array(read);
  } catch (cause) {
    const facts = { field: "--evidence", given: unreadable(cause), expected: "a file of evidence, <hash>.json.gz" };
    throw new TonsorError("BAD_FILE", `${file} cannot be read`, facts, cause);
  }
  return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0x0a && byte !== 0x0d) + 1);
}

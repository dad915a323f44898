import { keccak256, sha256 } from "viem";
import { z } from "zod";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore, PackedEvidence } from "../domain/journal.ts";
import type { Observed } from "../domain/observation.ts";
import { canonicalText } from "./canonical.ts";
import { FORM, fieldError, frameSchema, isPartName, rootSchema, SERIES } from "./pieces.ts";
import { bundleSchema, type EvidenceBundle, observedSchema } from "./schema.ts";

/** Evidence put together, bytes: each part counts wherever it is named, so that no root can make much of little. */
const MOST_BYTES = 256 * 1_048_576;

/**
 * Returns the bundle of a root and its parts, or of a root alone of forms 3 and 4; what its markets shared they share again.
 * There is one spelling per piece: other white space, key order or 1.0 for 1 is refused too.
 * @throws TonsorError `EVIDENCE_MISMATCH` with the path of the first field that is wrong, or naming the part that is not what
 * its name says; `EVIDENCE_MISSING` naming a part that is not given
 */
export function decodeBundle({ root, parts }: PackedEvidence): EvidenceBundle {
  const json = canonicalJson(root);
  if (!isRecord(json) || json["schema"] !== FORM) return decoded(bundleSchema, upgraded(json) ?? unknownForm(json));
  const { schema: _, observed, markets, ...head } = decoded(rootSchema, json);
  const read = partReader(parts);
  const table = observed.flatMap(read).map((one, place): Observed => {
    return decoded(observedSchema, joined(one, "observation", read), `$.observed.${place}`);
  });
  const whole = markets.flatMap(read).map((one, index) => {
    const market = decoded(frameSchema, joined(one, "history", read), `$.markets.${index}`);
    return { ...market, observed: market.observed.map((place) => table[place] ?? refuse(`no observation ${place}`)) };
  });
  return { ...head, markets: whole };
}

/**
 * Returns keccak256 of the bytes of a root, the hash in `BatchApplied`.
 * @example hashEvidence(new TextEncoder().encode("")) // 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470
 */
export function hashEvidence(root: Uint8Array): Hex {
  return keccak256(root);
}

/** Reads parts by name, each one parsed once. */
function partReader(parts: PackedEvidence["parts"]): (name: string) => readonly unknown[] {
  const known = new Map<string, readonly unknown[]>();
  let total = 0;
  return (name) => {
    const bytes = parts.get(name);
    if (bytes === undefined) {
      const facts = { field: "parts", expected: `the part ${name}, which the evidence names` };
      throw new TonsorError("EVIDENCE_MISSING", `a part of the evidence is missing: ${name}`, facts);
    }
    total += bytes.length;
    if (total > MOST_BYTES) refuse(`it is more than ${MOST_BYTES} bytes when it is put together`);
    const rows = known.get(name) ?? parsedPart(name, bytes);
    known.set(name, rows);
    return rows;
  };
}

function parsedPart(name: string, bytes: Uint8Array): readonly unknown[] {
  const found = sha256(bytes).slice(2);
  if (found !== name) refuse(`the part ${name} was changed: it hashes to ${found}`);
  const json = canonicalJson(bytes);
  return Array.isArray(json) ? json : refuse(`the part ${name} is no array`);
}

/** The object with the series of one of its fields whole again. */
function joined(
  object: unknown,
  field: "observation" | "history",
  read: (name: string) => readonly unknown[],
): unknown {
  const inner = isRecord(object) ? object[field] : null;
  if (!isRecord(inner)) return object;
  const whole = Object.entries(inner).map(([name, rows]) => {
    if (!SERIES.includes(name) || !Array.isArray(rows)) return [name, rows];
    return [name, rows.flatMap((row: unknown) => (isPartName(row) ? read(row) : [row]))];
  });
  return { ...(object as object), [field]: Object.fromEntries(whole) };
}

function canonicalJson(bytes: Uint8Array): unknown {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("EVIDENCE_MISMATCH", "evidence is not UTF-8 JSON", {}, cause);
  }
  // The schema strips nothing and each bigint has one spelling, so the JSON itself is what would be encoded again; and
  // valid UTF-8 gives equal texts for equal bytes only.
  return isCanonical(json, text) ? json : refuse("it is not in canonical form (RFC 8785)");
}

/** What has no canonical form, such as half a surrogate pair, is in none. */
function isCanonical(json: unknown, text: string): boolean {
  try {
    return canonicalText(json) === text;
  } catch {
    return false;
  }
}

function decoded<Schema extends z.ZodType>(schema: Schema, json: unknown, place = "$"): z.output<Schema> {
  const result = z.safeDecode(schema, json as z.input<Schema>);
  if (result.success) return result.data;
  throw fieldError("EVIDENCE_MISMATCH", "evidence is not of the schema", result.error, place);
}

function unknownForm(json: unknown): never {
  const given = isRecord(json) ? json["schema"] : "no object";
  const expected = `${FORM}, or its forms v4 and v3`;
  throw new TonsorError("EVIDENCE_MISMATCH", "evidence is not of the schema", { field: "$.schema", given, expected });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(why: string): never {
  throw new TonsorError("EVIDENCE_MISMATCH", `evidence is refused: ${why}`);
}

/** Parts asked for at once. */
const AT_ONCE = 8;

/**
 * Returns a root with every part that it rests on, asked for by name. What is not of the form names nothing: decoding it says
 * what is wrong.
 * @throws TonsorError `EVIDENCE_MISMATCH` above 256 MiB in all, and whatever `part` throws
 * @example decodeBundle(await gather(root, (name) => store.part(name)))
 */
export async function gather(root: Uint8Array, part: (name: string) => Promise<Uint8Array>): Promise<PackedEvidence> {
  const parts = new Map<string, Uint8Array>();
  let total = root.length;
  const fetch = async (names: readonly string[]): Promise<void> => {
    const waiting = [...new Set(names)].filter((name) => !parts.has(name));
    const work = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const bytes = await part(name);
        total += bytes.length;
        if (total > MOST_BYTES) refuse(`it is more than ${MOST_BYTES} bytes`);
        parts.set(name, bytes);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  };
  const { schema, observed, markets } = recordOf(parsed(root));
  if (schema !== FORM) return { root, parts };
  // Each once, however often it is named: to look into a part takes longer than to name it.
  const first = [...new Set([...namesIn(observed), ...namesIn(markets)])];
  await fetch(first);
  await fetch(first.flatMap((name) => seriesIn(parsed(parts.get(name) ?? new Uint8Array()))));
  return { root, parts };
}

/** A stored bundle with its parts. @throws TonsorError EVIDENCE_MISSING, EVIDENCE_MISMATCH */
export async function readEvidence(store: Pick<EvidenceStore, "get" | "part">, hash: Hex): Promise<PackedEvidence> {
  return gather(await store.get(hash), (name) => store.part(name));
}

/** Names of the stretches of series in a part. */
function seriesIn(items: unknown): readonly string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    const { observation, history } = recordOf(item);
    return [observation, history].flatMap((one) => SERIES.flatMap((field) => namesIn(recordOf(one)[field])));
  });
}

function namesIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter(isPartName) : [];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** Parameters that earlier model versions had. No later reasoning asks for them. */
const RETIRED = [
  "reactionHours",
  "participation",
  "stressVolumeShare",
  "impactCoefficient",
  "initialVolatilityMultiple",
  "initialDepthShare",
  "stressWeight",
];
/** What version 4 asks for and version 3 did not have: its default. */
const ADDED = { liquidationWindowHours: 4 };

/**
 * The bundle of evidence of form 4, which is one piece, or of form 3, so that it can be read and decided again by the present
 * code, whose numbers differ. Form 3 wrote the exposure limit as it stood on chain, or at a bound that governance had lowered,
 * and did not read what was raised in the window. Null for anything else.
 */
function upgraded(json: unknown): unknown {
  if (!isRecord(json)) return null;
  const { schema, ...bundle } = json;
  if (schema === "tonsor.evidence.v4") return bundle;
  if (schema !== "tonsor.evidence.v3") return null;
  return Array.isArray(bundle["markets"]) ? { ...bundle, markets: bundle["markets"].map(upgradedMarket) } : bundle;
}

function upgradedMarket(market: unknown): unknown {
  if (!isRecord(market)) return market;
  const { parameters, onChain, decision } = market;
  if (!isRecord(parameters) || !isRecord(parameters["model"]) || !isRecord(onChain) || !isRecord(decision))
    return market;
  const { model } = parameters;
  const kept = Object.fromEntries(Object.entries(model).filter(([name]) => !RETIRED.includes(name)));
  const depthShare = model["initialDepthShare"];
  const { pending, limit, highestLimit } = onChain;
  return {
    ...market,
    parameters: { ...parameters, model: { ...ADDED, depthShare, ...kept } },
    onChain: { raised: 0, ...onChain, pending: isRecord(pending) ? { limit, ...pending } : pending },
    decision: { limit: Math.min(Number(limit), Number(highestLimit)), ...decision },
  };
}

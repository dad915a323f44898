import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import type { EvidencePiece, EvidencePieces } from "../domain/journal.ts";
import { canonicalBytes, canonicalText } from "./canonical.ts";
import { bundleHead, type EvidenceBundle, marketEvidence, observedSchema } from "./schema.ts";

/** Name of the form in which evidence is written. */
export const FORM = "tonsor.evidence.v5";
/** Arrays that grow at their end and forget at their beginning: one part each of their stretches, so that batches share them. */
export const SERIES: readonly string[] = ["candles", "closes", "ticks", "depth", "before"];
/** Observations and markets go into parts of so many characters or a little more: hashed in a few milliseconds. */
const PART_CHARACTERS = 131_072;
/** One row of so many ends a stretch. */
const STRETCH_ROWS = 512;

/** Name of a part: sha256 of its bytes in hex, without 0x. */
const PART_NAME = /^[0-9a-f]{64}$/;
export const isPartName = (value: unknown): value is string => typeof value === "string" && PART_NAME.test(value);
const partNames = z.array(z.string().regex(PART_NAME, "expected the name of a part")).readonly();
/** The root: the bundle with its markets, and the observations that they share, in parts. */
export const rootSchema = bundleHead.extend({ schema: z.literal(FORM), observed: partNames, markets: partNames });
/** A market in its part: its observations by their places among those of the bundle. */
export const frameSchema = marketEvidence.extend({ observed: z.array(z.number().int().min(0)).readonly() });

/**
 * Gives the pieces of a bundle one by one, so that whoever stores them may let others work in between: what markets share (by
 * identity) is in them once, and what a bundle before held is the same part again.
 * @throws TonsorError `BAD_ARGUMENT` naming the path of a field that is not of the schema, a non-finite number included.
 * @example [...piecesOf(bundle)].at(-1).kind // "root"
 */
export function* piecesOf(bundle: EvidenceBundle): EvidencePieces {
  const { markets, ...head } = bundle;
  const table = [...new Set(markets.flatMap(({ observed }) => observed))];
  const places = new Map(table.map((one, place) => [one, place]));
  const placeOf = (one: (typeof table)[number]) => {
    const market = markets.findIndex(({ observed }) => observed.includes(one));
    return `$.markets.${market}.observed.${markets[market]?.observed.indexOf(one)}`;
  };
  const observed = yield* inParts(table, function* (one) {
    const { observation, ...rest } = encoded(observedSchema, one, () => placeOf(one));
    return { ...rest, observation: observation === null ? null : yield* withSeries(observation) };
  });
  const frames = yield* inParts([...markets.entries()], function* ([index, market]) {
    const frame = { ...market, observed: market.observed.map((one) => places.get(one) ?? -1) };
    const { history, ...rest } = encoded(frameSchema, frame, () => `$.markets.${index}`);
    return { ...rest, history: yield* withSeries(history) };
  });
  const root = encoded(rootSchema, { ...head, schema: FORM, observed, markets: frames } as const, () => "$");
  yield { kind: "root", bytes: canonicalBytes(root) };
}

/** Puts items into parts, as many in each as fill it; the names of those, in order. */
function* inParts<Item>(
  items: readonly Item[],
  encode: (item: Item) => Generator<EvidencePiece, unknown, string>,
): Generator<EvidencePiece, readonly string[], string> {
  const names: string[] = [];
  let texts: string[] = [];
  let characters = 0;
  for (const [index, item] of items.entries()) {
    const text = canonicalText(yield* encode(item));
    texts.push(text);
    characters += text.length;
    if (characters < PART_CHARACTERS && index < items.length - 1) continue;
    names.push(yield part(`[${texts.join(",")}]`));
    [texts, characters] = [[], 0];
  }
  return names;
}

/** The object with each stretch of its series as the name of a part; rows after the last end of a stretch stay where they are. */
function* withSeries(object: object): Generator<EvidencePiece, object, string> {
  const fields: [string, unknown][] = [];
  for (const [name, value] of Object.entries(object)) {
    fields.push([name, SERIES.includes(name) && Array.isArray(value) ? yield* inStretches(value) : value]);
  }
  return Object.fromEntries(fields);
}

function* inStretches(rows: readonly unknown[]): Generator<EvidencePiece, readonly unknown[], string> {
  const names: string[] = [];
  let from = 0;
  for (let row = 0; row < rows.length; row++) {
    if (!endsStretch(rows[row])) continue;
    names.push(yield part(canonicalText(rows.slice(from, row + 1))));
    from = row + 1;
  }
  return [...names, ...rows.slice(from)];
}

/**
 * Whether a stretch ends with a row, as every past does: its time, or the index of a tick, mixed as MurmurHash3 does at its end. The row alone
 * says it, so the stretches of a series stay the same when rows come at one end and leave at the other.
 */
function endsStretch(row: unknown): boolean {
  const { until, index } = row as { readonly until?: number; readonly index: number };
  if (until !== undefined) return true;
  const key = Array.isArray(row) ? row[0] : index;
  const first = Math.imul(key ^ (key >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return (second ^ (second >>> 16)) >>> 0 < 2 ** 32 / STRETCH_ROWS;
}

function part(text: string): EvidencePiece {
  return { kind: "part", bytes: new TextEncoder().encode(text) };
}

function encoded<Schema extends z.ZodType>(schema: Schema, value: z.output<Schema>, place: () => string) {
  const result = z.safeEncode(schema, value);
  if (result.success) return result.data;
  throw fieldError("BAD_ARGUMENT", "not an evidence bundle", result.error, place());
}

/** The first thing wrong, with its path. */
export function fieldError(
  code: "BAD_ARGUMENT" | "EVIDENCE_MISMATCH",
  what: string,
  error: z.ZodError,
  place: string,
): TonsorError {
  const issue = error.issues[0];
  const field = [place, ...(issue?.path ?? []).map(String)].join(".");
  return new TonsorError(code, what, { field, expected: issue?.message ?? FORM });
}

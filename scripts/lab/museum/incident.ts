import { basename } from "node:path";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { inShape, readJson } from "../files/readText.ts";

/** An ISO 8601 time in UTC, read as Unix seconds. */
const time = z.string().transform((text, context) => {
  const milliseconds = text.endsWith("Z") ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(milliseconds)) return milliseconds / 1_000;
  context.issues.push({ code: "custom", input: text, message: "a UTC time as 2020-03-12T00:00:00Z" });
  return z.NEVER;
});
const words = z.string().min(1);
const positive = z.number().gt(0, { error: "a number > 0" });
const share = z.number().gt(0).lt(1);
/** A key of `sources`, or `ASSUMED`. */
const source = words;

/** Prices that were recorded: a csv file of a data folder (see `readPriceFile`), or a part of a recording of several. */
const recording = z.union(
  [
    z.strictObject({ file: words }),
    z.strictObject({ composite: words, over: words }),
    z.strictObject({ pool: z.literal("USDC/USDT") }),
  ],
  { error: "{ file }, { composite, over } or { pool }" },
);
const anchor = z.strictObject({ at: time, price: positive, source });
const statement = z.union(
  [
    anchor,
    z.strictObject({ at: time, factor: positive, source }),
    z.strictObject({ at: time, market: z.literal(true), source }),
  ],
  { error: "{ at, price, source }, { at, factor, source } or { at, market: true, source }" },
);

const shape = z.strictObject({
  title: words,
  story: words,
  inputs: z.enum(["recorded", "reconstructed"], { error: "recorded or reconstructed" }),
  from: time,
  to: time,
  stepMinutes: positive,
  collateral: words,
  debt: words,
  /** USD of one unit of the debt asset, held over the window, so that money is in USD. */
  debtUsd: positive,
  class: z.enum(["major", "long-tail"], { error: "major or long-tail" }),
  /** Options index of the collateral, or of the asset whose implied volatility is transferred to it. */
  index: z.enum(["ETH", "BTC"], { error: "ETH, BTC or null" }).nullable(),
  transferFrom: z.enum(["ETH", "BTC"], { error: "ETH, BTC or null" }).nullable(),
  /** A claim on the debt, one for one: the depeg that governance states. */
  claim: z.strictObject({ depeg: share, source }).optional(),
  /** Collateral in units of debt: what was recorded, times `anchors`, divided by `per` (straight lines between them). */
  price: z.strictObject({
    recorded: recording.optional(),
    anchors: z.array(anchor).optional(),
    per: z.array(anchor).optional(),
  }),
  /** Hours that the keeper read before, where the price is finer or not recorded; `inverted`: debt in units of collateral. */
  history: z.strictObject({ recorded: recording, inverted: z.boolean() }).optional(),
  /** What the lender's oracle said apart from the market, each until the next. */
  lenderSays: z.array(statement),
  /** Whose price the keeper's venue showed. */
  keeperReads: z.enum(["market", "lender"], { error: "market or lender" }),
  feed: z.strictObject({
    deviation: z.number().min(0).lt(1),
    heartbeatMinutes: positive,
    latencyMinutes: z.number().min(0),
    source,
  }),
  static: z.strictObject({
    lender: words,
    asOf: time,
    /** null: one number for both, from which nobody borrows nearer than the model's least gap. */
    ltv: share.nullable(),
    threshold: share,
    source,
    bonus: share,
    bonusSource: source,
    /** When the lender took no new loans. */
    closed: z.array(z.strictObject({ from: time, to: time, source })),
  }),
  /** Collateral that borrowers bring, tokens. */
  book: z.strictObject({ tokens: positive, source }),
  /** Selling the whole book takes so long at mean depth; `recorded`: a book over time that depth moves with. */
  depth: z.strictObject({ hoursToSell: positive, source, recorded: words.optional() }),
  /** Loans that are known one by one: opened with the whole LTV that the lender offers at that time. */
  loans: z.array(z.strictObject({ at: time, tokens: positive, accounts: z.int().min(1), source })),
  events: z.array(z.strictObject({ at: time, what: words, source })),
  /** What was reported, for a reader to hold the play against; bad debt also as a number of USD. */
  published: z.array(
    z.strictObject({
      what: words,
      value: words,
      source,
      badDebtUsd: z.number().min(0, { error: "USD >= 0" }).optional(),
    }),
  ),
  /** What could not be sourced, and what is assumed instead. */
  notFound: z.array(words),
  sources: z.record(words, z.strictObject({ title: words, url: z.url(), date: words.optional() })),
});

/** One incident as its file says; times in Unix seconds. `name` is that of the file, `path` where it is. */
export type Incident = z.output<typeof shape> & { readonly name: string; readonly path: string };
export type Recording = z.output<typeof recording>;
export type Anchor = z.output<typeof anchor>;

/** The source of a figure that nobody published: what the laboratory assumes everywhere. */
export const ASSUMED = "assumed";

/** Reads one incident. @throws TonsorError BAD_FILE in one line that names file, field, value and what was expected */
export function readIncident(path: string): Incident {
  const parsed = inShape(shape, readJson(path, "an incident as JSON"), path, "an incident");
  const incident = { ...parsed, name: basename(path, ".json"), path };
  const refuse = (field: string, given: unknown, expected: string): never => {
    throw new TonsorError("BAD_FILE", `${path} is not an incident`, { field, given, expected });
  };
  requireWindow(incident, refuse);
  requireTerms(incident, refuse);
  requireSources(incident, refuse);
  return incident;
}

type Refuse = (field: string, given: unknown, expected: string) => never;
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();

/** Times in order, and a label that says what the inputs are. */
function requireWindow({ from, to, stepMinutes, price, inputs, lenderSays }: Incident, refuse: Refuse): void {
  if (to <= from) refuse("to", iso(to), `a time after ${iso(from)}`);
  if ((to - from) % (stepMinutes * 60) !== 0 || 60 % stepMinutes !== 0) {
    refuse("stepMinutes", stepMinutes, "minutes that divide the hour and the window");
  }
  const isRecorded = price.recorded !== undefined && price.anchors === undefined && price.per === undefined;
  if (isRecorded !== (inputs === "recorded")) {
    const why = isRecorded ? "recorded: no figure is added to the price" : "reconstructed: the price rests on anchors";
    refuse("inputs", inputs, why);
  }
  const lists = { "price.anchors": price.anchors ?? [], "price.per": price.per ?? [], lenderSays };
  for (const [name, list] of Object.entries(lists)) {
    const late = list.findIndex(({ at }, i) => i > 0 && at <= (list[i - 1]?.at ?? 0));
    if (late > 0) refuse(`${name}.${late}.at`, iso(list[late]?.at ?? 0), "a time later than that of the one before");
    const first = list[0];
    if (first !== undefined && name !== "lenderSays" && first.at > from) {
      refuse(`${name}.0.at`, iso(first.at), `${iso(from)} or before: the path covers the window`);
    }
  }
}

function requireTerms({ static: { ltv, threshold, bonus, source: cited } }: Incident, refuse: Refuse): void {
  if (ltv !== null && ltv > threshold) refuse("static.ltv", ltv, `at most the threshold, ${threshold}`);
  if (threshold * (1 + bonus) >= 1) refuse("static.threshold", threshold, `less than 1 / (1 + ${bonus})`);
  if (cited === ASSUMED) refuse("static.source", cited, "the publication of the lender's parameters");
}

/** Every figure cites a source that is there, and every source is cited. */
function requireSources(incident: Incident, refuse: Refuse): void {
  const cited: (readonly [field: string, key: string])[] = [];
  const walk = (part: unknown, at: readonly string[]): void => {
    if (typeof part !== "object" || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      const here = [...at, key];
      if ((key === "source" || key === "bonusSource") && typeof value === "string") cited.push([here.join("."), value]);
      else if (at.length > 0 || key !== "sources") walk(value, here);
    }
  };
  walk(incident, []);
  const known = [...Object.keys(incident.sources), ASSUMED];
  for (const [field, key] of cited) if (!known.includes(key)) refuse(field, key, `one of ${known.join(", ")}`);
  for (const key of Object.keys(incident.sources)) {
    if (!cited.some(([, used]) => used === key)) refuse(`sources.${key}`, "there", "a source that a figure cites");
  }
}

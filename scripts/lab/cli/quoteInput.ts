import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { nearest } from "../../../keeper/domain/nearest.ts";
import type { ModelParameters } from "../../../keeper/domain/parameters.ts";
import type { Risk } from "../../../keeper/domain/risk.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { MODEL_RANGES, type ModelNumber } from "../../../keeper/markets/modelRanges.ts";
import { maxSlippage } from "../../../keeper/model/haircut.ts";

const D = DEFAULT_MODEL;

const number = (least: number, most: number, wanted: string) => z.number(wanted).min(least, wanted).max(most, wanted);
const yearly = (what: string) =>
  number(0, 10, "a fraction a year in [0, 10]: 0.6 means 60 %, never 60").describe(`${what}; fraction a year`);
const share = (what: string) =>
  number(0, 1, "a fraction in [0, 1]: 0.05 means 5 %, never 5").describe(`${what}; fraction`);
const usd = (what: string) => number(0, 1e15, "US dollars, from 0 to 1e15").describe(`${what}; USD`);

/** A number of the model: what a keeper's parameters may be, and by default are. */
function model(name: ModelNumber, what: string) {
  const { low, high, openLow, openHigh, whole, expected } = MODEL_RANGES[name];
  const above = openLow === true ? z.number(expected).gt(low, expected) : z.number(expected).min(low, expected);
  const inside = openHigh === true ? above.lt(high, expected) : above.max(high, expected);
  return (whole === true ? inside.int(expected) : inside).describe(what).default(D[name]);
}

/** Shape of the collateral that falls due, as shares of the supply cap. */
const PROFILE_SHAPE = D.liquidationProfile.map(([fall, amount]) => [fall, amount / D.supplyCapUsd] as const);
const CAP_PER_BORROWER = D.supplyCapUsd / D.largestBorrowerUsd;

/** What `quote --input` reads: three risk inputs and anything of the model that should differ from its default. */
export const quoteInputSchema = z
  .strictObject({
    volatility: yearly("volatility used, of today: initial follows it"),
    depthUsd: usd("collateral sellable now at the average slippage that the bonus can pay"),
    largestBorrowerUsd: usd("largest position that may have to be sold"),
    dailyVolumeUsd: usd("median daily volume; shown in `inputs` and moves nothing since model version 4").default(0),
    longRunVolatility: yearly("long-run volatility; left out: the same as `volatility`").optional(),
    currentOracleDeviation: share(
      "price feed against market now; the larger of this and `oracleDeviation` counts",
    ).default(0),
    historicalLoss: share("loss over `minimumHorizonHours` by historical simulation").nullable().default(null),
    riskNeutralLoss: share("loss over `minimumHorizonHours` by the options' tail").nullable().default(null),
    liquidationBonus: model("liquidationBonus", "paid to the liquidator; fraction"),
    liquidationCost: model(
      "liquidationCost",
      "gas and fees of a liquidation; shown as the slippage left for depth; fraction",
    ),
    idiosyncratic: model("idiosyncratic", "for what no market datum shows; fraction"),
    oracleDeviation: model("oracleDeviation", "deviation threshold of the price feed; fraction"),
    oracleLatencySeconds: model("oracleLatencySeconds", "latency of the price feed; seconds"),
    supplyCapUsd: usd(`supply cap; left out: ${CAP_PER_BORROWER} x largestBorrowerUsd`).optional(),
    liquidationProfile: z
      .array(z.tuple([share("price fall"), usd("collateral that falls due")]), "pairs [fall, USD]")
      .refine(ascending, "both numbers of each pair above those of the pair before")
      .describe(
        "[price fall, USD that becomes liquidatable], ascending; left out: 1, 5, 11, 35 % of the cap at 10, 20, 30, 50 %",
      )
      .optional(),
    minimumHorizonHours: model("minimumHorizonHours", "horizon of both haircuts (MPOR); hours"),
    refillMinutes: model("refillMinutes", "until depth is back after a slice; minutes"),
    tailLevel: model("tailLevel", "level of the expected shortfall; fraction"),
    degreesOfFreedom: model("degreesOfFreedom", "of the Student t tail"),
    depthStressFloor: model("depthStressFloor", "least share of depth left in stress; fraction"),
    depthStressElasticity: model("depthStressElasticity", "how fast depth shrinks as volatility rises"),
    depthShare: model("depthShare", "exposure limit: share of stressed depth that a sale counts on; fraction"),
    minimumGap: model("minimumGap", "least distance from maintenance to initial; fraction"),
    stressVolatility: model("stressVolatility", "exposure limit: volatility of the stress; fraction a year"),
    liquidationWindowHours: model(
      "liquidationWindowHours",
      "exposure limit: time in which what falls due sells; hours",
    ),
  })
  .describe("Risk inputs of one market against its quote asset. Fractions are fractions: 0.05 is 5 %.");

/** The same with every default filled in. */
export type QuoteSettings = {
  readonly [K in keyof z.output<typeof quoteInputSchema>]-?: Exclude<z.output<typeof quoteInputSchema>[K], undefined>;
};

/**
 * A checked input with its defaults filled in.
 * @throws BAD_FILE naming `source` and every problem at once: path, what was given, what was expected
 */
export function parseQuoteInput(source: string, content: unknown): QuoteSettings {
  const parsed = quoteInputSchema.safeParse(content);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, content));
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    throw new TonsorError("BAD_FILE", `${source} has ${count}: ${problems.join("; ")}`);
  }
  const input = parsed.data;
  const supplyCapUsd = input.supplyCapUsd ?? CAP_PER_BORROWER * input.largestBorrowerUsd;
  return {
    ...input,
    longRunVolatility: input.longRunVolatility ?? input.volatility,
    supplyCapUsd,
    liquidationProfile:
      input.liquidationProfile ?? PROFILE_SHAPE.map(([fall, part]): [number, number] => [fall, part * supplyCapUsd]),
  };
}

/** What the model takes: the market's state as `Risk`, and its parameters. */
export function modelInputs(settings: QuoteSettings): { readonly risk: Risk; readonly parameters: ModelParameters } {
  const { volatility, longRunVolatility, depthUsd, dailyVolumeUsd, currentOracleDeviation, ...rest } = settings;
  const { historicalLoss, riskNeutralLoss, ...model } = rest;
  const slippage = maxSlippage(model.liquidationBonus, model.liquidationCost);
  const risk: Risk = {
    volatility: {
      level: "L6",
      implied: null,
      riskNeutral: null,
      index: null,
      transferImplied: null,
      transferRealised: null,
      realised: null,
      har: null,
      ewma: null,
      longRun: longRunVolatility,
      pooled: volatility,
      multiplier: 1,
      used: volatility,
      binding: "given",
    },
    depth: {
      maxSlippage: slippage,
      nowUsd: depthUsd,
      shockedUsd: null,
      robustUsd: depthUsd,
      binding: "given",
      historyHours: 0,
    },
    tail: { historical: historicalLoss, riskNeutral: riskNeutralLoss },
    dailyVolumeUsd,
    oracleDeviation: currentOracleDeviation,
    confidence: 1,
    sources: 0,
    faults: [],
  };
  return { risk, parameters: { ...DEFAULT_MODEL, ...model } };
}

function ascending(pairs: readonly (readonly [number, number])[]): boolean {
  return pairs.every(([fall, amount], i) => {
    const [lastFall, lastAmount] = pairs[i - 1] ?? [0, 0];
    return fall > lastFall && amount >= lastAmount;
  });
}

function problemsOf(issue: z.core.$ZodIssue, content: unknown): readonly string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map(unknownField);
  const path = issue.path.map(String);
  const given = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], content);
  const where = path.length === 0 ? "the whole input" : path.join(".");
  const wanted = issue.path.length === 0 ? "a JSON object; `quote --schema` prints its schema" : issue.message;
  return [`${where}: given ${JSON.stringify(given) ?? "nothing"}, expected ${wanted}`];
}

function unknownField(name: string): string {
  if (name in DEFAULT_MODEL) return `${name}: has no effect on a quote, where volatility and depth are given`;
  const known = Object.keys(quoteInputSchema.shape);
  const lower = name.toLowerCase();
  const meant = nearest(name, known) ?? known.find((field) => field.toLowerCase().includes(lower)) ?? null;
  return `${name}: unknown field, ${meant === null ? "see `quote --schema`" : `did you mean ${meant}?`}`;
}

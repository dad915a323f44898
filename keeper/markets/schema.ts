import { getAddress, isAddress, zeroAddress } from "viem";
import { z } from "zod";
import { DEFAULT_MODEL, DEFAULT_POLICY, DEFAULT_QUALITY } from "./defaults.ts";
import { RISK_CLASSES } from "./limits.ts";
import { MODEL_RANGES, type ModelNumber } from "./modelRanges.ts";

const TEXT = "a text that is not empty";
const text = z.string(TEXT).min(1, TEXT);
const number = z.number("a number");
const names = z.array(text, "a list of names");

/** An object without other keys; what is left out altogether is read as empty, so that its own defaults count. */
const section = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, "an object");

type Numbers<Group> = { [Name in keyof Group as Group[Name] extends number ? Name : never]: z.ZodDefault<z.ZodNumber> };

/** A number for each of a group of defaults; what is no number there is for the caller. */
function numbers<Group extends object>(defaults: Group): Numbers<Group> {
  const own = Object.entries(defaults).filter(([, value]) => typeof value === "number");
  return Object.fromEntries(own.map(([name, value]) => [name, number.default(value)])) as never;
}

/** Numbers of the model with their ranges, see `MODEL_RANGES`. */
function modelNumbers(): Record<ModelNumber, z.ZodDefault<z.ZodNumber>> {
  const of = (name: ModelNumber) => {
    const { low, high, openLow, openHigh, whole, expected } = MODEL_RANGES[name];
    const from = openLow === true ? z.number(expected).gt(low, expected) : z.number(expected).gte(low, expected);
    const within = openHigh === true ? from.lt(high, expected) : from.lte(high, expected);
    const fallback = DEFAULT_MODEL[name];
    return whole === true ? within.int(expected).default(fallback) : within.default(fallback);
  };
  const all = Object.keys(MODEL_RANGES) as ModelNumber[];
  return Object.fromEntries(all.map((name) => [name, of(name)])) as Record<ModelNumber, ReturnType<typeof of>>;
}

const model = section({
  ...modelNumbers(),
  ladderMultipliers: z
    .tuple([number, number, number, number, number, number], "six numbers, for L1 to L6")
    .default([...DEFAULT_MODEL.ladderMultipliers]),
  liquidationProfile: z
    .array(z.tuple([number, number], "[price fall, US dollars]"), "a list of [price fall, US dollars]")
    .default(DEFAULT_MODEL.liquidationProfile.map(([fall, usd]) => [fall, usd])),
  priceRise: section({ atOnce: number, perDay: number }).default(DEFAULT_MODEL.priceRise),
});

const quality = section({
  ...numbers(DEFAULT_QUALITY),
  maxAgeSeconds: section(numbers(DEFAULT_QUALITY.maxAgeSeconds)).prefault({}),
  quarantine: section({ seconds: number, agreements: number }).default({
    ...{ seconds: 0, agreements: 1, ...DEFAULT_QUALITY.quarantine },
  }),
});

const sources = section({
  options: text.nullable().default(null),
  transferFrom: text.nullable().default(null),
  optionVenues: names.exactOptional(),
  history: text,
  otherHistories: names.exactOptional(),
  transferHistory: text.nullable().default(null),
  route: z.array(names, "hops from the collateral to the debt, each a list of pools"),
  priceFeed: text,
});

const claim = section({
  depeg: number,
  rate: section({ contract: text, getter: text, mostGrowthPerYear: number }).exactOptional(),
  history: text.exactOptional(),
});

const books = section({ markets: names, maxAgeSeconds: number, weight: number, takerFee: number, mostOfPools: number });

const poolMemory = section({ partSeconds: number, parts: number, maxFromAverage: number, maxOverAverage: number });

const classNames = Object.keys(RISK_CLASSES) as [keyof typeof RISK_CLASSES];

const listing = section({
  riskClass: z.enum(classNames, `one of ${classNames.join(", ")}`),
  initialBps: number,
  maintenanceBps: number,
  limitTokens: number,
  lowestLimitTokens: number,
  highestLimitTokens: number,
  feed: text,
});

const ADDRESS = "an address with its checksum, 0x and 40 hexadecimal digits, not all 0";
/** One spelling for each, for records, files and markets are compared by it. */
const isChecksummed = (given: string) => isAddress(given) && getAddress(given) === given && given !== zeroAddress;
const addresses = z.record(text, z.string(ADDRESS).refine(isChecksummed, ADDRESS), "addresses by name");

/**
 * The form of a market's file, `<name>.jsonc`. What equals a default of `defaults.ts` may be left out. Types and the ranges of
 * the model's numbers are here, rules between numbers in `parameterProblems.ts`.
 */
export const marketSchema = section({
  /** For editors. */
  $schema: text.exactOptional(),
  collateral: section({ symbol: text, decimals: z.int("whole decimals").min(0).max(36) }),
  debt: section({ symbol: text }).default({ symbol: "USD" }),
  model: model.prefault({}),
  quality: quality.prefault({}),
  policy: section(numbers(DEFAULT_POLICY)).prefault({}),
  sources,
  books: books.exactOptional(),
  poolMemory: poolMemory.exactOptional(),
  claim: claim.exactOptional(),
  listing,
  addresses: section({
    tokens: addresses,
    pools: addresses,
    feeds: addresses,
    rates: addresses.exactOptional(),
  }),
});

/** The same as JSON Schema (draft 2020-12), for editors and other programs. */
export function marketJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(marketSchema, { io: "input" });
}

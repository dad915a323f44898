import type { ConfigProblem } from "../domain/errors.ts";
import {
  type BookParameters,
  type ClaimParameters,
  isClaimOnDebt,
  type MarketParameters,
  type MarketSources,
  type ModelParameters,
  type PoolMemoryParameters,
} from "../domain/parameters.ts";
import { PREFERRED_VENUE, parseSourceName, sourceName } from "../domain/sourceNames.ts";
import { VENUES } from "../venues/registry.ts";
import type { VenueRegistry } from "../venues/venueRegistry.ts";
import { DEFAULT_MODEL } from "./defaults.ts";
import { isInRange, MODEL_RANGES, type ModelNumber } from "./modelRanges.ts";

/** Everything that is wrong with a market's governance numbers, each with its path, the value and what is expected. */
export function parameterProblems(market: MarketParameters, venues: VenueRegistry = VENUES): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const expect = into(problems);
  expectModel(market.model, expect);
  expectSources(market.sources, venues, expect);
  expectPolicy(market, expect);
  if (market.poolMemory !== undefined) expectMemory(market.poolMemory, expect);
  if (market.books !== undefined) expectBooks(market.books, venues, expect);
  if (market.claim !== undefined) expectClaim(market, market.claim, venues, expect);
  return problems;
}

/** The same of the numbers of a model alone. */
export function modelProblems(model: ModelParameters): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  expectModel(model, into(problems));
  return problems;
}

type Expect = (fine: boolean, path: string, given: unknown, expected: string) => void;

function into(problems: ConfigProblem[]): Expect {
  return (fine, path, given, expected) => {
    if (!fine) problems.push({ path, given: JSON.stringify(given) ?? "nothing", expected });
  };
}

function expectModel(model: ModelParameters, expect: Expect): void {
  const strange = Object.keys(model).filter((name) => !(name in DEFAULT_MODEL));
  expect(
    strange.length === 0,
    "model",
    strange,
    "no parameter that nothing reads (initialDepthShare is depthShare now)",
  );
  for (const name of Object.keys(MODEL_RANGES) as ModelNumber[]) {
    const given = model[name];
    if (given === undefined && name === "typicalVolatility") continue;
    expect(given !== undefined && isInRange(name, given), `model.${name}`, model[name], MODEL_RANGES[name].expected);
  }
  // With more, losing the history would loosen.
  const { typicalVolatility: typical = 0, staticVolatility: unknown } = model;
  const expected = `at most staticVolatility ${unknown}`;
  expect(!(typical > unknown && unknown > 0), "model.typicalVolatility", typical, expected);
  const slippage = model.liquidationBonus / (1 + model.liquidationBonus);
  expect(
    model.liquidationCost < slippage,
    "model.liquidationCost",
    model.liquidationCost,
    `below b/(1+b) = ${slippage}`,
  );
  expect(
    model.largestBorrowerUsd <= model.supplyCapUsd,
    "model.largestBorrowerUsd",
    model.largestBorrowerUsd,
    `at most the supply cap ${model.supplyCapUsd} USD`,
  );
  const rising = model.ladderMultipliers.slice(0, 4).every((value, i, all) => i === 0 || value >= (all[i - 1] ?? 0));
  expect(
    rising && model.ladderMultipliers[0] >= 1,
    "model.ladderMultipliers",
    model.ladderMultipliers,
    "L1 >= 1 and not falling to L4",
  );
  const profile = model.liquidationProfile;
  const ascending = profile.every(
    ([fall, size], i) => fall > (profile[i - 1]?.[0] ?? 0) && size >= (profile[i - 1]?.[1] ?? 0),
  );
  expect(ascending, "model.liquidationProfile", profile, "price falls and sizes that ascend");
  expectRise(model, expect);
}

function expectRise({ priceRise }: ModelParameters, expect: Expect): void {
  const { atOnce, perDay } = priceRise ?? { atOnce: 0, perDay: 1 };
  expect(atOnce >= 0 && atOnce <= 1, "model.priceRise.atOnce", atOnce, "a fraction in [0, 1] (0.25 means 25 %)");
  expect(perDay > 0 && perDay <= 1, "model.priceRise.perDay", perDay, "a fraction in (0, 1] (0.1 means 10 % a day)");
}

function expectSources(sources: MarketSources, venues: VenueRegistry, expect: Expect): void {
  expect(
    sources.route.length > 0 && sources.route.every((hop) => hop.length > 0),
    "sources.route",
    sources.route,
    "at least one pool in every hop",
  );
  const strange = sources.route.flat().filter((name) => !isOffered("pool", sourceName.pool(name), venues));
  expect(strange.length === 0, "sources.route", strange, `pools of ${venues.offering("pools").join(", ")}`);
  const boards = sources.optionVenues ?? [PREFERRED_VENUE];
  const known = venues.offering("board");
  expect(
    boards.length > 0 && new Set(boards).size === boards.length && boards.every((name) => known.includes(name)),
    "sources.optionVenues",
    boards,
    `at least one of ${known.join(", ")}, each once`,
  );
  const histories = venues.offering("history").join(", ");
  const isHistory = (name: string) => isOffered("history", sourceName.history(name), venues);
  for (const field of ["history", "transferHistory"] as const) {
    const name = sources[field];
    const fine = name === null || isHistory(name);
    expect(fine, `sources.${field}`, name, `an instrument or "venue:instrument", venues ${histories}`);
  }
  const others = sources.otherHistories ?? [];
  const all = [sources.history, ...others].map(sourceName.history);
  expect(
    others.every(isHistory) && new Set(all).size === all.length,
    "sources.otherHistories",
    others,
    `each "venue:instrument" once and not the history itself, venues ${histories}`,
  );
  expect(
    (sources.transferFrom === null) === (sources.transferHistory === null),
    "sources.transferHistory",
    sources.transferHistory,
    "set exactly when transferFrom is",
  );
}

function expectPolicy({ policy, quality }: MarketParameters, expect: Expect): void {
  const { minLooseningConfidence } = policy;
  const fraction = "a fraction in [0, 1] (0.05 means 5 %)";
  const isFraction = (value: number) => value >= 0 && value <= 1;
  expect(isFraction(minLooseningConfidence), "policy.minLooseningConfidence", minLooseningConfidence, fraction);
  const { maxPriceDisagreement } = quality;
  expect(isFraction(maxPriceDisagreement), "quality.maxPriceDisagreement", maxPriceDisagreement, fraction);
  expect(policy.heartbeatSeconds >= 60, "policy.heartbeatSeconds", policy.heartbeatSeconds, ">= 60 s");
  expect(policy.deadBandBps > 0, "policy.deadBandBps", policy.deadBandBps, "> 0 bp");
  const { seconds, agreements } = quality.quarantine ?? { seconds: 0, agreements: 1 };
  expect(seconds >= 0, "quality.quarantine.seconds", seconds, ">= 0 s");
  expect(Number.isInteger(agreements) && agreements >= 1, "quality.quarantine.agreements", agreements, "whole, >= 1");
}

function expectMemory(memory: PoolMemoryParameters, expect: Expect): void {
  const { partSeconds, parts, maxFromAverage, maxOverAverage } = memory;
  const whole = (value: number) => Number.isInteger(value) && value >= 1;
  expect(whole(partSeconds), "poolMemory.partSeconds", partSeconds, "a whole number of seconds >= 1");
  expect(whole(parts) && parts <= 1000, "poolMemory.parts", parts, "a whole number in [1, 1000]");
  expect(maxFromAverage > 0 && maxFromAverage < 1, "poolMemory.maxFromAverage", maxFromAverage, "a fraction in (0, 1)");
  expect(maxOverAverage >= 1, "poolMemory.maxOverAverage", maxOverAverage, "a multiple >= 1");
}

function expectBooks(books: BookParameters, venues: VenueRegistry, expect: Expect): void {
  const { markets, maxAgeSeconds, weight, takerFee, mostOfPools } = books;
  const known = venues.offering("book");
  const named = markets.every((name) => isOffered("book", sourceName.book(name), venues));
  const once = markets.length > 0 && new Set(markets).size === markets.length;
  expect(named && once, "books.markets", markets, `"venue:market" each once, venues ${known.join(", ")}`);
  expect(maxAgeSeconds > 0, "books.maxAgeSeconds", maxAgeSeconds, "> 0 s");
  expect(weight > 0 && weight <= 1, "books.weight", weight, "a share in (0, 1]");
  expect(takerFee >= 0 && takerFee < 1, "books.takerFee", takerFee, "a fraction in [0, 1)");
  expect(mostOfPools >= 0 && mostOfPools <= 3, "books.mostOfPools", mostOfPools, "a multiple in [0, 3]");
}

function expectClaim(market: MarketParameters, claim: ClaimParameters, venues: VenueRegistry, expect: Expect): void {
  const { depeg, rate, history } = claim;
  expect(depeg >= 0 && depeg < 1, "claim.depeg", depeg, "a fraction in [0, 1) (0.03 means 3 %)");
  const { transferFrom } = market.sources;
  expect(
    transferFrom === null,
    "sources.transferFrom",
    transferFrom,
    "null: options that a claim names are of what it is a claim on",
  );
  const known = history === undefined || isOffered("history", sourceName.history(history), venues);
  const own = history !== undefined && isClaimOnDebt(market);
  const expected = `"venue:instrument", venues ${venues.offering("history").join(", ")}; absent where no options are named`;
  expect(known && !own, "claim.history", history, expected);
  if (rate === undefined) return;
  const { contract, getter, mostGrowthPerYear: growth } = rate;
  const name = parseSourceName(sourceName.rate(contract, getter));
  expect(
    name?.kind === "rate" && /^\w+$/.test(getter),
    "claim.rate",
    `${contract}:${getter}`,
    "a contract's name and its function",
  );
  expect(
    growth > 0 && growth <= 1,
    "claim.rate.mostGrowthPerYear",
    growth,
    "a fraction in (0, 1] (0.1 means 10 % a year)",
  );
}

/** Whether the source's name means this, at a venue that offers it. */
function isOffered(kind: "book" | "history" | "pool", source: string, venues: VenueRegistry): boolean {
  const meaning = parseSourceName(source);
  return meaning?.kind === kind && venues.offering(kind === "pool" ? "pools" : kind).includes(meaning.venue);
}

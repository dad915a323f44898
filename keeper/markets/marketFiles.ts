import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConfigProblem, configError, TonsorError } from "../domain/errors.ts";
import { nearest } from "../domain/nearest.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { unreadable } from "../domain/words.ts";
import { parseJsonc } from "./jsonc.ts";
import type { MarketListing } from "./limits.ts";
import { fileProblems, sharedProblems } from "./marketProblems.ts";
import { marketJsonSchema, marketSchema } from "./schema.ts";

/** Addresses of one chain by the names that a market uses for them. */
export type Addresses = {
  readonly tokens: Readonly<Record<string, string>>;
  readonly pools: Readonly<Record<string, string>>;
  readonly feeds: Readonly<Record<string, string>>;
  readonly rates?: Readonly<Record<string, string>>;
};

/** One market as its file has it, with the defaults that the file leaves out. */
export type MarketFile = {
  /** Path of the file, as problems name it. */
  readonly file: string;
  readonly parameters: MarketParameters;
  /** What governance decides when it lists the market. */
  readonly listing: MarketListing;
  readonly addresses: Addresses;
};

/** A folder of market files. */
export type MarketFolder = {
  /** Names of all its markets, sound or not: those of the files. The largest cap comes first. */
  readonly names: readonly string[];
  /** Those with nothing wrong, in the same order. */
  readonly files: readonly MarketFile[];
  /** Everything wrong with the others, each with file and path. */
  readonly problems: readonly ConfigProblem[];
};

const SHIPPED = fileURLToPath(new URL("../../deployments/markets", import.meta.url));

/**
 * Reads every market of a folder: `<name>.jsonc` or `.json`, JSON with comments, in the form of `marketSchema`. Other files
 * and folders in it count for nothing.
 * @param folder null: `deployments/markets` beside the program
 * @example readMarkets(null).names // ["WETH", "WBTC"]
 */
export function readMarkets(folder: string | null): MarketFolder {
  const place = folder ?? SHIPPED;
  let found: readonly string[];
  try {
    found = readdirSync(place).filter((name) => FILE.test(name));
  } catch (error) {
    return {
      names: [],
      files: [],
      problems: [{ path: place, given: unreadable(error), expected: "a folder of markets" }],
    };
  }
  if (found.length === 0) {
    const problems = [{ path: place, given: "no market", expected: "a file <name>.jsonc for each market" }];
    return { names: [], files: [], problems };
  }
  const read = found.map((name) => readMarket(join(place, name), nameOf(name))).sort(byCap);
  const shared = sharedProblems(read.flatMap(({ market }) => market ?? []));
  const isSound = (one: ReadMarket) => one.problems.length === 0 && !shared.some(({ file }) => file === one.file);
  return {
    names: read.map(({ name }) => name),
    files: read.flatMap((one) => (isSound(one) && one.market !== null ? [one.market] : [])),
    problems: [...read.flatMap(({ problems }) => problems), ...shared.map(({ problem }) => problem)],
  };
}

/**
 * All markets of a folder as `readMarkets` has them.
 * @throws TonsorError BAD_CONFIG with everything that is wrong with any of them
 */
export function soundMarkets(folder: MarketFolder): readonly MarketFile[] {
  if (folder.problems.length > 0) throw configError(folder.problems);
  return folder.files;
}

/**
 * A market by its name, in any case.
 * @throws TonsorError UNKNOWN_MARKET naming the markets there are
 */
export function marketNamed(markets: readonly MarketFile[], name: string): MarketFile {
  const found = markets.find(({ parameters }) => parameters.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = markets.map(({ parameters }) => parameters.name);
  const facts = { field: "market", given: name, expected: `one of ${names.join(", ")}` };
  throw new TonsorError("UNKNOWN_MARKET", `no market is named ${name}`, facts);
}

const FILE = /^[^.].*\.jsonc?$/;
/** What a market, and its file, may be called. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

const nameOf = (file: string): string => file.replace(/\.jsonc?$/, "");

type ReadMarket = {
  readonly name: string;
  readonly file: string;
  /** Null where the file has not even the form of one. */
  readonly market: MarketFile | null;
  readonly problems: readonly ConfigProblem[];
};

/** The market with the largest cap first, for its size decides most; then by name. */
function byCap(a: ReadMarket, b: ReadMarket): number {
  const cap = ({ market }: ReadMarket) => market?.parameters.model.supplyCapUsd ?? 0;
  return cap(b) - cap(a) || (a.name < b.name ? -1 : 1);
}

/** Bytes of a market's file at most: a hundred times what one of them has. */
const MOST_BYTES = 262_144;

/** A file's text; what is none, or too long to be one of ours, is not read, so that no pipe is waited for. */
function textOf(path: string): string {
  const found = statSync(path);
  if (!found.isFile()) throw new SyntaxError("no file");
  const { size } = found;
  if (size > MOST_BYTES) throw new SyntaxError(`${size} bytes, at most ${MOST_BYTES}`);
  return readFileSync(path, "utf8");
}

function readMarket(path: string, name: string): ReadMarket {
  const file = shownPath(path);
  const refused = (given: string, expected: string): ReadMarket => {
    return { name, file, market: null, problems: [{ path: file, given, expected }] };
  };
  if (!NAME.test(name)) return refused(name, "a name of letters, digits and -");
  let parsed: ReturnType<typeof parseJsonc>;
  try {
    parsed = parseJsonc(textOf(path));
  } catch (error) {
    return refused(
      error instanceof SyntaxError ? error.message.replace(/\s+/g, " ") : unreadable(error),
      "JSON, comments allowed",
    );
  }
  const { market, problems } = judged(parsed.value, name, file);
  const twice = parsed.twice.map((key) => ({ path: key, given: "twice", expected: "each key once" }));
  const named = [...twice, ...problems].map((problem) => ({ ...problem, path: `${file}: ${problem.path}` }));
  return { name, file, market, problems: named };
}

/** As somebody would type it from here. */
function shownPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.startsWith("..") ? path : here;
}

/** The market, and what is wrong with it; where its form is wrong in places, the rules are held against the rest. */
function judged(content: unknown, name: string, file: string) {
  const parsed = marketSchema.safeParse(content);
  if (parsed.success) {
    const market = marketOf(parsed.data, name, file);
    return { market, problems: fileProblems(market) };
  }
  const form = parsed.error.issues.flatMap((issue) => formProblems(issue, content));
  const { rest, without } = withoutBad(content, parsed.error.issues);
  const again = marketSchema.safeParse(rest);
  if (!again.success) return { market: null, problems: form };
  const known = new Set(form.map(({ path }) => path));
  const rules = fileProblems(marketOf(again.data, name, file));
  return {
    market: null,
    problems: [...form, ...rules.filter(({ path }) => !known.has(path) && !without.has(path.split(".")[0] ?? ""))],
  };
}

function marketOf(content: ReturnType<typeof marketSchema.parse>, name: string, file: string): MarketFile {
  const { $schema: _, listing, addresses, ...parameters } = content;
  return { file, parameters: { name, ...parameters }, listing, addresses };
}

/** Sections whose every field has a default: a bad one is left out, and the rules are held against the others. */
const WITH_DEFAULTS: readonly PropertyKey[] = ["model", "quality", "policy"];
/** What stands for a section that is wrong in form, so that the rules can be held against the other sections. */
const STAND_IN: Readonly<Record<string, object>> = {
  collateral: { symbol: "?", decimals: 18 },
  sources: { history: "?", route: [["?"]], priceFeed: "?" },
  listing: {
    ...{ riskClass: "major", initialBps: 2_200, maintenanceBps: 1_900, feed: "?" },
    ...{ limitTokens: 1, lowestLimitTokens: 1, highestLimitTokens: 1 },
  },
  addresses: { tokens: {}, pools: {}, feeds: {} },
};

/** The content with everything that an issue names left out or replaced, and the sections that no rule can be held against. */
function withoutBad(content: unknown, issues: readonly Issue[]) {
  const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
  const rest = (isObject ? structuredClone(content) : {}) as Record<PropertyKey, unknown>;
  const without = new Set<string>();
  for (const { path, keys } of issues) {
    const [section = "", field] = path;
    const at = keys === undefined ? path.slice(0, 1) : path;
    const group = at.reduce<unknown>((inner, key) => (inner as typeof rest | undefined)?.[key], rest) as typeof rest;
    if (keys !== undefined) for (const key of keys) delete group?.[key];
    else if (WITH_DEFAULTS.includes(section) && field !== undefined) delete group?.[field];
    else {
      without.add(String(section));
      const standIn = STAND_IN[String(section)];
      if (standIn === undefined) delete rest[section];
      else rest[section] = standIn;
    }
  }
  // Addresses are held against the names that these sections have.
  if (["collateral", "debt", "sources", "claim"].some((section) => without.has(section))) without.add("addresses");
  return { rest, without };
}

type Issue = {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string;
  readonly keys?: readonly string[];
};

/** What a schema's issue says, a key that there is not with the nearest that there is. */
function formProblems({ path, message, code, keys }: Issue, content: unknown): readonly ConfigProblem[] {
  if (code === "unrecognized_keys" && keys !== undefined) {
    const known = keysAt(path);
    return keys.map((key) => {
      const meant = nearest(key, known);
      const expected = meant === null ? `one of ${known.join(", ")}` : `a known key; did you mean ${meant}?`;
      return { path: [...path, key].join("."), given: "an unknown key", expected };
    });
  }
  const given = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], content);
  const shown = given === undefined ? "nothing" : JSON.stringify(given).slice(0, 120);
  return [{ path: path.map(String).join(".") || "the file", given: shown, expected: message }];
}

/** Keys that the schema knows at a path. */
function keysAt(path: readonly PropertyKey[]): readonly string[] {
  type Node = { readonly properties?: Readonly<Record<string, Node>> };
  const at = path.reduce<Node | undefined>((node, key) => node?.properties?.[String(key)], marketJsonSchema() as Node);
  return Object.keys(at?.properties ?? {});
}

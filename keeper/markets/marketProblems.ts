import type { ConfigProblem } from "../domain/errors.ts";
import { listingProblems, RISK_CLASSES } from "./limits.ts";
import type { Addresses, MarketFile } from "./marketFiles.ts";
import { parameterProblems } from "./parameterProblems.ts";

/** What stands in a market's file in place of what its author is to put there. */
export const TO_FILL_IN = "to fill in";

/** Everything that is wrong with a market of the right form, by itself: numbers, listing, and names without an address. */
export function fileProblems(market: MarketFile): readonly ConfigProblem[] {
  const { listing, parameters } = market;
  return [
    ...parameterProblems(parameters),
    ...listingProblems(listing, RISK_CLASSES[listing.riskClass].limits),
    ...addressProblems(market),
    ...leftToFillIn(parameters, ""),
  ];
}

/** Texts that `market new` left to be filled in. */
function leftToFillIn(value: unknown, path: string): readonly ConfigProblem[] {
  if (value === TO_FILL_IN) return [{ path, given: value, expected: "a value: the market was begun from another" }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leftToFillIn(inner, path === "" ? key : `${path}.${key}`));
}

/** Names that the market uses and its file has no address for, and addresses under names that it does not use. */
function addressProblems({ parameters, addresses }: MarketFile): readonly ConfigProblem[] {
  const { collateral, debt, sources, claim } = parameters;
  const used = {
    tokens: [collateral.symbol, debt.symbol].filter((symbol) => symbol !== "USD"),
    pools: sources.route.flat(),
    feeds: [sources.priceFeed],
    rates: claim?.rate === undefined ? [] : [claim.rate.contract],
  };
  const kinds = Object.keys(used) as (keyof Addresses)[];
  return kinds.flatMap((kind) => {
    const [names, known] = [new Set(used[kind]), addresses[kind] ?? {}];
    const missing = [...names].filter((name) => known[name] === undefined);
    // The tokens on the route are told too: pools are named after them.
    const strange = kind === "tokens" ? [] : Object.keys(known).filter((name) => !names.has(name));
    return [
      ...missing.map((name) => ({ path: `addresses.${kind}.${name}`, given: "nothing", expected: "its address" })),
      ...strange.map((name) => {
        return { path: `addresses.${kind}.${name}`, given: "an address", expected: "none: nothing names it" };
      }),
    ];
  });
}

/** A problem, and the file that it stands in. */
type InFile = { readonly file: string; readonly problem: ConfigProblem };

/** What markets contradict each other in: one name for two markets, two addresses for one name, two descriptions of one feed. */
export function sharedProblems(markets: readonly MarketFile[]): readonly InFile[] {
  const seen = new Map<string, { readonly value: string; readonly file: string }>();
  return markets.flatMap(({ file, parameters, listing, addresses }) => {
    const kinds = Object.entries(addresses) as [string, Readonly<Record<string, string>>][];
    const said: (readonly [path: string, key: string, value: string])[] = [
      ["name", `market ${parameters.name.toLowerCase()}`, file],
      ["listing.feed", `description of ${parameters.sources.priceFeed}`, listing.feed],
      ["listing.feed", `description of ${addresses.feeds[parameters.sources.priceFeed]}`, listing.feed],
      ...kinds.flatMap(([kind, byName]) =>
        Object.entries(byName).map(([name, address]) => {
          const path = `addresses.${kind}.${name}`;
          return [path, path, address] as const;
        }),
      ),
    ];
    return said.flatMap(([path, key, value]) => {
      const before = seen.get(key);
      if (before === undefined) seen.set(key, { value, file });
      if (before === undefined || before.value === value) return [];
      const expected = `${before.value}, as ${before.file} has it`;
      return [{ file, problem: { path: `${file}: ${path}`, given: value, expected } }];
    });
  });
}

import type { ConfigProblem } from "../domain/errors.ts";
import { USD } from "../markets/limits.ts";
import type { MarketFile } from "../markets/marketFiles.ts";
import { limitsProblem } from "../policy/limitsCheck.ts";
import type { Deployment } from "../protocols/deployment.ts";

/**
 * Everything in a deployment's record that contradicts itself or leaves out what the markets name: an asset, id or name
 * that is there twice, bounds that are crossed, an address under two names, a source without an address. Paths are those
 * of the record. Whether it is true of the chain is for `check-deployment` and the wiring check.
 */
export function deploymentProblems(deployment: Deployment, markets: readonly MarketFile[]): readonly ConfigProblem[] {
  return [
    ...twice(deployment),
    ...crossed(deployment),
    ...sharedAddresses(deployment),
    ...lenders(deployment),
    ...missing(deployment, markets),
  ];
}

/** Values by their paths, in the order of the record. */
type Places = readonly (readonly [path: string, value: string])[];

function repeated(places: Places, what: string): readonly ConfigProblem[] {
  return places.flatMap(([path, value], n) => {
    const first = places.findIndex(([, other]) => other === value);
    if (first === n) return [];
    return [{ path, given: `${value} again, as at ${places[first]?.[0]}`, expected: `each ${what} once` }];
  });
}

function twice({ markets, classes }: Deployment): readonly ConfigProblem[] {
  const by = (field: string, value: (market: Deployment["markets"][number]) => string): Places =>
    markets.map((market, n) => [`markets.${n}.${field}`, value(market)]);
  const classIds: Places = classes.map(({ id }, n) => [`classes.${n}.id`, String(id)]);
  return [
    ...repeated(
      by("id", ({ id }) => String(id)),
      "market id",
    ),
    ...repeated(
      by("name", ({ name }) => name),
      "market name",
    ),
    ...repeated(
      by("collateral", ({ collateral, debt }) => `${collateral} against ${debt}`),
      "asset",
    ),
    ...repeated(classIds, "class id"),
    ...markets.flatMap(({ collateral, debt }, n) =>
      collateral === debt
        ? [{ path: `markets.${n}.debt`, given: debt, expected: "another asset than collateral" }]
        : [],
    ),
  ];
}

/** Bounds of which the lower is above the upper, whatever else the contract would refuse of them, values outside of them. */
function crossed({ classes, markets }: Deployment): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const atMost = (path: string, given: number, most: number, what: string): void => {
    if (given > most) problems.push({ path, given: String(given), expected: `at most ${what}, ${most}` });
  };
  for (const [n, { limits }] of classes.entries()) {
    const path = (field: string) => `classes.${n}.limits.${field}`;
    atMost(path("minInitialBps"), limits.minInitialBps, limits.maxInitialBps, "maxInitialBps");
    atMost(path("minMaintenanceBps"), limits.minMaintenanceBps, limits.maxMaintenanceBps, "maxMaintenanceBps");
    const refused = limitsProblem(limits);
    if (refused === null || problems.some((one) => one.path === path(refused.what))) continue;
    // The contract compares ttl and maxAge in minutes; the record has hours.
    const inMinutes = refused.what === "ttlHours" && limits.ttlHours * 60 < limits.maxAgeMinutes;
    const allowed = inMinutes ? Math.ceil(refused.allowed / 60) : refused.allowed;
    problems.push({
      path: path(refused.what),
      given: String(limits[refused.what]),
      expected: `what the contract takes, such as ${allowed}`,
    });
  }
  for (const [n, market] of markets.entries()) {
    const limits = classes.find(({ id }) => id === market.classId)?.limits;
    if (limits === undefined) {
      const expected = `one of the classes ${classes.map(({ id }) => id).join(", ")}`;
      problems.push({ path: `markets.${n}.classId`, given: String(market.classId), expected });
      continue;
    }
    atMost(`markets.${n}.initialBps`, market.initialBps, limits.maxInitialBps, "maxInitialBps of its class");
    const most = Math.max(0, market.initialBps - limits.minGapBps);
    atMost(`markets.${n}.maintenanceBps`, market.maintenanceBps, most, "initialBps less the gap of its class");
    atMost(`markets.${n}.limit`, market.limit, market.highestLimit, "highestLimit");
    atMost(`markets.${n}.lowestLimit`, market.lowestLimit, market.limit, "limit");
  }
  return problems;
}

/** One pool under two names would be sold through twice. */
function sharedAddresses({ sources }: Deployment): readonly ConfigProblem[] {
  const places = (kind: "tokens" | "pools"): Places =>
    Object.entries(sources[kind]).map(([name, address]) => [`sources.${kind}.${name}`, address]);
  return [...repeated(places("tokens"), "token"), ...repeated(places("pools"), "pool")];
}

/** Lenders of one name, a market that is not listed, and an agent for markets of two debts, when it can read but one. */
function lenders({ lenders = [], markets }: Deployment): readonly ConfigProblem[] {
  const unlisted = lenders.flatMap((lender, n) => {
    const ids = lender.kind === "morpho-blue" ? [lender.market] : lender.markets;
    const listed = ids.map((id) => markets.find((market) => market.id === id));
    const path = `lenders.${n}.${lender.kind === "morpho-blue" ? "market" : "markets"}`;
    const absent = ids.filter((_, at) => listed[at] === undefined);
    const debts = new Set(listed.flatMap((market) => market?.debt ?? []));
    const mixed = lender.kind !== "morpho-blue" && lender.agent !== null && debts.size > 1;
    return [
      ...absent.map((id) => ({ path, given: String(id), expected: "ids of listed markets" })),
      ...(mixed ? [{ path, given: [...debts].join(", "), expected: "markets of one debt, the agent's" }] : []),
    ];
  });
  const names: Places = lenders.map(({ name }, n) => [`lenders.${n}.name`, name]);
  return [...repeated(names, "lender"), ...unlisted];
}

/**
 * Sources that a listed market names and the record has no address for, or another than the market's file; another
 * collateral or debt than the file's.
 */
function missing(deployment: Deployment, markets: readonly MarketFile[]): readonly ConfigProblem[] {
  const { sources } = deployment;
  return markets.flatMap(({ file, parameters: market, addresses }) => {
    const listed = deployment.markets.find(({ name }) => name === market.name);
    if (listed === undefined) return [];
    const wrong = (kind: "pools" | "feeds" | "rates", name: string): readonly ConfigProblem[] => {
      const [recorded, own] = [sources[kind]?.[name], addresses[kind]?.[name]];
      const path = `sources.${kind}.${name}`;
      if (recorded === undefined) {
        return [{ path, given: "nothing", expected: `an address, for ${market.name} names it` }];
      }
      return recorded === own ? [] : [{ path, given: recorded, expected: `${own}, as ${file} has it` }];
    };
    const assets = (["collateral", "debt"] as const).flatMap((side): readonly ConfigProblem[] => {
      const { symbol } = market[side];
      const own = symbol === "USD" ? USD : addresses.tokens[symbol];
      if (listed[side] === own) return [];
      const path = `markets.${deployment.markets.indexOf(listed)}.${side}`;
      return [{ path, given: listed[side], expected: `${own}, the address of ${symbol} in ${file}` }];
    });
    const pools = market.sources.route.flat().flatMap((name) => wrong("pools", name));
    const rate = market.claim?.rate === undefined ? [] : wrong("rates", market.claim.rate.contract);
    return [...assets, ...wrong("feeds", market.sources.priceFeed), ...pools, ...rate];
  });
}

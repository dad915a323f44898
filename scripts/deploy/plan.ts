import { z } from "zod";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import { listingValues, RISK_CLASSES, USD, WRITER_BUDGETS } from "../../keeper/markets/limits.ts";
import type { Addresses, MarketFile } from "../../keeper/markets/marketFiles.ts";
import { deploymentSchema } from "../../keeper/protocols/deployment.ts";
import { readJson } from "../lab/files/readText.ts";
import { replicaAccounts } from "../lab/replica/accounts.ts";
import { aaveProvider } from "./addressBook.ts";
import { type DeploymentPlan, NOBODY, parsePlan } from "./planSchema.ts";

/** Reads a plan from a JSON file; numbers and addresses that it leaves out are those of the markets' files. */
export function readPlan(file: string, markets: readonly MarketFile[]): DeploymentPlan {
  const value = readJson(file, "a deployment plan in JSON");
  const given = z
    .looseObject({ sources: deploymentSchema.shape.sources.optional(), lenders: z.unknown().optional() })
    .safeParse(value);
  if (!given.success) return parsePlan(value);
  const { lenders } = given.data;
  const named = Array.isArray(lenders) ? { lenders: lenders.map(withProvider) } : {};
  return parsePlan({ ...numbersOf(markets, given.data.sources), ...given.data, ...named });
}

/** A lender whose provider is a name of Aave's address book, as "AaveV3Base", gets the address. */
function withProvider(lender: unknown): unknown {
  const { success, data } = z.looseObject({ provider: z.string().regex(/^Aave/) }).safeParse(lender);
  return success ? { ...data, provider: aaveProvider(data.provider) } : lender;
}

/** Returns the plan for a development chain: the replica's accounts, mainnet's addresses, and the delay of a real timelock. */
export function developmentPlan(markets: readonly MarketFile[]): DeploymentPlan {
  const accounts = replicaAccounts();
  return parsePlan({
    keeper: accounts.keeper.address,
    guardian: accounts.guardian.address,
    quorum: { threshold: 2, signers: [accounts.keeper.address, accounts.guardian.address, accounts.trader.address] },
    timelock: {
      delaySeconds: 2 * DAY_SECONDS,
      proposers: [accounts.governance.address],
      executors: [accounts.governance.address],
    },
    ...numbersOf(markets),
  });
}

/** Numbers of the markets and of their classes, with the addresses of one chain; absent: those that the files have. */
function numbersOf(markets: readonly MarketFile[], sources: Addresses = addressesOf(markets)) {
  const { tokens, feeds } = sources;
  return {
    challenge: { dailyLimit: 3 },
    budgets: WRITER_BUDGETS,
    classes: Object.values(RISK_CLASSES),
    markets: markets.map(({ parameters, listing }) => {
      const { name, collateral, debt } = parameters;
      const assets = { collateral: tokens[collateral.symbol], debt: debt.symbol === "USD" ? USD : tokens[debt.symbol] };
      return { name, ...assets, ...listingValues(listing), feeds: feedsOf(feeds[parameters.sources.priceFeed]) };
    }),
    sources,
  };
}

/** What all files together name; where two name the same they agree. */
function addressesOf(markets: readonly MarketFile[]): Addresses {
  const all = (kind: keyof Addresses) => Object.assign({}, ...markets.map(({ addresses }) => addresses[kind] ?? {}));
  const rates = all("rates");
  const named = { tokens: all("tokens"), pools: all("pools"), feeds: all("feeds") };
  return Object.keys(rates).length === 0 ? named : { ...named, rates };
}

/** A market's one feed proves that the price has moved since the keeper read it; a second one would prove more. */
function feedsOf(feed: string | undefined) {
  if (feed === undefined) return null;
  // A move of 10 % since the data was observed; a price older than its heartbeat and a quarter is none.
  return { first: feed, second: NOBODY, maxDivergenceBps: 0, maxMoveBps: 1_000, firstMaxAge: 4_500, secondMaxAge: 0 };
}

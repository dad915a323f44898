import { readFileSync } from "node:fs";
import { z } from "zod";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { listingValues, RISK_CLASSES, USD, WRITER_BUDGETS } from "../../keeper/markets/limits.ts";
import { allMarkets, type MarketName } from "../../keeper/markets/registry.ts";
import { type Deployment, deploymentSchema } from "../../keeper/protocols/deployment.ts";
import { replicaAccounts } from "../lab/replica/accounts.ts";
import { MAINNET_ADDRESSES } from "../lab/replica/addresses.ts";
import { type DeploymentPlan, NOBODY, parsePlan } from "./planSchema.ts";

/**
 * Reads a plan from a JSON file; numbers that it leaves out come from keeper/markets, which need
 * `sources.tokens` and `sources.feeds` by the names of the markets.
 */
export function readPlan(file: string): DeploymentPlan {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no deployment plan in JSON at ${file}`, {}, cause);
  }
  const withSources = z.looseObject({ sources: deploymentSchema.shape.sources }).safeParse(value);
  return parsePlan(withSources.success ? { ...numbersOf(withSources.data.sources), ...withSources.data } : value);
}

/** Returns the plan for a development chain: the replica's accounts and addresses, and the delay of a real timelock. */
export function developmentPlan(): DeploymentPlan {
  const accounts = replicaAccounts();
  const replicaSources = {
    tokens: { ...MAINNET_ADDRESSES.tokens },
    pools: { ...MAINNET_ADDRESSES.pools },
    feeds: { ...MAINNET_ADDRESSES.feeds },
  };
  return parsePlan({
    keeper: accounts.keeper.address,
    guardian: accounts.guardian.address,
    quorum: { threshold: 2, signers: [accounts.keeper.address, accounts.guardian.address, accounts.trader.address] },
    timelock: {
      delaySeconds: 2 * DAY_SECONDS,
      proposers: [accounts.governance.address],
      executors: [accounts.governance.address],
    },
    ...numbersOf(replicaSources),
    sources: replicaSources,
  });
}

/** The numbers of keeper/markets with the addresses of one chain. */
function numbersOf({ tokens, feeds }: Deployment["sources"]) {
  return {
    challenge: { dailyLimit: 3 },
    budgets: WRITER_BUDGETS,
    classes: Object.values(RISK_CLASSES),
    markets: allMarkets().map(({ name, collateral, sources }) => {
      const assets = { collateral: tokens[collateral.symbol], debt: USD };
      const feed = feeds[sources.priceFeed];
      return { name, ...assets, ...listingValues(name as MarketName), feeds: feedsOf(feed) };
    }),
  };
}

/** A market's one feed proves that the price has moved since the keeper read it; a second one would prove more. */
function feedsOf(feed: string | undefined) {
  if (feed === undefined) return null;
  // A move of 10 % since the data was observed; a price older than its heartbeat and a quarter is none.
  return { first: feed, second: NOBODY, maxDivergenceBps: 0, maxMoveBps: 1_000, firstMaxAge: 4_500, secondMaxAge: 0 };
}

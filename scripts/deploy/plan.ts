import { readFileSync } from "node:fs";
import { z } from "zod";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { AGGREGATE_BUDGET, classOfMarket, PROFILES, RISK_CLASSES, USD } from "../../keeper/markets/limits.ts";
import { allMarkets, listingOf, type MarketName } from "../../keeper/markets/registry.ts";
import { type Deployment, deploymentSchema } from "../../keeper/protocols/deployment.ts";
import { replicaAccounts } from "../lab/replica/accounts.ts";
import { MAINNET_ADDRESSES } from "../lab/replica/addresses.ts";

const { shape } = deploymentSchema;
const { sources, deployer: address } = shape;
const market = shape.markets.element.omit({ id: true });
const nobody = "0x0000000000000000000000000000000000000000";

/** Governance's numbers; a plan that leaves one out gets that of keeper/markets and marketLimits.ts. */
const numbers = {
  aggregate: shape.aggregate,
  profiles: shape.profiles,
  classes: shape.classes,
  markets: z.array(market).min(1),
};

const planSchema = z.strictObject({
  keeper: address.refine((a) => a !== nobody, "not the zero address"),
  guardian: address.refine((a) => a !== nobody, "not the zero address"),
  /** Who signs batches of the signer quorum; null: there is none. */
  quorum: z
    .strictObject({ threshold: z.int().min(1), signers: z.array(address).min(1).max(15) })
    .refine(({ threshold, signers }) => threshold <= signers.length, "a threshold of at most the number of signers")
    .refine(({ signers }) => new Set(signers).size === signers.length, "signers that differ")
    .nullable(),
  timelock: z.strictObject({
    delaySeconds: z
      .int()
      .min(0)
      .max(30 * DAY_SECONDS),
    proposers: z.array(address).min(1),
    /** The zero address lets anyone execute what has waited long enough. */
    executors: z.array(address).min(1),
  }),
  challenge: z.strictObject({ dailyLimit: z.int().min(1) }),
  /** On a rollup, and only there; the default is that it is none. */
  sequencer: shape.sequencer.default(null),
  ...numbers,
  sources,
});

/** What to deploy: who gets which role, which markets start how, and where their data comes from on this chain. */
export type DeploymentPlan = z.output<typeof planSchema>;

/** Returns a plan, checked. @throws TonsorError BAD_CONFIG listing every problem with its path. */
export function parsePlan(value: unknown): DeploymentPlan {
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "plan"}: ${message}`);
    throw new TonsorError("BAD_CONFIG", `the deployment plan is wrong: ${problems.join("; ")}`);
  }
  const plan = parsed.data;
  // One key that both loosens and ends tighten-only mode is what the roles exist to prevent.
  const keys = [plan.keeper, plan.guardian, ...plan.timelock.proposers];
  if (new Set(keys).size !== keys.length) {
    throw new TonsorError("BAD_CONFIG", "keeper, guardian and the proposers must be different addresses", {
      given: keys,
    });
  }
  // The gateway wants its signers ascending; the order in a file means nothing.
  const ascending = plan.quorum?.signers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)) ?? [];
  return plan.quorum === null ? plan : { ...plan, quorum: { ...plan.quorum, signers: ascending } };
}

/**
 * Reads a plan from a JSON file; numbers that it leaves out come from keeper/markets and marketLimits.ts, which need
 * `sources.tokens` and `sources.feeds` by the names of the markets.
 */
export function readPlan(file: string): DeploymentPlan {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no deployment plan in JSON at ${file}`, {}, cause);
  }
  const withSources = z.looseObject({ sources }).safeParse(value);
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
    aggregate: AGGREGATE_BUDGET,
    profiles: PROFILES,
    classes: Object.values(RISK_CLASSES),
    markets: allMarkets().map(({ name }) => {
      const { group, initialBps, maintenanceBps } = listingOf(name as MarketName);
      const { id: classId } = classOfMarket(name as MarketName);
      const assets = { collateral: tokens[name], debt: USD };
      return { name, ...assets, classId, group, initialBps, maintenanceBps, feeds: feedsOf(feeds[name]) };
    }),
  };
}

/** A market's one feed proves that the price has moved since the keeper read it; a second one would prove more. */
function feedsOf(feed: string | undefined) {
  if (feed === undefined) return null;
  // A move of 10 % since the data was observed; a price older than its heartbeat and a quarter is none.
  return { first: feed, second: nobody, maxDivergenceBps: 0, maxMoveBps: 1_000, firstMaxAge: 4_500, secondMaxAge: 0 };
}

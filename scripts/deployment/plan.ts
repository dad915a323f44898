import { readFileSync } from "node:fs";
import { z } from "zod";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type Deployment, deploymentSchema } from "../../keeper/protocols/deployment.ts";
import { replicaAccounts } from "../../keeper/simulation/replica/accounts.ts";
import { MAINNET_ADDRESSES } from "../../keeper/simulation/replica/addresses.ts";
import { MARKET_STARTS, USD } from "../marketLimits.ts";

const address = deploymentSchema.shape.deployer;
const sources = deploymentSchema.shape.sources;
const market = deploymentSchema.shape.markets.element.omit({ id: true });
const nobody = "0x0000000000000000000000000000000000000000";

const planSchema = z.strictObject({
  keeper: address.refine((a) => a !== nobody, "not the zero address"),
  guardian: address.refine((a) => a !== nobody, "not the zero address"),
  timelock: z.strictObject({
    delaySeconds: z
      .int()
      .min(0)
      .max(30 * 86_400),
    proposers: z.array(address).min(1),
    /** The zero address lets anyone execute what has waited long enough. */
    executors: z.array(address).min(1),
  }),
  markets: z.array(market).min(1),
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
  const { keeper, guardian, timelock } = parsed.data;
  // One key that both loosens and disables a breaker is what the roles exist to prevent.
  const keys = [keeper, guardian, ...timelock.proposers];
  if (new Set(keys).size !== keys.length) {
    throw new TonsorError("BAD_CONFIG", "keeper, guardian and the proposers must be different addresses", {
      given: keys,
    });
  }
  return parsed.data;
}

/** Reads a plan from a JSON file; `markets` may be left out and comes from marketLimits.ts then. */
export function readPlan(file: string): DeploymentPlan {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `no deployment plan in JSON at ${file}`, {}, cause);
  }
  const withoutMarkets = z.looseObject({ markets: z.undefined().optional(), sources }).safeParse(value);
  if (!withoutMarkets.success) return parsePlan(value);
  return parsePlan({ ...withoutMarkets.data, markets: marketsOf(withoutMarkets.data.sources) });
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
    timelock: {
      delaySeconds: 2 * 86_400,
      proposers: [accounts.governance.address],
      executors: [accounts.governance.address],
    },
    markets: marketsOf(replicaSources),
    sources: replicaSources,
  });
}

function marketsOf({ tokens }: Deployment["sources"]) {
  return Object.entries(MARKET_STARTS).map(([name, start]) => ({
    name,
    collateral: tokens[name],
    debt: USD,
    ...start,
  }));
}

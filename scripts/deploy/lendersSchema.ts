import { z } from "zod";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { ContractLimits } from "../../keeper/domain/contract.ts";
import { USD } from "../../keeper/markets/limits.ts";
import { deploymentSchema } from "../../keeper/protocols/deployment.ts";

const { deployer: address, contract: place } = deploymentSchema.shape;
/** Where it is already, as an earlier record has it: taken over and not created; `next-plan` writes it. */
const at = z.exactOptional(place);
const named = { name: z.string().min(1) };
const uint32 = z.int().min(1).max(0xffff_ffff);

/** Settings of an AaveV3Agent, as AaveV3Agent.Settings. */
const agentSchema = z.strictObject({
  maxThresholdStepBps: z.int().min(1).max(9_998),
  stepSeconds: uint32,
  minGapBps: z.int().min(2).max(9_999),
  maxAgeSeconds: uint32,
  at,
});

/** Settings of an AaveV4Agent, as AaveV4Agent.Settings. */
const agentV4Schema = z.strictObject({
  maxStepBps: z.int().min(1).max(10_000),
  stepSeconds: uint32,
  leastRiseBps: z.int().min(0).max(10_000),
  maxAgeSeconds: uint32,
  at,
});

/** Lenders that take a plan's markets; those that the record has under the same name are there already. */
const lenderSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("aave-v3"),
    ...named,
    /** First block whose events of it matter; its borrowers are those who have borrowed since. */
    fromBlock: z.int().min(0),
    provider: address,
    /** Names of markets of the plan. */
    markets: z.array(z.string().min(1)).min(1),
    /** Null: its book is read, and nothing is set there. */
    agent: agentSchema.nullable(),
  }),
  z.strictObject({
    kind: z.literal("aave-v4"),
    ...named,
    /** First block whose events of Aave's access manager matter. */
    fromBlock: z.int().min(0),
    spoke: address,
    hub: address,
    spokeConfigurator: address,
    hubConfigurator: address,
    /** Names of markets of the plan. */
    markets: z.array(z.string().min(1)).min(1),
    agent: agentV4Schema,
  }),
  z.strictObject({
    kind: z.literal("morpho-blue"),
    ...named,
    fromBlock: z.int().min(0),
    morpho: address,
    marketId: z.string().regex(/^0x[0-9a-f]{64}$/, "32 bytes, lower-case hex"),
    market: z.string().min(1),
  }),
]);

/** Contracts that say the numbers in another form, contracts/adapters/README.md. */
const adapter = { ...named, at };
const adapterSchema = z.discriminatedUnion("contract", [
  /** One address for consumers that cannot change it; agents and adapters of this plan read it, and the timelock owns it. */
  z.strictObject({ contract: z.literal("CurrentParameters"), ...adapter }),
  z.strictObject({ contract: z.literal("BidAskQuoter"), ...adapter, prices: address }),
  z.strictObject({ contract: z.literal("RiskOraclePublisher"), ...adapter, debt: address.default(USD) }),
  z.strictObject({
    contract: z.literal("HaircutFactorFeed"),
    ...adapter,
    market: z.string().min(1),
    side: z.enum(["INITIAL", "MAINTENANCE"]),
  }),
  z.strictObject({
    contract: z.literal("HaircutPriceFeed"),
    ...adapter,
    market: z.string().min(1),
    priceFeed: address,
  }),
]);

/** What a plan may ask for besides the contract and its gateways. */
export const lendersPart = {
  lenders: z.array(lenderSchema).default([]),
  adapters: z.array(adapterSchema).default([]),
};

type Part = { readonly [Key in keyof typeof lendersPart]: z.output<(typeof lendersPart)[Key]> };
type AgentSettings = z.output<typeof agentSchema> | z.output<typeof agentV4Schema>;

type Plan = Part & {
  readonly classes: readonly { readonly id: number; readonly limits: ContractLimits }[];
  readonly markets: readonly { readonly name: string; readonly debt: string; readonly classId: number }[];
};

/** What is wrong with the lenders and adapters of a plan, given its markets and their classes. */
export function lenderProblems({ lenders, adapters, markets, classes }: Plan): readonly string[] {
  const names = [...lenders, ...adapters].map(({ name }) => name);
  const problems = names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two are named ${name}`);
  if (adapters.filter(({ contract }) => contract === "CurrentParameters").length > 1) {
    problems.push("adapters has two CurrentParameters, expected one at most");
  }
  const known = (name: string, owner: string) => {
    const market = markets.find((each) => each.name === name);
    if (market === undefined) problems.push(`${owner}: market is ${name}, expected a market of the plan`);
    return market;
  };
  for (const adapter of adapters) if ("market" in adapter) known(adapter.market, adapter.name);
  for (const lender of lenders) {
    if (lender.kind === "morpho-blue") known(lender.market, lender.name);
    else {
      const own = lender.markets.flatMap((name) => known(name, lender.name) ?? []);
      if (new Set(own.map(({ debt }) => debt)).size > 1) {
        problems.push(`${lender.name}: its markets have several debts, expected one lender for each`);
      }
      if (lender.agent === null) continue;
      for (const { classId, name } of own) {
        const limits = classes.find(({ id }) => id === classId)?.limits;
        if (limits !== undefined) problems.push(...agentProblems(lender.agent, limits, `${lender.name}, ${name}`));
      }
    }
  }
  return problems;
}

/**
 * What of an agent's settings does not fit a market's class: it must hold still once the data are stale, keep up with maintenance
 * that rises (one that falls may wait), and in v3 leave a loan at the most that may be lent the room which the rise takes 30 days
 * for; in v4 such a loan is due at the first fall, and its notice is the agent's own.
 */
function agentProblems(settings: AgentSettings, limits: ContractLimits, owner: string): readonly string[] {
  const { stepSeconds, maxAgeSeconds } = settings;
  const { ttlHours, tightenSpeedBpsPer30Days: tighten } = limits;
  const problems: string[] = [];
  const expect = (field: string, given: number, fits: boolean, expected: string) => {
    if (!fits) problems.push(`${owner}: agent.${field} is ${given}, expected ${expected}`);
  };
  const ttlSeconds = ttlHours * HOUR_SECONDS;
  const life = `at most ${ttlSeconds}, the class's time to live`;
  expect("maxAgeSeconds", maxAgeSeconds, maxAgeSeconds <= ttlSeconds, life);
  if ("minGapBps" in settings) {
    const { minGapBps, maxThresholdStepBps } = settings;
    const gap = `at least ${tighten}, what maintenance rises in 30 days at most`;
    expect("minGapBps", minGapBps, minGapBps >= tighten, gap);
    const less = `less than minGapBps, ${minGapBps}`;
    expect("maxThresholdStepBps", maxThresholdStepBps, maxThresholdStepBps < minGapBps, less);
  }
  const step = "maxStepBps" in settings ? settings.maxStepBps : settings.maxThresholdStepBps;
  const longest = Math.floor((step * 30 * DAY_SECONDS) / Math.max(1, tighten));
  const why = `at most ${longest}: a step of ${step} bp must not fall behind a ramp of ${tighten} bp in 30 days`;
  expect("stepSeconds", stepSeconds, stepSeconds <= longest, why);
  return problems;
}

import { z } from "zod";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import { tokensOf } from "../../keeper/domain/contract.ts";
import { schemaProblems, TonsorError } from "../../keeper/domain/errors.ts";
import { listingProblems } from "../../keeper/markets/limits.ts";
import { deploymentSchema } from "../../keeper/protocols/deployment.ts";
import { lenderProblems, lendersPart } from "./lendersSchema.ts";

const { shape } = deploymentSchema;
const { deployer: address } = shape;
const market = shape.markets.element.omit({ id: true });
export const NOBODY = "0x0000000000000000000000000000000000000000";

const budget = shape.accounts.element.pick({ aggregateBps: true, tripBps: true });

/** Governance's numbers; a plan that leaves one out gets that of the markets' files. */
const numbers = {
  /** Of the hot key and of the signer quorum, as in IParameters.AccountSetting. */
  budgets: z.strictObject({ hot: budget, quorum: budget }),
  classes: shape.classes,
  markets: z.array(market).min(1),
};

const planSchema = z.strictObject({
  keeper: address.refine((a) => a !== NOBODY, "not the zero address"),
  guardian: address.refine((a) => a !== NOBODY, "not the zero address"),
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
  ...numbers,
  sources: shape.sources,
  ...lendersPart,
});

/** What to deploy: who gets which power, which markets start how, and where their data comes from on this chain. */
export type DeploymentPlan = z.output<typeof planSchema>;

/** Returns a plan, checked. @throws TonsorError BAD_CONFIG listing every problem with its path. */
export function parsePlan(value: unknown): DeploymentPlan {
  const parsed = planSchema.safeParse(value);
  if (!parsed.success) {
    const problems = schemaProblems(parsed.error.issues, value, "plan");
    throw new TonsorError("BAD_CONFIG", `the deployment plan is wrong: ${problems}`);
  }
  const plan = parsed.data;
  // One key that both loosens and ends a trip is what the powers exist to prevent.
  const keys = [plan.keeper, plan.guardian, ...plan.timelock.proposers];
  if (new Set(keys).size !== keys.length) {
    throw new TonsorError("BAD_CONFIG", "keeper, guardian and the proposers must be different addresses", {
      given: keys,
    });
  }
  const refused = [...plan.markets.flatMap((market) => refusals(market, plan.classes)), ...lenderProblems(plan)];
  if (refused.length > 0) throw new TonsorError("BAD_CONFIG", `the deployment plan is wrong: ${refused.join("; ")}`);
  // The gateway wants its signers ascending; the order in a file means nothing.
  const ascending = plan.quorum?.signers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)) ?? [];
  return plan.quorum === null ? plan : { ...plan, quorum: { ...plan.quorum, signers: ascending } };
}

/** What the contract would refuse of a market's listing, by name. */
function refusals(market: DeploymentPlan["markets"][number], classes: DeploymentPlan["classes"]): readonly string[] {
  const { name, classId, initialBps, maintenanceBps } = market;
  const listedIn = classes.find(({ id }) => id === classId);
  if (listedIn === undefined) return [`${name}: listing.classId is ${classId}, expected the id of a class of the plan`];
  const [limitTokens, lowestLimitTokens, highestLimitTokens] = [
    market.limit,
    market.lowestLimit,
    market.highestLimit,
  ].map((limit) => Number(tokensOf(limit))) as [number, number, number];
  const listing = { initialBps, maintenanceBps, limitTokens, lowestLimitTokens, highestLimitTokens };
  return listingProblems(listing, listedIn.limits).map(({ path, given, expected }) => {
    return `${name}: ${path} is ${given}, expected ${expected}`;
  });
}

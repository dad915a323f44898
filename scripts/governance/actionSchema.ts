import { z } from "zod";
import { MODES } from "../../keeper/domain/contract.ts";
import { challengeFeedsSchema, deploymentSchema, limitsSchema } from "../../keeper/protocols/deployment.ts";

const bps = z.int().min(0).max(10_000);
const address = deploymentSchema.shape.deployer;
const market = z.string().min(1);
const role = z.enum(["KEEPER_ROLE", "QUORUM_ROLE", "GUARDIAN_ROLE", "CHALLENGER_ROLE", "LISTER_ROLE"]);

/** One thing governance does. `market` is a name of the record or an id. */
const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("setLimits"), class: z.int().min(0).max(63), limits: limitsSchema.partial() }),
  z.strictObject({ action: z.literal("setClass"), group: z.int().min(0), class: z.int().min(0).max(63) }),
  z.strictObject({
    action: z.literal("setAggregateBudget"),
    hotBps: z.int().min(0).max(0xffffff),
    quorumBps: z.int().min(0).max(0xffffff),
  }),
  z.strictObject({ action: z.literal("resetBreaker") }),
  z.strictObject({ action: z.literal("setMode"), market, mode: z.enum(MODES) }),
  z.strictObject({ action: z.literal("setProbe"), market, probe: address }),
  z.strictObject({
    action: z.literal("overrideMarkets"),
    values: z
      .array(z.strictObject({ market, initialBps: bps, maintenanceTargetBps: bps, until: z.int().min(0) }))
      .min(1),
  }),
  z.strictObject({ action: z.literal("grantRole"), role, account: address }),
  z.strictObject({ action: z.literal("revokeRole"), role, account: address }),
  z.strictObject({ action: z.literal("setFeeds"), market, feeds: challengeFeedsSchema }),
  z.strictObject({
    action: z.literal("list"),
    collateral: address,
    debt: address,
    class: z.int().min(0).max(63),
    group: z.int().min(0),
    initialBps: bps,
    maintenanceBps: bps,
  }),
  z.strictObject({ action: z.literal("updateDelay"), seconds: z.int().min(0) }),
]);

/** A proposal as a file has it. */
export const proposalSchema = z.strictObject({
  title: z.string().min(1),
  description: z.string().default(""),
  actions: z.array(actionSchema).min(1),
});

export type Action = z.output<typeof actionSchema>;
export type Intent = z.output<typeof proposalSchema>;

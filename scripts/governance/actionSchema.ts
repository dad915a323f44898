import { z } from "zod";
import { MODES, POWERS } from "../../keeper/domain/contract.ts";
import { challengeFeedsSchema, deploymentSchema, limitsSchema } from "../../keeper/protocols/deployment.ts";

const bps = z.int().min(0).max(10_000);
const address = deploymentSchema.shape.deployer;
const classId = z.int().min(0).max(63);
const market = z.string().min(1);
/** Whole collateral tokens; what the contract cannot write exactly it rounds down, by less than 0.1 %. */
const tokens = z.number().min(0).refine(Number.isInteger, "a whole number of tokens");
const budget = z.int().min(0).max(0xffffff).default(0);

/** One thing governance does. `market` is a name of the record or an id. */
const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("setLimits"), class: classId, limits: limitsSchema.partial() }),
  z.strictObject({
    action: z.literal("changeMarket"),
    market,
    /** What is left out stays. */
    class: classId.optional(),
    lowestLimitTokens: tokens.optional(),
    highestLimitTokens: tokens.optional(),
    /** The zero address: none. */
    probe: address.optional(),
  }),
  z.strictObject({ action: z.literal("delistMarket"), market }),
  z.strictObject({ action: z.literal("setMode"), market, mode: z.enum(MODES) }),
  z.strictObject({
    action: z.literal("setManually"),
    values: z
      .array(
        z.strictObject({
          market,
          initialBps: bps,
          maintenanceTargetBps: bps,
          limitTokens: tokens,
          /** Until when writers can only tighten, Unix seconds; 0: the values are only set. */
          until: z.int().min(0),
        }),
      )
      .min(1),
  }),
  z.strictObject({
    action: z.literal("admit"),
    account: address,
    power: z.enum(POWERS),
    aggregateBps: budget,
    tripBps: budget,
  }),
  z.strictObject({ action: z.literal("setFeeds"), market, feeds: challengeFeedsSchema }),
  z.strictObject({
    action: z.literal("listMarket"),
    collateral: address,
    debt: address,
    class: classId,
    initialBps: bps,
    maintenanceBps: bps,
    limitTokens: tokens,
    lowestLimitTokens: tokens,
    highestLimitTokens: tokens,
  }),
  z.strictObject({ action: z.literal("updateDelay"), seconds: z.int().min(0) }),
  /** Any function of any contract that the timelock owns besides: adapters, CurrentParameters. */
  z.strictObject({
    action: z.literal("call"),
    to: address,
    /** As in its source. @example "move(address next)" */
    function: z.string().regex(/^\w+\(.*\)$/, "a name and its parameters, as in the source"),
    args: z.array(z.union([z.string(), z.number(), z.boolean()])),
  }),
]);

export type Action = z.output<typeof actionSchema>;
/** One kind of action. */
export type ActionOf<Name extends Action["action"]> = Extract<Action, { readonly action: Name }>;

/** A proposal as a file has it. */
export const proposalSchema = z
  .strictObject({
    title: z.string().min(1),
    description: z.string().default(""),
    actions: z.array(actionSchema).min(1),
  })
  // An operation executes whole or not at all: what can spoil an override would leave the thief in power.
  .refine(({ actions }) => !(actions.some(removes) && actions.some(({ action }) => action === "setManually")), {
    path: ["actions"],
    message: "an account is removed in a proposal of its own, not together with setManually",
  });

function removes(action: Action): boolean {
  return action.action === "admit" && action.power === "NONE";
}

export type Intent = z.output<typeof proposalSchema>;

import { z } from "zod";
import { DATA_STATES } from "../domain/decision.ts";
import * as field from "./fields.ts";

/**
 * What the status page and `tonsor status` show: the one source of the types, of `/openapi.json` and of the tables of
 * JSON.md beside this file. Times are *by the keeper's clock*: in a replay that is the replay's clock, not the wall's.
 */

export const waterfallSchema = z.object({
  steps: field.rows({
    label: field.text("one part of the haircut"),
    bps: field.bps("what it adds; steps sum to the total"),
    origin: field.text("where it comes from, with units"),
  }),
  totalBps: field.bps("the haircut the model asks for"),
});

/** How one number on chain comes to what the model asks for; `value` makes its field. */
export const arrivalSchema = (value: typeof field.bps) =>
  z.object({
    because: field.text("the rule that it follows now"),
    value: value("where it comes to rest; where `at` is null, what the model asks for"),
    at: field.unixSeconds("when, at the present speeds; null while something holds it").nullable(),
    isAtRest: field.flag("whether it is there"),
    words: field.text("all of it as a sentence"),
  });

export const limitSchema = z.object({
  targetUsd: field.usd("most collateral that a lender should hold, as the model asks"),
  targetTokens: field.tokens("the same at the price now, rounded down; null without a price").nullable(),
  sellableUsd: field.usd("what sells within the window at the slippage that the bonus pays"),
  windowHours: field.hours("the window"),
  depthFactor: field.fraction("share of depth left in stress"),
  dueShare: field.fraction("share of a lender's collateral that falls due at it; targetUsd is sellableUsd over this"),
  fall: field.fraction("fall of the price in the stress that the limit is made for"),
  proposedTokens: field.tokens("after governance's bounds and the pace of a rise"),
  rule: field.text("the rule that this follows"),
});

const boundsSchema = z.object({
  minInitialBps: field.bps("lowest initial that governance lets the keeper write"),
  maxInitialBps: field.bps("highest"),
  minMaintenanceBps: field.bps("lowest maintenance"),
  maxMaintenanceBps: field.bps("highest"),
  lowestLimitTokens: field.tokens("lowest exposure limit"),
  highestLimitTokens: field.tokens("highest: the cap"),
});

export const rampSchema = field.objectOrNull("the notice that maintenance gives; null where it is at its target", {
  fromBps: field.bps("maintenance now"),
  toBps: field.bps("its target on chain"),
  bpsPer30Days: field.bps("the most by which it moves in 30 days"),
  steps: field.rows({
    time: field.unixSeconds("a moment to come; the last is the end"),
    maintenanceBps: field.bps("maintenance then, if nothing else is written and data stays fresh"),
  }),
});

const onChainSchema = field.objectOrNull("null before the market is listed", {
  initialBps: field.bps("effective now for new borrowing"),
  maintenanceBps: field.bps("effective now for liquidation"),
  maintenanceTargetBps: field.bps("where maintenance moves to, at limited speed"),
  mode: field.word(["NORMAL", "NO_NEW_RISK", "FROZEN"]),
  modeUntil: field.unixSeconds("when a guardian's or a challenge's mode lapses; null when nothing lapses").nullable(),
  classId: field.number("risk class, whose limits hold"),
  spentBps: field.bps("loosening that it has used in this window of eight hours"),
  exposureLimitTokens: field.tokens("most collateral, in whole tokens, that a lender should hold"),
  tightenOnly: field.flag("the writer has tripped, or a guardian holds the class: nothing loosens until that ends"),
  asOf: field.unixSeconds("oldest datum behind the stored value"),
  agesFrom: field.unixSeconds("from when it ages: asOf, or the end of governance's hold by hand"),
  ttlSeconds: field.seconds("age beyond which the value counts as stale"),
  stale: field.flag("older than that: the contract closes initial, maintenance stays where it is"),
  bounds: boundsSchema,
  ramp: rampSchema,
});

export const positionsSchema = z.object({
  time: field.unixSeconds("when an update was weighed against the positions that are known; null: never").nullable(),
  collateralTokens: field.tokens("collateral of those positions, at the price of that moment").nullable(),
  debtUsd: field.usd("their debt").nullable(),
  atRiskUsd: field
    .usd("value at risk: debt that is liquidatable, or will be by the end of the update's ramp")
    .nullable(),
  book: field.objectOrNull(
    "what the books of its lenders show, read every ten minutes; null: not known, or no lender",
    {
      borrowers: field.number("accounts that owe and have this collateral"),
      heldUsd: field.usd("all of this collateral that the lenders hold"),
      debtUsd: field.usd("debt of those accounts"),
      largestBorrowerUsd: field.usd("collateral of the one that has most of it"),
      due: field.rows({
        fall: field.fraction("a fall of this price alone"),
        collateralUsd: field.usd("collateral of the accounts that are liquidatable then, at present prices"),
        debtUsd: field.usd("and their debt"),
      }),
    },
  ),
  why: field.text("why these are null; null where they are known").nullable(),
});

export const sourceSchema = z.object({
  source: field.name("the source"),
  role: field.term("options, index, history, transfer, pool, feed, book or other"),
  ageSeconds: field.seconds("age by the source's own clock; null when nothing was accepted").nullable(),
  state: field.word(["ok", "degraded", "down"], "degraded: accepted, with faults"),
  used: field.flag("whether a number rests on it now; else it only checks the others"),
  faults: field.rows({
    code: field.code("named fault"),
    detail: field.text("what was given and expected"),
    count: field.count("records hit; null when it cost the whole answer").nullable(),
  }),
});

const DATA_WORDS = Object.entries(DATA_STATES)
  .map(([state, means]) => `${state}: ${means}`)
  .join("; ");

export const marketSchema = z.object({
  market: field.name("the market"),
  time: field.unixSeconds("when it was assessed"),
  asOf: field.unixSeconds("oldest market datum used"),
  priceUsd: field.usd("price of one unit of collateral").nullable(),
  volatility: z.object({
    used: field.perYear("volatility used, of today: initial follows it"),
    implied: field.perYear("options surface at the horizon").nullable(),
    riskNeutral: field.perYear("reproduces the options' tail").nullable(),
    index: field.perYear("volatility index").nullable(),
    har: field.perYear("log-HAR forecast from realised volatility").nullable(),
    ewma: field.perYear("exponentially weighted realised volatility").nullable(),
    longRun: field.perYear("long-run realised volatility, of its own history alone").nullable(),
    level: field.term("rung of the source ladder, L1 (best) to L6"),
    binding: field.term("which term of the maximum won"),
  }),
  depthUsd: field.usd("collateral sellable within the slippage that the bonus pays, after the minimum over time"),
  confidence: field.fraction("confidence in the data"),
  dataState: field.word(field.namesOf(DATA_STATES), DATA_WORDS),
  target: z.object({
    initialBps: field.bps("what the model asks for, before limits"),
    maintenanceBps: field.bps("the same for maintenance"),
  }),
  exposureLimit: limitSchema,
  arrivals: field.objectOrNull("how each number on chain comes to the model's; null before the market is listed", {
    initial: arrivalSchema(field.bps),
    maintenance: arrivalSchema(field.bps),
    exposureLimit: arrivalSchema(field.tokens),
  }),
  onChain: onChainSchema,
  decision: z.object({
    action: field.word(["hold", "submit"]),
    reasons: field.rows({ code: field.code("reason code"), means: field.text("the reason in words") }),
  }),
  waterfalls: z.object({ maintenance: waterfallSchema, initial: waterfallSchema }),
  sources: field.list(sourceSchema),
});

export const listedSchema = marketSchema.extend({ positions: positionsSchema });

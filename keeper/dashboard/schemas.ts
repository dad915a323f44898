import { z } from "zod";
import { INTENT_STATUSES } from "../domain/intent.ts";
import { LENDER_STATES } from "../domain/lender.ts";
import * as field from "./fields.ts";
import { listedSchema } from "./marketSchema.ts";

export const calibrationSchema = z.object({
  market: field.name("the market"),
  haircut: field.word(["initial", "maintenance"]),
  windows: field.count("horizons that are over, none overlapping another, within the retention"),
  exceeded: field.count("those in which the price fell by more than was promised"),
  promised: field.fraction("of the windows that may be"),
  evidence: field.number("that the promise is not kept, over what breaks it: from 1 on it is broken"),
});

const lenderNumbers = (means: string) =>
  field.objectOrNull(means, {
    ltvBps: field.bps("LTV; the contract's is 1 - initial"),
    thresholdBps: field.bps("liquidation threshold; the contract's is 1 - maintenance"),
    supplyCap: field.tokens("supply cap, whole, null: none; the contract's is the exposure limit").nullable(),
  });

export const lenderSchema = z.object({
  lender: field.name("a lender of the record whose agent the keeper drives"),
  market: field.name("the market"),
  state: field.word(field.namesOf(LENDER_STATES), 'keeper/submission/TRANSACTIONS.md, "Lenders"'),
  words: field.text("the state in words"),
  has: lenderNumbers("what the lender has; null where it cannot be read"),
  says: lenderNumbers("what the contract says; null where it cannot be read"),
  since: field.unixSeconds("since when it differs; null while it does not").nullable(),
  nextAt: field
    .unixSeconds("when its threshold may step, or it is tried again; null: nothing waits for a time")
    .nullable(),
  detail: field.text("why it is held, or what it answered; null: nothing more to say").nullable(),
});

export const transactionSchema = z.object({
  time: field.unixSeconds("the decision behind it"),
  sequence: field.number("number of the batch among those of its writer"),
  markets: field.list(field.name("markets in the batch")),
  hash: field.hash("the transaction"),
  status: field.word(field.namesOf(INTENT_STATUSES)),
  evidenceHash: field.hash("keccak-256 of the evidence bundle"),
});

const SEVERITIES = ["good", "warning", "critical"] as const;
const DATA_KINDS = ["recorded", "generated", "live", "replay"] as const;
const KEEPER_STATES = ["starting", "running", "paused", "failed", "finished", "stopped"] as const;

export const snapshotSchema = field.body("Status", {
  time: field.unixSeconds("the keeper's clock"),
  keeper: z.object({
    state: field.word(KEEPER_STATES),
    severity: field.word(SEVERITIES, "good: the next tightening could be sent and every value on chain is fresh"),
    message: field.text("what is not as it should be, the worst first, or that all is well"),
    cycles: field.count("completed cycles"),
    lastCycle: field.unixSeconds("last completed cycle; null before the first").nullable(),
  }),
  data: z.object({
    kind: field.word(DATA_KINDS, "replay: by the chain's clock, of data this process cannot know"),
    label: field.text("which data"),
  }),
  replay: field.objectOrNull("null when nothing is replayed", {
    from: field.unixSeconds("start of the replayed span"),
    to: field.unixSeconds("end of the replayed span"),
    clock: field.unixSeconds("current time of the replay"),
    speed: field.perSecond("replay seconds per wall second"),
  }),
  chain: field.objectOrNull("null before a contract is known", {
    chainId: field.number("chain id"),
    contract: field.address("the parameter contract"),
    explorer: field.link("its block explorer, without a slash at its end; null where none is known").nullable(),
  }),
  markets: field.list(listedSchema),
  calibration: field.list(calibrationSchema),
  lenders: field.list(lenderSchema),
  transactions: field.list(transactionSchema),
});

/** In the order of the columns of `/api/series.csv`. */
export const pointSchema = z.object({
  time: field.unixSeconds("when it was assessed"),
  priceUsd: field.usd("price of one unit of collateral").nullable(),
  volatility: field.perYear("volatility used, of today"),
  targetInitialBps: field.bps("what the model asks for"),
  onChainInitialBps: field.bps("effective on chain").nullable(),
  targetMaintenanceBps: field.bps("the same for maintenance"),
  onChainMaintenanceBps: field.bps("effective on chain").nullable(),
  targetExposureLimitTokens: field.tokens("what the model asks for; null without a price").nullable(),
  onChainExposureLimitTokens: field.tokens("the exposure limit on chain").nullable(),
});

const EVENT_KINDS = ["batch", "mode", "trip", "halt", "stale", "data", "listing", "keeper"] as const;

export const eventSchema = z.object({
  time: field.unixSeconds("when it was first seen; of a batch the decision behind it"),
  kind: field.word(
    EVENT_KINDS,
    "trip: or a class held; halt: of the key; stale: the value on chain; data: of the sources",
  ),
  tone: field.word(["plain", "good", "warning", "bad"], "good: something is over"),
  words: field.text("what happened"),
  hash: field.hash("of a batch its transaction; else null").nullable(),
});

export const seriesSchema = field.body("Series", {
  market: field.name("the market"),
  points: field.list(pointSchema),
  events: field.list(eventSchema),
});

/** `/live` and `/ready`. */
export const healthSchema = field.body("Health", {
  ok: field.flag("the answer"),
  reason: field.text("why; of `ready` it is `keeper.message` of `/api/status`"),
});

export const operationsSchema = field.body("Operations", {
  time: field.unixSeconds("the keeper's clock"),
  version: field.text("of the program"),
  live: healthSchema,
  ready: healthSchema,
  checks: field.rows({
    name: field.term("progress, chain, nodes, signer, pause, tightening, data or balance"),
    ok: field.flag("whether it holds"),
    found: field.text("what was found, with the limit"),
  }),
  killSwitches: field.rows({
    name: field.term("environment, sentinel, submissionHalt, errors or onChain; each that is set"),
    reason: field.text("why"),
  }),
  switchChanges: field.rows({
    at: field.unixSeconds("newest first, by the keeper's clock"),
    name: field.term("the switch"),
    reason: field.text("why it was set; null when it was cleared").nullable(),
  }),
  alerts: field.rows({
    name: field.name("what a person should know now, by its section in the runbook"),
    about: field.text("distinguishes alerts of one name, e.g. the market"),
    severity: field.term("critical or warning"),
    reason: field.text("what was found"),
  }),
  signer: field.address("who signs; null when nothing can be sent").nullable(),
  openTransactions: field.count("transactions that wait for a block"),
  lastError: field.text("why the last tick failed; null when it did not").nullable(),
});

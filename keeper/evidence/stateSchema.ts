import { z } from "zod";
import { type ContractLimits, type DoorState, MODES, type ProfileValues } from "../domain/contract.ts";
import { HELD_SOURCES, type MarketHistory, type OnChainMarket } from "../domain/decision.ts";
import { basisPoints, finite, rows, time } from "./scalars.ts";

/** Schema of what the keeper remembered and what stood on chain when it decided. */

const limits = z.strictObject({
  minInitialBps: finite,
  maxInitialBps: finite,
  minMaintenanceBps: finite,
  maxMaintenanceBps: finite,
  minGapBps: finite,
  liquidationBonusBps: finite,
  maxLooseningStepBps: finite,
  looseningBudgetBpsPerDay: finite,
  quorumLooseningStepBps: finite,
  quorumLooseningBudgetBpsPerDay: finite,
  maxAgeSeconds: finite,
  probed: z.boolean(),
}) satisfies z.ZodType<ContractLimits>;

const profile = z.strictObject({
  tightenSpeedBpsPerDay: finite,
  loosenSpeedBpsPerDay: finite,
  ttlSeconds: finite,
  decaySeconds: finite,
  staleInitialCapBps: finite,
}) satisfies z.ZodType<ProfileValues>;

const door = z.strictObject({
  sequence: finite,
  generation: finite,
  window: finite,
  spentBps: finite,
  aggregateBps: finite,
  quorumAggregateBps: finite,
  tightenOnly: z.boolean(),
}) satisfies z.ZodType<DoorState>;

const pending = z.strictObject({ initialBps: basisPoints, maintenanceTargetBps: basisPoints, asOf: time });

/** State of one market on chain. */
export const onChainSchema = z.strictObject({
  marketId: finite,
  initialBps: basisPoints,
  maintenanceBps: basisPoints,
  mode: z.enum(MODES),
  modeUntil: time,
  storedInitialBps: basisPoints,
  maintenanceTargetBps: basisPoints,
  asOf: time,
  confidence: finite,
  sources: finite,
  classId: finite,
  spentBps: finite,
  limits,
  profile,
  door,
  pending: pending.nullable(),
}) satisfies z.ZodType<OnChainMarket>;

const timed = rows<readonly [time: number, value: number]>(2);

const quarantined = z.array(z.tuple([z.string(), time, finite]).readonly()).readonly();

/** What the journal said about one market. */
export const historySchema = z.strictObject({
  depth: timed,
  lastImplied: z.strictObject({ time, vol: finite }).nullable(),
  lastVolatility: z.array(z.tuple([z.enum(HELD_SOURCES), time, finite]).readonly()).readonly(),
  lastDepth: z.strictObject({ time, usd: finite }).nullable(),
  lastBreaker: time.nullable(),
  lastLoosening: time.nullable(),
  initials: timed,
  quarantine: z.exactOptional(quarantined),
  shockedDepth: z.exactOptional(timed),
}) satisfies z.ZodType<MarketHistory>;

/** The part of a decision that goes on chain. */
export const decidedSchema = z.strictObject({
  initialBps: basisPoints,
  maintenanceTargetBps: basisPoints,
  asOf: time,
  confidence: finite,
  sources: finite,
});

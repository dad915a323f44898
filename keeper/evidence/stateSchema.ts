import { z } from "zod";
import { HELD_SOURCES, type MarketHistory, type OnChainMarket } from "../domain/decision.ts";
import { basisPoints, big, finite, rows, time } from "./scalars.ts";

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
  tightenSpeedBpsPerDay: finite,
  loosenSpeedBpsPerDay: finite,
  staleInitialCapBps: finite,
  ttlSeconds: finite,
  decaySeconds: finite,
  maxAgeSeconds: finite,
});

const pending = z.strictObject({ initialBps: basisPoints, maintenanceTargetBps: basisPoints, asOf: time });

/** State of one market on chain. */
export const onChainSchema = z.strictObject({
  marketId: finite,
  initialBps: basisPoints,
  maintenanceBps: basisPoints,
  mode: z.enum(["NORMAL", "NO_NEW_RISK", "FROZEN"]),
  storedInitialBps: basisPoints,
  maintenanceTargetBps: basisPoints,
  maintenanceNanoBps: big,
  maintenanceTime: time,
  asOf: time,
  budgetNanoBps: big,
  budgetTime: time,
  limits,
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
}) satisfies z.ZodType<MarketHistory>;

/** The part of a decision that goes on chain. */
export const decidedSchema = z.strictObject({
  initialBps: basisPoints,
  maintenanceTargetBps: basisPoints,
  asOf: time,
  confidenceBps: basisPoints,
  sources: finite,
});

import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { ContractLimits, ProfileValues } from "../domain/contract.ts";
import { listingOf, type MarketName } from "./registry.ts";

/** A risk class: its number in the contract (the profile is `id % 4`) and what no key may exceed. */
type RiskClass = { readonly id: number; readonly name: string; readonly limits: ContractLimits };

const MAJOR: ContractLimits = {
  // Below 10 % no lender of size has ever lent against ether or bitcoin: a lower value is a mistake or a theft.
  minInitialBps: 1_000,
  // Beyond an LTV of 50 % a market is better closed by the guardian (NO_NEW_RISK) than priced; and since initial comes
  // down by half a point a day at most, every point above it is two days in which borrowers pay for one bad hour.
  maxInitialBps: 5_000,
  // A bonus of 5 % makes every liquidation below 477 bp a loss for the lender; a third of reserve on top.
  minMaintenanceBps: 700,
  // The worst day of ether (2020-03-12, -43 %), with room for the gap under the highest initial.
  maxMaintenanceBps: 4_500,
  // A position opened at the limit needs an ordinary half-day's move (2 % to 4 %) before it can be liquidated.
  minGapBps: 300,
  // What Aave, Compound and Spark pay for majors.
  liquidationBonusBps: 500,
  // Of initial a window's quarter of the budget binds first; this is for the maintenance target, which has no budget
  // because maintenance itself has a speed: two days of it at once.
  maxLooseningStepBps: 200,
  // A stolen keeper key loosens 2 % a day, a quarter of it in each third of a day; the keeper's own policy asks for
  // 50 bp a day at most, which fits one window.
  looseningBudgetBpsPerDay: 200,
  // Twice the hot key's: what k operators agree on may catch up after an outage in half the time.
  quorumLooseningStepBps: 400,
  quorumLooseningBudgetBpsPerDay: 400,
  // Data older than a heartbeat does not describe the market any more; a later batch will carry newer.
  maxAgeSeconds: 6 * HOUR_SECONDS,
  probed: false,
};

/** Every risk class that a deployment defines. */
export const RISK_CLASSES = {
  major: { id: 0, name: "major", limits: MAJOR },
  // One issuer's custody and a route of two pools: higher floors than ether's. The profile of majors, 4 % 4.
  wrapped: { id: 4, name: "wrapped", limits: { ...MAJOR, minInitialBps: 1_200, minMaintenanceBps: 900 } },
} as const satisfies Record<string, RiskClass>;

/**
 * What all markets together may loosen in a window of eight hours before the contract trips itself to tighten-only:
 * what two markets may alone, by the hot key and by the quorum. The keeper's policy never needs more for two; who lists
 * a third decides again.
 */
export const AGGREGATE_BUDGET = { hotBps: 100, quorumBps: 200 } as const;

/**
 * What markets do between writes. A contract takes at most four, in its bytecode: nobody, governance included, can add
 * one later or make maintenance move faster than these. Class `id` uses profile `id % 4`, so there are more than the
 * first markets need.
 */
export const PROFILES = [
  // 0: majors.
  {
    // Borrowers at the limit have 2 % to 4 % of room; at 1.5 % a day they have two days to act, and a month covers
    // the whole range.
    tightenSpeedBpsPerDay: 150,
    // Slower than up: coming back early is what made margin rules procyclical in March 2020.
    loosenSpeedBpsPerDay: 100,
    // Three heartbeats of six hours may fail before anything tightens.
    ttlSeconds: 24 * HOUR_SECONDS,
    // Then a day until the cap: long enough for an operator to notice, short enough to matter.
    decaySeconds: 24 * HOUR_SECONDS,
    // A dead keeper all but closes the market to new risk; 5 % is left so that refinancing is not impossible.
    staleInitialCapBps: 9_500,
  },
  // 1: collateral that follows its debt asset (staked ether against ether). LTV is 90 % and more there, so borrowers
  // have a third of the room that majors leave them.
  {
    tightenSpeedBpsPerDay: 50,
    loosenSpeedBpsPerDay: 25,
    ttlSeconds: 24 * HOUR_SECONDS,
    decaySeconds: 24 * HOUR_SECONDS,
    staleInitialCapBps: 9_500,
  },
  // 2: the long tail. Lent at 50 % and less with room of 5 % and more, it can follow twice as fast, and what was
  // known of it is worth less a day later.
  {
    tightenSpeedBpsPerDay: 300,
    loosenSpeedBpsPerDay: 100,
    ttlSeconds: 12 * HOUR_SECONDS,
    decaySeconds: 12 * HOUR_SECONDS,
    staleInitialCapBps: 9_800,
  },
] as const satisfies readonly ProfileValues[];

/** The US dollar as a debt asset: its ISO 4217 number as an address (ERC-7726). */
export const USD = "0x0000000000000000000000000000000000000348";

/** What governance decides when it lists a market: its class, its group of five, where it starts, and its price feed. */
export type MarketListing = {
  readonly riskClass: "major" | "wrapped";
  /** Groups count from 0, hold five markets of one class, and share a storage slot. */
  readonly group: number;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  /** `description` of the feed. A claim on an asset may be priced by the asset's own feed. */
  readonly feed: string;
};

/** The class a market is listed in. */
export function classOfMarket(name: MarketName): RiskClass {
  return RISK_CLASSES[listingOf(name).riskClass];
}

/** Limits of a market's class and what its profile does between writes, as the contract's `limitsOf` answers. */
export function limitsOfMarket(name: MarketName): ContractLimits & ProfileValues {
  const { id, limits } = classOfMarket(name);
  // The contract chooses the profile by `id % 4`, the first where there are fewer.
  return { ...limits, ...(PROFILES[id % 4] ?? PROFILES[0]) };
}

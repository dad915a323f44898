import { type ContractLimits, type ListingValues, limitOf } from "../domain/contract.ts";
import type { ConfigProblem } from "../domain/errors.ts";

/** A risk class: its number in the contract and what no key may exceed. */
type RiskClass = { readonly id: number; readonly name: string; readonly limits: ContractLimits };

const MAJOR: ContractLimits = {
  // Below 10 % no lender of size has ever lent against ether or bitcoin: a lower value is a mistake or a theft.
  minInitialBps: 1_000,
  // Beyond an LTV of 50 % a market is better closed by the guardian (NO_NEW_RISK) than priced; and since initial comes
  // down by a point and a half a day at most, every three points above it are two days in which borrowers pay for one bad hour.
  maxInitialBps: 5_000,
  // A bonus of 5 % makes every liquidation below 477 bp a loss for the lender; a third of reserve on top.
  minMaintenanceBps: 700,
  // The worst day of ether (2020-03-12, -43 %), with room for the gap under the highest initial.
  maxMaintenanceBps: 4_500,
  // A position opened at the limit needs an ordinary half-day's move (2 % to 4 %) before it can be liquidated.
  minGapBps: 300,
  // What Aave, Compound and Spark pay for majors.
  liquidationBonusBps: 500,
  // Thirty days' notice: who opens a position at the limit is the whole gap away from liquidation, and no faster is legal.
  tightenSpeedBpsPer30Days: 300,
  // Down it hurts nobody, and coming back early is what made margin rules procyclical in March 2020: a point a day.
  loosenSpeedBpsPer30Days: 3_000,
  // Three heartbeats of six hours may fail before anything tightens.
  ttlHours: 24,
  // Then a day until the cap: long enough for an operator to notice, short enough to matter.
  decayHours: 24,
  // A dead keeper all but closes the market to new risk; 5 % is left so that refinancing is not impossible.
  staleInitialCapBps: 9_500,
  // Data older than a heartbeat does not describe the market any more; a later batch will carry newer.
  maxAgeMinutes: 360,
  // Of initial the window's budget binds first; this is for the maintenance target, which has no budget because
  // maintenance itself has a speed: two days of its fall at once.
  hotStepBps: 200,
  quorumStepBps: 400,
  // A stolen keeper key loosens 50 bp in each third of a day; the keeper's own policy asks for no more, 150 bp a day.
  hotBudgetBps: 50,
  // Twice the hot key's: what k operators agree on may catch up after an outage in half the time.
  quorumBudgetBps: 100,
  // A raise of 5 % of the exposure limit in a third of a day (1024 x log2(1.05) notches), and of 10 % by the quorum.
  hotRaiseStep: 72,
  quorumRaiseStep: 140,
  hotRaiseBudget: 72,
  quorumRaiseBudget: 140,
};

/** Every risk class that a deployment defines. */
export const RISK_CLASSES = {
  major: { id: 0, name: "major", limits: MAJOR },
  // One issuer's custody and a route of two pools: higher floors than ether's.
  wrapped: { id: 1, name: "wrapped", limits: { ...MAJOR, minInitialBps: 1_200, minMaintenanceBps: 900 } },
  // Claims on the debt itself (a pair of staked ether, a dollar coin): no price risk but their depeg, so little room; in a depeg
  // nobody may borrow, and initial comes back at six points a day, for what closes it ends in days.
  pegged: {
    id: 3,
    name: "pegged",
    limits: {
      ...MAJOR,
      ...{ minInitialBps: 300, maxInitialBps: 9_500, minMaintenanceBps: 200, minGapBps: 100, liquidationBonusBps: 100 },
      ...{
        tightenSpeedBpsPer30Days: 100,
        hotStepBps: 600,
        quorumStepBps: 800,
        hotBudgetBps: 200,
        quorumBudgetBps: 250,
      },
    },
  },
  // The long tail, lent at 50 % and less with room of 5 % and more, and what was known of it is worth less a day later.
  longTail: {
    id: 2,
    name: "long tail",
    limits: {
      ...MAJOR,
      ...{ maxInitialBps: 8_500, maxMaintenanceBps: 8_000, minGapBps: 500, tightenSpeedBpsPer30Days: 500 },
      ...{ ttlHours: 12, decayHours: 12, staleInitialCapBps: 9_800 },
    },
  },
} as const satisfies Record<string, RiskClass>;

/** Basis points that a writer may loosen in a window of eight hours, summed over all markets, and ask for before it trips. */
type WriterBudget = { readonly aggregateBps: number; readonly tripBps: number };

/**
 * What two markets may loosen alone, by the hot key and by the quorum; who lists a third decides again. The keeper stays a
 * tenth below, so asking for twice as much is no honest keeper's mistake.
 */
export const WRITER_BUDGETS = {
  hot: { aggregateBps: 100, tripBps: 200 },
  quorum: { aggregateBps: 200, tripBps: 400 },
} as const satisfies Record<string, WriterBudget>;

/** The US dollar as a debt asset: its ISO 4217 number as an address (ERC-7726). */
export const USD = "0x0000000000000000000000000000000000000348";

/** What governance decides when it lists a market: its class, where it starts, and its price feed. */
export type MarketListing = {
  readonly riskClass: keyof typeof RISK_CLASSES;
  readonly initialBps: number;
  readonly maintenanceBps: number;
  /** Exposure limit and its bounds, whole tokens. */
  readonly limitTokens: number;
  readonly lowestLimitTokens: number;
  readonly highestLimitTokens: number;
  /** `description` of the feed. A claim on an asset may be priced by the asset's own feed. */
  readonly feed: string;
};

/** A listing as the contract takes it. */
export function listingValues(listing: MarketListing): ListingValues {
  const { riskClass, initialBps, maintenanceBps, limitTokens, lowestLimitTokens, highestLimitTokens } = listing;
  return {
    classId: RISK_CLASSES[riskClass].id,
    ...{ initialBps, maintenanceBps, limit: limitOf(limitTokens) },
    ...{ lowestLimit: limitOf(lowestLimitTokens), highestLimit: limitOf(highestLimitTokens) },
  };
}

/**
 * Everything for which the contract would refuse a listing under its class's limits, each with its path, the value and what is
 * expected.
 * @example listingProblems({ ...listing, limitTokens: 1_000 }, limits)
 * // [{ path: "listing.limitTokens", given: "1000", expected: "tokens from the lowest, 1200, to the highest, 12000" }]
 */
export function listingProblems(
  listing: Omit<MarketListing, "riskClass" | "feed">,
  limits: ContractLimits,
): readonly ConfigProblem[] {
  const { initialBps, maintenanceBps, limitTokens, lowestLimitTokens: lowest, highestLimitTokens: highest } = listing;
  const problems: ConfigProblem[] = [];
  const expect = (field: string, given: number, [least, most]: readonly [number, number], expected: string) => {
    const fine = Number.isInteger(given) && given >= least && given <= most;
    if (!fine) problems.push({ path: `listing.${field}`, given: String(given), expected });
  };
  const { minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps, minGapBps } = limits;
  const maintenance = [minMaintenanceBps, maxMaintenanceBps] as const;
  expect("maintenanceBps", maintenanceBps, maintenance, `whole bp in [${maintenance}], the bounds of its class`);
  const initial = [Math.max(minInitialBps, maintenanceBps + minGapBps), maxInitialBps] as const;
  expect("initialBps", initialBps, initial, `whole bp in [${initial}]: its class's bounds, and a gap of ${minGapBps}`);
  expect("lowestLimitTokens", lowest, [1, Number.POSITIVE_INFINITY], "whole tokens, 1 or more");
  expect(
    "highestLimitTokens",
    highest,
    [lowest, Number.POSITIVE_INFINITY],
    `whole tokens, the lowest, ${lowest}, or more`,
  );
  expect(
    "limitTokens",
    limitTokens,
    [lowest, highest],
    `tokens from the lowest, ${lowest}, to the highest, ${highest}`,
  );
  return problems;
}

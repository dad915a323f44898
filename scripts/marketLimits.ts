import type { MarketLimits } from "../keeper/protocols/deployment.ts";

/** The US dollar as a debt asset: its ISO 4217 number as an address (ERC-7726). */
export const USD = "0x0000000000000000000000000000000000000348";

const HOUR = 3_600;

/** What governance decides when it lists a market: where it starts and what no key may exceed. */
export type MarketStart = {
  readonly initialBps: number;
  readonly maintenanceBps: number;
  readonly limits: MarketLimits;
};

const MAJOR: MarketLimits = {
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
  // A full day's budget in one update and no more: a wrong input can be noticed before the next one.
  maxLooseningStepBps: 200,
  // A stolen keeper key loosens 2 % a day; the keeper's own policy asks for 50 bp a day at most, so four quiet days'
  // worth can be caught up in one.
  looseningBudgetBpsPerDay: 200,
  // Borrowers at the limit have 2 % to 4 % of room; at 1.5 % a day they have two days to act, and a month covers
  // the whole range.
  tightenSpeedBpsPerDay: 150,
  // Slower than up: coming back early is what made margin rules procyclical in March 2020.
  loosenSpeedBpsPerDay: 100,
  // A dead keeper all but closes the market to new risk; 5 % is left so that refinancing is not impossible.
  staleInitialCapBps: 9_500,
  // Three heartbeats of six hours may fail before anything tightens.
  ttlSeconds: 24 * HOUR,
  // Then a day until the cap: long enough for an operator to notice, short enough to matter.
  decaySeconds: 24 * HOUR,
  // Data older than a heartbeat does not describe the market any more; a later batch will carry newer.
  maxAgeSeconds: 6 * HOUR,
};

/** Start and limits by market name; every market of `keeper/markets` has an entry. */
export const MARKET_STARTS = {
  // Large lenders run LTV 78-80 %, LT 81-83 %: start there, on the careful side, and let the keeper loosen.
  WETH: { initialBps: 2_200, maintenanceBps: 1_900, limits: MAJOR },
  // Large lenders run LTV 73 %, LT 78 %. One issuer's custody and a route of two pools: higher floors than ether's.
  WBTC: {
    initialBps: 2_700,
    maintenanceBps: 2_200,
    limits: { ...MAJOR, minInitialBps: 1_200, minMaintenanceBps: 900 },
  },
} as const satisfies Record<string, MarketStart>;

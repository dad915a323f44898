import type { ContractLimits, Hex } from "../../../keeper/domain/contract.ts";
import { USD } from "../../../keeper/markets/limits.ts";
import type { ContractEvent } from "../../../scripts/lab/contractModel/events.ts";
import { admitted, setLimits } from "../../../scripts/lab/contractModel/govern.ts";
import { listMarket } from "../../../scripts/lab/contractModel/listMarket.ts";
import {
  type AccountSetting,
  type ContractState,
  EMPTY_STATE,
  type MarketListing,
  type Outcome,
  ZERO,
} from "../../../scripts/lab/contractModel/state.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { ACCOUNTS, callerOf } from "./calls.ts";

/** A whole hour, in the middle of a window. */
export const START = 1_770_001_200;
export const COLLATERAL: Hex = "0x00000000000000000000000000000000000c0001";

/** At the edges of what the bits hold: fast, and fresh for long. */
const FAST: ContractLimits = {
  ...CLASS_LIMITS,
  ...{ maxInitialBps: 10_000, maxMaintenanceBps: 5_000, minGapBps: 400, tightenSpeedBpsPer30Days: 400 },
  ...{ loosenSpeedBpsPer30Days: 4_095, ttlHours: 63, decayHours: 63, maxAgeMinutes: 3_780 },
  ...{ hotStepBps: 255, quorumStepBps: 4_095, hotBudgetBps: 200, quorumBudgetBps: 255 },
  ...{ hotRaiseStep: 1_000, quorumRaiseStep: 4_095, hotRaiseBudget: 2_000, quorumRaiseBudget: 4_095 },
};

/** Maintenance never falls, the data is stale at once, and hot keys loosen nothing. */
const SLOW: ContractLimits = {
  ...CLASS_LIMITS,
  ...{ tightenSpeedBpsPer30Days: 7, loosenSpeedBpsPer30Days: 0, ttlHours: 1, decayHours: 1, maxAgeMinutes: 1 },
  ...{ hotStepBps: 0, liquidationBonusBps: 700, staleInitialCapBps: 9_500 },
};

/** Compact floats: 55 168 whole tokens, between 33 088 and 131 072. */
export const LIMIT = (6 << 10) | 700;
export const [LOWEST_LIMIT, HIGHEST_LIMIT] = [(6 << 10) | 10, 8 << 10];

/** A limit of which a notch is more than a thousandth. */
const SMALL = { limit: 400, lowestLimit: 1, highestLimit: 1_500 };

const account = (name: keyof typeof ACCOUNTS, power: AccountSetting["power"], aggregateBps = 0, tripBps = 0) => ({
  ...{ account: ACCOUNTS[name], power, aggregateBps, tripBps },
});

const listing = (index: number, classId: number): MarketListing => ({
  ...{ collateral: COLLATERAL, debt: debtOf(index), classId },
  ...{ initialBps: 2_300 + 100 * index, maintenanceBps: 1_800 + 90 * index },
  ...(index === 2 ? SMALL : { limit: LIMIT, lowestLimit: LOWEST_LIMIT, highestLimit: HIGHEST_LIMIT }),
});

/** The debt asset of the nth market: USD, then tokens. */
export function debtOf(index: number): Hex {
  return index === 0 ? USD : `0x${(0xd0000 + index).toString(16).padStart(40, "0")}`;
}

export type Genesis = {
  readonly accounts: readonly AccountSetting[];
  readonly classes: readonly { readonly classId: number; readonly limits: ContractLimits }[];
  readonly markets: readonly MarketListing[];
};

/** Six markets: three of a calm class, two of a fast one, one of a slow one. */
export const GENESIS: Genesis = {
  accounts: [
    account("keeper", "HOT", 600, 1_200),
    account("second", "HOT", 20, 40),
    account("quorum", "QUORUM", 3_000, 0),
    account("guardian", "GUARDIAN"),
    account("challenger", "CHALLENGER"),
    account("lister", "LISTER"),
  ],
  classes: [
    { classId: 0, limits: CLASS_LIMITS },
    { classId: 1, limits: FAST },
    { classId: 63, limits: SLOW },
  ],
  markets: [listing(0, 0), listing(1, 0), listing(2, 0), listing(3, 1), listing(4, 1), listing(5, 63)],
};

type Deployed = {
  readonly state: ContractState;
  readonly events: readonly ContractEvent[];
};

/** The model of the contract deployed at START, and what its constructor says. */
export function deployed({ accounts, classes, markets }: Genesis = GENESIS): Deployed {
  const owner = ACCOUNTS.governance;
  const caller = callerOf(EMPTY_STATE, owner, START);
  const lister = callerOf(EMPTY_STATE, ACCOUNTS.lister, START);
  const events: Deployed["events"][number][] = [
    { name: "OwnershipTransferred", previousOwner: ZERO, newOwner: owner, time: START },
  ];
  let state: ContractState = { ...EMPTY_STATE, owner };
  const take = (outcome: Outcome) => {
    if ("refused" in outcome) throw new Error(`refused: ${JSON.stringify(outcome.refused)}`);
    events.push(...outcome.events.map((event) => ({ ...event, time: START })));
    state = outcome.state;
  };
  for (const setting of accounts) {
    take({ state: admitted(state, setting), events: [{ name: "AccountChanged", ...setting }] });
  }
  for (const { classId, limits } of classes) take(setLimits(state, classId, limits, caller));
  for (const market of markets) take(listMarket(state, market, lister));
  return { state, events };
}

import type { ContractEvent, ContractLimits, Hex, ProfileValues } from "../../../keeper/domain/contract.ts";
import { setLimits } from "../../../scripts/lab/contractModel/govern.ts";
import { listMarket, type MarketListing } from "../../../scripts/lab/contractModel/listMarket.ts";
import {
  type Caller,
  type ContractState,
  EMPTY_STATE,
  type Outcome,
} from "../../../scripts/lab/contractModel/state.ts";

export const START = 1_770_000_000;
export const USD: Hex = "0x0000000000000000000000000000000000000348";
export const COLLATERAL: Hex = "0x00000000000000000000000000000000000c0001";

export const LIMITS: ContractLimits = {
  minInitialBps: 1_000,
  maxInitialBps: 9_000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 8_000,
  minGapBps: 200,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 80,
  looseningBudgetBpsPerDay: 200,
  quorumLooseningStepBps: 200,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: 3_600,
  probed: false,
};

export const PROFILE: ProfileValues = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: 21_600,
  decaySeconds: 86_400,
  staleInitialCapBps: 10_000,
};

/** A profile at the edges of what its bits hold: fast, and fresh for long. */
const FAST: ProfileValues = {
  tightenSpeedBpsPerDay: 2_000,
  loosenSpeedBpsPerDay: 2_000,
  ttlSeconds: 180_000,
  decaySeconds: 4_095 * 60 - 180_000,
  staleInitialCapBps: 9_500,
};

/** A profile that never loosens by itself and goes stale at once. */
const SLOW: ProfileValues = { ...PROFILE, tightenSpeedBpsPerDay: 7, loosenSpeedBpsPerDay: 0, decaySeconds: 60 };

export type Genesis = {
  readonly profiles: readonly ProfileValues[];
  readonly classes: readonly { readonly classId: number; readonly limits: ContractLimits }[];
  readonly markets: readonly MarketListing[];
};

const listing = (count: number, group: number, classId: number): MarketListing[] =>
  Array.from({ length: count }, (_, lane) => ({
    ...{ collateral: COLLATERAL, debt: debtOf(group * 5 + lane), classId, group },
    ...{ initialBps: 2_200 + 100 * lane, maintenanceBps: 1_800 + 90 * lane },
  }));

/** The debt asset of the nth market: USD, then tokens. */
export function debtOf(index: number): Hex {
  return index === 0 ? USD : `0x${(0xd0000 + index).toString(16).padStart(40, "0")}`;
}

/** Two full groups of a calm class, one of a fast class with a lane free, one with a probe and a slow profile. */
export const GENESIS: Genesis = {
  profiles: [PROFILE, FAST, SLOW],
  classes: [
    { classId: 0, limits: LIMITS },
    { classId: 1, limits: { ...LIMITS, minGapBps: 100, quorumLooseningBudgetBpsPerDay: 1_020, maxAgeSeconds: 7_200 } },
    { classId: 6, limits: { ...LIMITS, probed: true } },
    { classId: 63, limits: { ...LIMITS, liquidationBonusBps: 700, maxLooseningStepBps: 0 } },
  ],
  markets: [...listing(5, 0, 0), ...listing(5, 1, 0), ...listing(4, 2, 1), ...listing(2, 3, 6)],
};

type Deployed = { readonly state: ContractState; readonly events: readonly ContractEvent[] };

/** The model of the contract just deployed at `now` by `address`. */
export function deployed(address: Hex, now: number): ContractState {
  return deploy(address, now).state;
}

/** What its constructor says. */
export function deployedEvents(address: Hex, now: number): readonly ContractEvent[] {
  return deploy(address, now).events;
}

function deploy(address: Hex, now: number): Deployed {
  const caller: Caller = { address, roles: new Set(["governance", "lister"]), now };
  const { profiles, classes, markets } = GENESIS;
  const events: ContractEvent[] = profiles.map((values, profile) => ({
    name: "ProfileFixed",
    profile,
    values,
    time: now,
  }));
  let state: ContractState = { ...EMPTY_STATE, profiles };
  const take = (outcome: Outcome) => {
    if ("refused" in outcome) throw new Error(`refused: ${JSON.stringify(outcome.refused)}`);
    events.push(...outcome.events.map((event) => ({ ...event, time: now })));
    state = outcome.state;
  };
  for (const { classId, limits } of classes) take(setLimits(state, classId, limits, caller));
  for (const market of markets) take(listMarket(state, market, caller));
  return { state, events };
}

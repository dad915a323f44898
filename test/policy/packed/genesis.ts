import type { Hex } from "../../../keeper/domain/batch.ts";
import type { PackedEvent, PackedLimits, PackedProfile } from "../../../keeper/domain/packed.ts";
import type { Caller } from "../../../keeper/policy/packed/caller.ts";
import { setLimits } from "../../../keeper/policy/packed/govern.ts";
import { listMarket, type MarketListing } from "../../../keeper/policy/packed/listMarket.ts";
import { EMPTY_STATE, type Outcome, type PackedState } from "../../../keeper/policy/packed/state.ts";

export const START = 1_770_000_000;
export const USD: Hex = "0x0000000000000000000000000000000000000348";
export const COLLATERAL: Hex = "0x00000000000000000000000000000000000c0001";

export const LIMITS: PackedLimits = {
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

export const PROFILE: PackedProfile = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 50,
  ttlSeconds: 21_600,
  decaySeconds: 86_400,
  staleInitialCapBps: 10_000,
};

/** A profile at the edges of what its bits hold: fast, and fresh for long. */
const FAST: PackedProfile = {
  tightenSpeedBpsPerDay: 2_000,
  loosenSpeedBpsPerDay: 2_000,
  ttlSeconds: 180_000,
  decaySeconds: 4_095 * 60 - 180_000,
  staleInitialCapBps: 9_500,
};

/** A profile that never loosens by itself and goes stale at once. */
const SLOW: PackedProfile = { ...PROFILE, tightenSpeedBpsPerDay: 7, loosenSpeedBpsPerDay: 0, decaySeconds: 60 };

export type Genesis = {
  readonly profiles: readonly PackedProfile[];
  readonly classes: readonly { readonly classId: number; readonly limits: PackedLimits }[];
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

type Deployed = { readonly state: PackedState; readonly events: readonly PackedEvent[] };

/** The model of the contract just deployed at `now` by `address`. */
export function deployed(address: Hex, now: number): PackedState {
  return deploy(address, now).state;
}

/** What its constructor says. */
export function deployedEvents(address: Hex, now: number): readonly PackedEvent[] {
  return deploy(address, now).events;
}

function deploy(address: Hex, now: number): Deployed {
  const caller: Caller = { address, roles: new Set(["governance", "lister"]), now };
  const { profiles, classes, markets } = GENESIS;
  const events: PackedEvent[] = profiles.map((values, profile) => ({
    name: "ProfileFixed",
    profile,
    values,
    time: now,
  }));
  let state: PackedState = { ...EMPTY_STATE, profiles };
  const take = (outcome: Outcome) => {
    if ("refused" in outcome) throw new Error(`refused: ${JSON.stringify(outcome.refused)}`);
    events.push(...outcome.events.map((event) => ({ ...event, time: now })));
    state = outcome.state;
  };
  for (const { classId, limits } of classes) take(setLimits(state, classId, limits, caller));
  for (const market of markets) take(listMarket(state, market, caller));
  return { state, events };
}

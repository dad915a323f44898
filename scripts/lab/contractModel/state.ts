import {
  type ContractEventBody,
  type ContractLimits,
  type DoorState,
  type Hex,
  type MarketMode,
  marketIdOf,
  type ProfileValues,
  placeOf as placeOfMarket,
} from "../../../keeper/domain/contract.ts";
import { type Sequencer, type Span, upSpans } from "./follower.ts";

/** One market. Minutes and hours count from EPOCH. */
export type Market = {
  readonly collateral: Hex;
  readonly debt: Hex;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  /** Where maintenance stood at the group's `settledMinute`. */
  readonly maintenanceBps: number;
  /** Minute of its oldest datum when that is not the group's; ahead of the clock while governance holds it. */
  readonly ownAsOfMinute: number | null;
  /** The mode last set, lapsed or not. */
  readonly mode: MarketMode;
  /** The hour at which it lapses: 0 when no mode was ever set, Infinity when it does not lapse. */
  readonly modeUntilHour: number;
  readonly challenged: boolean;
  readonly confidence: number;
  readonly sources: number;
};

/** Five lanes of one class that are settled together. */
export type Group = {
  readonly settledMinute: number;
  readonly asOfMinute: number;
  /** Loosening used in the window of `settledMinute`: the greatest of each entry, summed; no market has used more. */
  readonly spentBps: number;
  readonly classId: number;
  readonly markets: readonly (Market | null)[];
};

/** How maintenance of a class moves: its profile, and the minutes that count, null when all do. */
export type Pace = { readonly profile: ProfileValues; readonly minutes: readonly Span[] | null };

/** Everything the contract stores. */
export type ContractState = {
  /** One to four; class `id` uses profile `id % 4`, the first where there are fewer. */
  readonly profiles: readonly ProfileValues[];
  /** On a rollup; its rounds are an input, for they are not the contract's. */
  readonly sequencer: Sequencer | null;
  readonly classes: ReadonlyMap<number, ContractLimits>;
  readonly groups: readonly Group[];
  readonly door: DoorState;
  readonly probes: ReadonlyMap<number, Hex>;
};

/** A call that the contract refuses as a whole: the name of its error and the arguments, enums as numbers. */
export type Refusal = { readonly error: string; readonly args: readonly (string | number)[] };

/** What a call does: the next state and what it says, or why it is refused. */
export type Outcome =
  | { readonly state: ContractState; readonly events: readonly ContractEventBody[] }
  | { readonly refused: Refusal };

/** What an account may be allowed. */
export type Role = "governance" | "keeper" | "quorum" | "guardian" | "challenger" | "lister";

/** Who calls, when, and with which roles. */
export type Caller = { readonly address: Hex; readonly roles: ReadonlySet<Role>; readonly now: number };

export const EMPTY_STATE: ContractState = {
  profiles: [],
  sequencer: null,
  classes: new Map(),
  groups: [],
  door: {
    sequence: 0,
    generation: 0,
    window: 0,
    spentBps: 0,
    aggregateBps: 0,
    quorumAggregateBps: 0,
    tightenOnly: false,
  },
  probes: new Map(),
};

export function refuse(error: string, ...args: readonly (string | number)[]): { readonly refused: Refusal } {
  return { refused: { error, args } };
}

/** The refusal of a caller without the role, null when it has it. */
export function lacks(caller: Caller, role: Role): { readonly refused: Refusal } | null {
  return caller.roles.has(role) ? null : refuse("AccessControlUnauthorizedAccount", caller.address);
}

/** Group and lane of a market id, both from 0. @example placeOf(7) // { at: 1, lane: 1 } */
export function placeOf(marketId: number): { readonly at: number; readonly lane: number } {
  const { group, lane } = placeOfMarket(marketId);
  return { at: group, lane };
}

export { marketIdOf as idOf };

/** Where a listed market is, null when the id was never listed. */
export function locate(state: ContractState, marketId: number) {
  const { at, lane } = placeOf(marketId);
  const group = state.groups[at];
  const market = group?.markets[lane];
  return group && market ? { at, lane, group, market } : null;
}

/** Highest id that may have been listed, 0 when there is none. */
export function marketCount(state: ContractState): number {
  for (let at = state.groups.length - 1; at >= 0; at--) {
    const lane = (state.groups[at]?.markets ?? []).findLastIndex((market) => market !== null);
    if (lane >= 0) return marketIdOf(at, lane);
  }
  return 0;
}

export function limitsOf(state: ContractState, classId: number): ContractLimits {
  const limits = state.classes.get(classId);
  if (limits === undefined) throw new RangeError(`class ${classId} was never defined`);
  return limits;
}

export function profileOf(state: ContractState, classId: number): ProfileValues {
  const profile = state.profiles[classId % 4] ?? state.profiles[0];
  if (profile === undefined) throw new RangeError("the state has no profile");
  return profile;
}

/** The pace of a class at `now` (Unix seconds). */
export function paceOf(state: ContractState, classId: number, now: number): Pace {
  const { sequencer } = state;
  return { profile: profileOf(state, classId), minutes: sequencer === null ? null : upSpans(sequencer, now) };
}

/** The list with one element replaced. */
export function withAt<T>(list: readonly T[], index: number, value: T): T[] {
  const next = [...list];
  next[index] = value;
  return next;
}

export function withGroup(state: ContractState, at: number, group: Group): ContractState {
  return { ...state, groups: withAt(state.groups, at, group) };
}

import { minuteOf } from "../../../keeper/domain/calendar.ts";
import type { ContractLimits, Hex } from "../../../keeper/domain/contract.ts";
import { limitsProblem, lowestMaintenance, type Problem, tighterProblem } from "../../../keeper/policy/limitsCheck.ts";
import { settle } from "./effective.ts";
import {
  type Caller,
  type ContractState,
  type Group,
  lacks,
  limitsOf,
  locate,
  type Outcome,
  paceOf,
  profileOf,
  refuse,
  withGroup,
} from "./state.ts";

const ZERO_ADDRESS: Hex = `0x${"0".repeat(40)}`;
const CLASSES = 64;

const refuseFor = (error: "BadLimits" | "NotTighter", { what, given, allowed }: Problem) =>
  refuse(error, what, given, allowed);

/** The first value of a settled group that breaks gap or bonus, null when none does: these hold from the block in which they are set. */
function brokenByValues({ minGapBps, liquidationBonusBps }: ContractLimits, settled: Group): Problem | null {
  for (const market of settled.markets) {
    if (market === null) continue;
    const { initialBps, maintenanceBps, maintenanceTargetBps } = market;
    const gap = initialBps - Math.max(maintenanceBps, maintenanceTargetBps);
    if (minGapBps > gap) return { what: "minGapBps", given: minGapBps, allowed: gap };
    const lower = Math.min(maintenanceBps, maintenanceTargetBps);
    if (lower >= lowestMaintenance(liquidationBonusBps)) continue;
    const allowed = Math.floor(99_999_999 / (10_000 - lower)) - 10_000;
    return { what: "liquidationBonusBps", given: liquidationBonusBps, allowed };
  }
  return null;
}

/** The contract's `setLimits`: governance any that hold together, the guardian only tighter ones. */
export function setLimits(state: ContractState, classId: number, limits: ContractLimits, caller: Caller): Outcome {
  if (!caller.roles.has("governance")) {
    const missing = lacks(caller, "guardian");
    if (missing) return missing;
    if (!state.classes.has(classId)) return refuse("UnknownClass", classId);
    const looser = tighterProblem(limitsOf(state, classId), limits);
    if (looser) return refuseFor("NotTighter", looser);
  }
  if (classId >= CLASSES) return refuse("UnknownClass", classId);
  const profile = profileOf(state, classId);
  const wrong = limitsProblem(limits, profile);
  if (wrong) return refuseFor("BadLimits", wrong);
  for (const group of state.groups) {
    if (group.classId !== classId) continue;
    const broken = brokenByValues(limits, settle(group, paceOf(state, classId, caller.now), minuteOf(caller.now)));
    if (broken) return refuseFor("BadLimits", broken);
  }
  return {
    state: { ...state, classes: new Map(state.classes).set(classId, limits) },
    events: [{ name: "LimitsChanged", classId, limits, by: caller.address }],
  };
}

/** The contract's `setClass`: the group is settled under its old class and goes on under the new one. */
export function setClass(state: ContractState, at: number, classId: number, caller: Caller): Outcome {
  const missing = lacks(caller, "governance");
  if (missing) return missing;
  const group = state.groups[at];
  if (!group) return refuse("UnknownGroup", at, state.groups.length);
  if (!state.classes.has(classId)) return refuse("UnknownClass", classId);
  const settled = settle(group, paceOf(state, group.classId, caller.now), minuteOf(caller.now));
  const broken = brokenByValues(limitsOf(state, classId), settled);
  if (broken) return refuseFor("BadLimits", broken);
  return {
    state: withGroup(state, at, { ...settled, classId }),
    events: [{ name: "ClassChanged", group: at, classId }],
  };
}

/** The contract's `setAggregateBudget`: governance any, the guardian only lower ones. */
export function setAggregateBudget(state: ContractState, hotBps: number, quorumBps: number, caller: Caller): Outcome {
  const { door } = state;
  if (!caller.roles.has("governance")) {
    const missing = lacks(caller, "guardian");
    if (missing) return missing;
    if (hotBps > door.aggregateBps) return refuse("NotTighter", "aggregateBps", hotBps, door.aggregateBps);
    const allowed = door.quorumAggregateBps;
    if (quorumBps > allowed) return refuse("NotTighter", "quorumAggregateBps", quorumBps, allowed);
  }
  return {
    state: { ...state, door: { ...door, aggregateBps: hotBps, quorumAggregateBps: quorumBps } },
    events: [{ name: "AggregateBudgetChanged", hotBps, quorumBps, by: caller.address }],
  };
}

/** The contract's `resetBreaker`. */
export function resetBreaker(state: ContractState, caller: Caller): Outcome {
  const missing = lacks(caller, "governance");
  if (missing) return missing;
  return { state: { ...state, door: { ...state.door, tightenOnly: false } }, events: [{ name: "BreakerReset" }] };
}

/** The contract's `setProbe`; that a probe has code is not checked here. */
export function setProbe(state: ContractState, marketId: number, probe: Hex, caller: Caller): Outcome {
  const missing = lacks(caller, "governance");
  if (missing) return missing;
  if (!locate(state, marketId)) return refuse("UnknownMarket", marketId);
  return {
    state: { ...state, probes: withProbe(state.probes, marketId, probe) },
    events: [{ name: "ProbeChanged", marketId, probe }],
  };
}

/** The probes with one set, or taken away by the zero address. */
export function withProbe(probes: ReadonlyMap<number, Hex>, marketId: number, probe: Hex): ReadonlyMap<number, Hex> {
  const next = new Map(probes);
  if (probe === ZERO_ADDRESS) next.delete(marketId);
  else next.set(marketId, probe);
  return next;
}

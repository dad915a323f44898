import { minuteOf } from "../../keeper/domain/calendar.ts";
import { type ContractEvent, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import { modeAt } from "../lab/contractModel/effective.ts";
import { RULES } from "../lab/contractModel/rules.ts";
import { type ContractState, locate, marketCount, type Refusal, type Role } from "../lab/contractModel/state.ts";
import type { Intent } from "./actionSchema.ts";

/** What a roll back restores, and what it cannot, a line each. */
type RollBack = {
  readonly values: Extract<Intent["actions"][number], { action: "overrideMarkets" }>["values"];
  readonly notes: readonly string[];
  /** Whether something that differs is left as it is. */
  readonly incomplete: boolean;
};

type RollBackOptions = {
  /** Time at which the timelock can execute it at the earliest. */
  readonly executableAt: number;
  /** Until when the keeper may not change what is restored. */
  readonly until: number;
  readonly nameOf: (marketId: number) => string;
  /** Whether the proposal ends tighten-only mode first. */
  readonly resetsBreaker: boolean;
};

/** The model asks who calls; its address does not matter. */
const GOVERNANCE = { address: "0x", roles: new Set<Role>(["governance"]) } as const;

/** Events before a batch: those of its own transaction are left out. */
export function eventsBefore(events: readonly ContractEvent[], sequence: number): readonly ContractEvent[] {
  const cut = events.findIndex((event) => "sequence" in event && event.sequence >= sequence);
  return cut < 0 ? events : events.slice(0, cut);
}

/**
 * Returns the values of `past` that differ now, as one override: only what the contract will take once the delay has
 * passed if nothing else happens, judged by its model market by market, because maintenance goes on moving meanwhile.
 * Whatever cannot come back is a note with its reason.
 */
export function rollBackOf(past: ContractState, present: ContractState, options: RollBackOptions): RollBack {
  const { executableAt: now, until, nameOf, resetsBreaker } = options;
  const values: RollBack["values"] = [];
  const [restored, left]: [string[], string[]] = [[], []];
  const state = resetsBreaker ? { ...present, door: { ...present.door, tightenOnly: false } } : present;
  for (let id = 1; id <= marketCount(present); id++) {
    const [then, today] = [locate(past, id), locate(present, id)];
    if (today === null) continue;
    const name = `${nameOf(id)} (${id})`;
    if (then === null) {
      left.push(`${name}: not listed then; its values stay`);
      continue;
    }
    const { initialBps, maintenanceTargetBps } = then.market;
    left.push(...circumstances(name, then, today, now));
    if (initialBps === today.market.initialBps && maintenanceTargetBps === today.market.maintenanceTargetBps) continue;
    const value = { marketId: id, initialBps, maintenanceTargetBps, until };
    const answer = RULES.govern.overrideMarkets(state, [value], { ...GOVERNANCE, now });
    if ("refused" in answer)
      left.push(`${name}: initial ${initialBps}, target ${maintenanceTargetBps} ${why(answer.refused)}`);
    else {
      restored.push(`${name}: initial ${initialBps}, maintenance target ${maintenanceTargetBps}`);
      values.push({ market: String(id), initialBps, maintenanceTargetBps, until });
    }
  }
  left.push(...settings(past, present));
  const notes = [
    ...(restored.length === 0 ? ["Nothing to restore."] : ["Restored:", ...restored.map((line) => `  ${line}`)]),
    ...(left.length === 0 ? [] : ["Not restored:", ...left.map((line) => `  ${line}`)]),
  ];
  return { values, notes, incomplete: left.length > 0 };
}

type Found = NonNullable<ReturnType<typeof locate>>;

/** What of a market an override does not bring back. */
function circumstances(name: string, then: Found, today: Found, now: number): string[] {
  const lines: string[] = [];
  const [before, after] = [modeAt(then.market, minuteOf(now)), modeAt(today.market, minuteOf(now))];
  if (before !== after) lines.push(`${name}: mode is ${after} and was ${before}; setMode changes it`);
  if (then.group.classId !== today.group.classId) {
    lines.push(`${name}: class is ${today.group.classId} and was ${then.group.classId}; setClass changes it`);
  }
  return lines;
}

/** What governance has set since, which an override leaves alone. */
function settings(past: ContractState, present: ContractState): string[] {
  const lines: string[] = [];
  for (const [id, limits] of present.classes) {
    const before = past.classes.get(id);
    if (before === undefined) lines.push(`class ${id}: not defined then`);
    else {
      const changed = Object.entries(limits).filter(([key, value]) => before[key as keyof typeof before] !== value);
      const figures = changed.map(([key, value]) => `${key} is ${value} and was ${before[key as keyof typeof before]}`);
      if (figures.length > 0) lines.push(`class ${id}: ${figures.join(", ")}; propose-limits changes it`);
    }
  }
  const [then, today] = [past.door, present.door];
  for (const key of ["aggregateBps", "quorumAggregateBps"] as const) {
    if (then[key] !== today[key])
      lines.push(`${key} is ${today[key]} and was ${then[key]}; setAggregateBudget changes it`);
  }
  if (today.tightenOnly && !then.tightenOnly)
    lines.push("tighten-only mode is on since then; --reset-breaker ends it first");
  return lines;
}

function why({ error, args }: Refusal): string {
  if (error !== "BadValues") return `refused: ${error}(${args.join(", ")})`;
  const [, reason, given, allowed] = args;
  const name = SKIP_REASONS[Number(reason)] ?? String(reason);
  const words: Record<string, string> = {
    TIGHTEN_ONLY: "would loosen, and tighten-only mode is on",
    INITIAL_OUT_OF_BOUNDS: "are outside of today's bounds of initial",
    MAINTENANCE_OUT_OF_BOUNDS: "are outside of today's bounds of maintenance",
    GAP_TOO_SMALL:
      "leave too little room above where maintenance will be after the delay (a guardian's freeze stops it)",
  };
  return `${words[name] ?? "break the limits"}: ${given}, nearest allowed ${allowed} [${name}]`;
}

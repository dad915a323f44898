import { type Account, type Entry, type Hex, tokensOf } from "../../keeper/domain/contract.ts";
import { figure } from "../../keeper/protocols/onChain.ts";
import { SKIP_WORDS } from "../../keeper/protocols/words.ts";
import type { ContractEvent } from "../lab/contractModel/events.ts";
import { modeAt } from "../lab/contractModel/follow.ts";
import { valuesProblem } from "../lab/contractModel/judge.ts";
import type { ContractState, Market } from "../lab/contractModel/state.ts";
import type { ActionOf } from "./actionSchema.ts";

/** What a roll back restores, and what it cannot, a line each. */
type RollBack = {
  readonly values: ActionOf<"setManually">["values"];
  readonly notes: readonly string[];
};

type RollBackOptions = {
  /** Time at which the timelock can execute it at the earliest. */
  readonly executableAt: number;
  /** Until when writers may only tighten what is restored. */
  readonly until: number;
  readonly nameOf: (marketId: number) => string;
};

/** Events before a batch of a writer: its skips, which come before it in the same transaction, change nothing. */
export function eventsBefore(
  events: readonly ContractEvent[],
  writer: Hex,
  sequence: number,
): readonly ContractEvent[] {
  const isCut = (event: ContractEvent) =>
    event.name === "BatchApplied" && isSame(event.writer, writer) && event.sequence >= sequence;
  const cut = events.findIndex(isCut);
  return cut < 0 ? events : events.slice(0, cut);
}

/**
 * Returns the values of `past` that differ now, market by market: only what the contract will take once the delay has passed
 * if nothing else happens, judged by its model, because maintenance goes on moving meanwhile. Whatever cannot come back is a
 * note with its reason; it does not stop its neighbours.
 */
export function rollBackOf(past: ContractState, present: ContractState, options: RollBackOptions): RollBack {
  const { executableAt, until, nameOf } = options;
  const values: RollBack["values"] = [];
  const [restored, left]: [string[], string[]] = [[], []];
  for (const [index, today] of present.markets.entries()) {
    const [then, name] = [past.markets[index], `${nameOf(index + 1)} (${index + 1})`];
    if (then === undefined) {
      left.push(`${name}: not listed then; its values stay`);
      continue;
    }
    left.push(...circumstances(name, then, today, executableAt));
    if (today.generation === 0 || isSameNumbers(then, today)) continue;
    const { initialBps, maintenanceTargetBps, limit } = then;
    const words = `initial ${initialBps}, maintenance target ${maintenanceTargetBps}, exposure limit ${tokensOf(limit)}`;
    const refused = refusalOf(then, today, present, executableAt);
    if (refused !== null) left.push(`${name}: ${words} ${refused}`);
    else {
      restored.push(`${name}: ${words}`);
      const limitTokens = Number(tokensOf(limit));
      values.push({ market: String(index + 1), initialBps, maintenanceTargetBps, limitTokens, until });
    }
  }
  left.push(...settings(past, present));
  const notes = [
    ...(restored.length === 0 ? ["Nothing to restore."] : ["Restored:", ...restored.map((line) => `  ${line}`)]),
    ...(left.length === 0 ? [] : ["Not restored:", ...left.map((line) => `  ${line}`)]),
  ];
  return { values, notes };
}

type Numbers = Pick<Entry, "initialBps" | "maintenanceTargetBps" | "limit">;

function isSameNumbers(one: Numbers, other: Numbers): boolean {
  return (
    one.initialBps === other.initialBps &&
    one.maintenanceTargetBps === other.maintenanceTargetBps &&
    one.limit === other.limit
  );
}

/** Why the contract would skip the market at `time`, with the nearest values allowed; null: it takes them. */
function refusalOf(values: Numbers, market: Market, { classes }: ContractState, time: number): string | null {
  const riskClass = classes.get(market.classId);
  if (riskClass === undefined) return `cannot be judged: class ${market.classId} is not defined`;
  const problem = valuesProblem(values, { market, riskClass }, time);
  if (problem === null) return null;
  const { reason, given, allowed } = problem;
  const why =
    reason === "GAP_TOO_SMALL"
      ? "leave too little room above where maintenance will be after the delay"
      : SKIP_WORDS[reason];
  return `${why}: given ${figure(reason, given)}, nearest allowed ${figure(reason, allowed)} [${reason}]`;
}

/** What of a market is not brought back with its values. */
function circumstances(name: string, then: Market, today: Market, now: number): string[] {
  const lines: string[] = [];
  if (today.generation === 0) return then.generation === 0 ? [] : [`${name}: delisted since, for ever`];
  const [before, after] = [modeAt(then, now), modeAt(today, now)];
  if (before !== after) lines.push(`${name}: mode is ${after} and was ${before}; setMode changes it`);
  for (const key of ["classId", "probe"] as const) {
    if (then[key] !== today[key]) {
      lines.push(`${name}: ${key} is ${today[key]} and was ${then[key]}; changeMarket changes it`);
    }
  }
  for (const key of ["lowestLimit", "highestLimit"] as const) {
    const [was, is] = [then, today].map((market) => tokensOf(market[key]));
    if (was !== is) lines.push(`${name}: ${key} is ${is} tokens and was ${was}; changeMarket changes it`);
  }
  return lines;
}

/** What governance has set since, and the writers that have tripped: all that an override leaves alone. */
function settings(past: ContractState, present: ContractState): string[] {
  const lines: string[] = [];
  for (const [id, { limits }] of present.classes) {
    const before = past.classes.get(id)?.limits;
    if (before === undefined) lines.push(`class ${id}: not defined then`);
    else {
      const changed = Object.entries(limits).filter(([key, value]) => before[key as keyof typeof before] !== value);
      const figures = changed.map(([key, value]) => `${key} is ${value} and was ${before[key as keyof typeof before]}`);
      if (figures.length > 0) lines.push(`class ${id}: ${figures.join(", ")}; propose-limits changes it`);
    }
  }
  for (const [address, account] of present.accounts) {
    const before: Partial<Account> = past.accounts.get(address) ?? { power: "NONE" };
    for (const key of ["power", "aggregateBps", "tripBps"] as const) {
      const was = before[key] ?? 0;
      if (account[key] !== was)
        lines.push(`account ${address}: ${key} is ${account[key]} and was ${was}; admit changes it`);
    }
    if (account.tightenOnly && before.tightenOnly !== true) {
      lines.push(`account ${address}: it has tripped and only tightens; admit ends that`);
    }
  }
  return lines;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

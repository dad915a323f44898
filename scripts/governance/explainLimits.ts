import type { ContractLimits } from "../../keeper/domain/contract.ts";
import { mostLoosened } from "../deploy/worstCase.ts";
import type { ActionOf } from "./actionSchema.ts";
import { changedLimits } from "./actions.ts";
import type { Facts, MarketFacts } from "./facts.ts";

type Direction = "tighter" | "looser" | "tighter for open positions" | "looser for open positions" | "neither";
type Field = { readonly what: string; readonly unit: string; readonly higher: Direction };

const field = (what: string, unit: string, higher: Direction): Field => ({ what, unit, higher });

/** What a higher value of each limit means, and whom it reaches. */
const FIELDS: Readonly<Record<keyof ContractLimits, Field>> = {
  minInitialBps: field("lowest initial haircut", "bp", "tighter"),
  maxInitialBps: field("highest initial haircut", "bp", "tighter"),
  minMaintenanceBps: field("lowest maintenance target", "bp", "tighter for open positions"),
  maxMaintenanceBps: field("highest maintenance target", "bp", "tighter for open positions"),
  minGapBps: field("least room between initial and maintenance", "bp", "tighter"),
  liquidationBonusBps: field("bonus that a liquidation must be able to pay", "bp", "neither"),
  tightenSpeedBpsPer30Days: field("maintenance rises at most", "bp in 30 days", "tighter for open positions"),
  loosenSpeedBpsPer30Days: field("maintenance falls at most", "bp in 30 days", "looser for open positions"),
  ttlHours: field("age of the data from which it is stale", "h", "looser"),
  decayHours: field("time from stale to the stale cap", "h", "looser"),
  staleInitialCapBps: field("initial haircut of data long stale", "bp", "tighter"),
  maxAgeMinutes: field("oldest data accepted", "min", "looser"),
  hotStepBps: field("greatest loosening in one update, hot key", "bp", "looser"),
  quorumStepBps: field("greatest loosening in one update, quorum", "bp", "looser"),
  hotBudgetBps: field("loosening of initial in 8 h, hot key", "bp", "looser"),
  quorumBudgetBps: field("loosening of initial in 8 h, quorum", "bp", "looser"),
  hotRaiseStep: field("greatest raise of the exposure limit in one update, hot key", "notches", "looser"),
  quorumRaiseStep: field("greatest raise of the exposure limit in one update, quorum", "notches", "looser"),
  hotRaiseBudget: field("raises of the exposure limit in 8 h, hot key", "notches", "looser"),
  quorumRaiseBudget: field("raises of the exposure limit in 8 h, quorum", "notches", "looser"),
};
export const OPPOSITE: Record<Direction, Direction> = {
  tighter: "looser",
  looser: "tighter",
  "tighter for open positions": "looser for open positions",
  "looser for open positions": "tighter for open positions",
  neither: "neither",
};

/** What new limits of a class change, the most that a stolen hot key loosens, and every market of the class. */
export function explainLimits(action: ActionOf<"setLimits">, facts: Facts): string[] {
  const { previous, next } = changedLimits(facts, action);
  const lines: string[] = [];
  for (const [key, { what, unit, higher }] of Object.entries(FIELDS)) {
    const [from, to] = [previous?.[key as keyof ContractLimits], next[key as keyof ContractLimits]];
    if (from !== to) lines.push(figure(`class ${action.class}, ${what} (${key})`, from, to, unit, higher));
  }
  if (lines.length === 0) return [`class ${action.class}: nothing changes`];
  const [before, after] = [previous, next].map((limits) =>
    limits === undefined ? 0 : mostLoosened(24, limits.hotBudgetBps, limits.hotStepBps),
  );
  lines.push(`  the most a stolen hot key loosens of a market in 24 h: ${before} -> ${after} bp`);
  if (previous !== undefined) lines.push(...noticeOf(previous, next));
  lines.push("  no value moves in this transaction; affected:");
  const members = facts.markets.filter(({ classId, delisted }) => classId === action.class && !delisted);
  if (members.length === 0) lines.push("    no market is in this class");
  return [...lines, ...members.map((market) => `    ${affected(market, next)}`)];
}

/**
 * Whether maintenance may reach an open position sooner than 30 days after its opening: who opened one at the limit was the
 * old gap away from liquidation, and from now on maintenance rises at the new speed. Nothing where the notice stands.
 */
export function noticeOf(from: ContractLimits, to: ContractLimits): string[] {
  const [gap, speed] = [from.minGapBps, to.tightenSpeedBpsPer30Days];
  if (speed <= gap) return [];
  const days = Math.floor((gap / speed) * 30);
  return [
    `  LESS THAN 30 DAYS' NOTICE: a position opened at the limit before this is ${gap} bp from liquidation, and maintenance`,
    `    may rise by ${speed} bp in 30 days: at an unmoved price it may be liquidatable ${days} days after its opening`,
  ];
}

/** What new bounds mean for one market as it is now. */
function affected({ name, id, initialBps, maintenanceTargetBps: target }: MarketFacts, limits: ContractLimits): string {
  const notes: string[] = [];
  if (initialBps < limits.minInitialBps) {
    notes.push(`new loans: the next update must raise initial to ${limits.minInitialBps}`);
  }
  if (initialBps > limits.maxInitialBps) notes.push("new loans: initial may stay, and not rise");
  if (target < limits.minMaintenanceBps) {
    notes.push(
      `open positions: the next update must raise the target to ${limits.minMaintenanceBps}, which maintenance follows at its speed`,
    );
  }
  if (target > limits.maxMaintenanceBps) notes.push("open positions: the target may stay, and not rise");
  const now = `${name} (${id}), initial ${initialBps}, maintenance target ${target}`;
  return notes.length === 0 ? `${now}: inside the new bounds` : `${now}: ${notes.join("; ")}`;
}

/** One value before and after, in words. */
export function figure(what: string, from: number | undefined, to: number, unit: string, higher: Direction): string {
  const sense = from === undefined ? "new" : from === to ? "unchanged" : to > from ? higher : OPPOSITE[higher];
  return `${what}: ${from ?? "none"} -> ${to} ${unit}, ${sense}`;
}

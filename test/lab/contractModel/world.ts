import assert from "node:assert/strict";
import type { ContractEventBody, Entry, EntryLane, Hex, MarketMode } from "../../../keeper/domain/contract.ts";
import { applyBatch } from "../../../scripts/lab/contractModel/applyBatch.ts";
import { setAggregateBudget } from "../../../scripts/lab/contractModel/govern.ts";
import { setMode } from "../../../scripts/lab/contractModel/setMode.ts";
import type { Caller, ContractState, Outcome, Role } from "../../../scripts/lab/contractModel/state.ts";
import { deployed, START } from "./genesis.ts";

export const SOMEBODY: Hex = "0x00000000000000000000000000000000000000aa";
const EVIDENCE: Hex = `0x${"e".repeat(64)}`;
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

export const as = (role: Role, now: number): Caller => ({ address: SOMEBODY, roles: new Set([role]), now });

/** The state after a call that must not be refused. */
export function done(outcome: Outcome): ContractState {
  assert.ok("state" in outcome, `refused: ${JSON.stringify(outcome)}`);
  return outcome.state;
}

/** The events of a call that must not be refused. */
export function said(outcome: Outcome): readonly ContractEventBody[] {
  assert.ok("events" in outcome, `refused: ${JSON.stringify(outcome)}`);
  return outcome.events;
}

/** Error and arguments of a call that must be refused. */
export function refusal(outcome: Outcome): readonly (string | number)[] {
  assert.ok("refused" in outcome, "the call was not refused");
  return [outcome.refused.error, ...outcome.refused.args];
}

/** 16 markets, aggregate budgets of 2000 and 4000, and every market of group 0 fresh at START (22/18 %, 23/18.9 %...). */
export function calm(): ContractState {
  const state = done(setAggregateBudget(deployed(SOMEBODY, START), 2_000, 4_000, as("governance", START)));
  const lanes = [0, 1, 2, 3, 4].map((lane): [number, number] => [2_200 + 100 * lane, 1_800 + 90 * lane]);
  return done(update(state, START, [entry(0, START, lanes)]));
}

/** An entry without quality; a pair is initial and target, null a lane not named. */
export function entry(group: number, asOf: number, lanes: readonly (readonly [number, number] | null)[]): Entry {
  const values = [0, 1, 2, 3, 4].map((lane): EntryLane | null => {
    const pair = lanes[lane];
    return pair ? { initialBps: pair[0], maintenanceTargetBps: pair[1], confidence: 0, sources: 0 } : null;
  });
  return { group, asOf, lanes: values, withQuality: false };
}

/** A batch in its place, through the door of the hot key or of the quorum. */
export function update(
  state: ContractState,
  now: number,
  entries: readonly Entry[],
  options: { quorum?: boolean; mayLoosen?: boolean; sequence?: number; deadline?: number; generation?: number } = {},
): Outcome {
  const { quorum = false, mayLoosen = true, ...place } = options;
  const { sequence, generation } = state.door;
  const batch = { sequence: sequence + 1, deadline: now, generation, modelVersion: 1, evidence: EVIDENCE, entries };
  return applyBatch(state, { ...batch, ...place }, as(quorum ? "quorum" : "keeper", now), quorum, () => mayLoosen);
}

export function mode(state: ContractState, now: number, role: Role, to: MarketMode, marketId = 1): Outcome {
  return setMode(state, marketId, to, as(role, now));
}

import assert from "node:assert/strict";
import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import type { Entry, Hex, MarketMode } from "../../../keeper/domain/contract.ts";
import type { ContractEventBody } from "../../../scripts/lab/contractModel/events.ts";
import { setMode } from "../../../scripts/lab/contractModel/guard.ts";
import { publishBatch } from "../../../scripts/lab/contractModel/publishBatch.ts";
import {
  accountOf,
  type Caller,
  type ContractState,
  type Market,
  type Outcome,
  storedMarket,
} from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, type AccountName } from "./calls.ts";
import { deployed, START } from "./genesis.ts";

const EVIDENCE: Hex = `0x${"e".repeat(64)}`;
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

/** An account of the tests in a block at `now`, in a world of contracts in which every probe agrees. */
export const as = (name: AccountName, now: number): Caller => ({
  ...{ address: ACCOUNTS[name], now },
  mayLoosen: () => true,
  hasCode: () => true,
});

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
export function refusal(outcome: Outcome): readonly (string | number | bigint)[] {
  assert.ok("refused" in outcome, "the call was not refused");
  return [outcome.refused.error, ...outcome.refused.args];
}

/** A market that must have been listed. */
export function marketIn(state: ContractState, marketId: number): Market {
  const market = storedMarket(state, marketId);
  assert.ok(market, `market ${marketId} was never listed`);
  return market;
}

/** Six markets (genesis.ts), every one restated as fresh at START. */
export function calm(): ContractState {
  const { state } = deployed();
  return done(
    publish(
      state,
      START,
      [1, 2, 3, 4, 5, 6].map((id) => entryOf(state, id, START)),
    ),
  );
}

/** An entry that restates a market with data of `asOf`, with what is given changed. */
export function entryOf(state: ContractState, marketId: number, asOf: number, change: Partial<Entry> = {}): Entry {
  const { initialBps, maintenanceTargetBps, limit, confidence, sources, generation } = marketIn(state, marketId);
  const same = { initialBps, maintenanceTargetBps, limit, confidence, sources, generation };
  return { marketId, asOf: timeOf(minuteOf(asOf)), ...same, orTighter: false, ...change };
}

type Options = {
  readonly by?: AccountName;
  readonly mayLoosen?: boolean;
  readonly sequence?: number;
  readonly deadline?: number;
};

/** A batch in its place, by the hot key unless said otherwise. */
export function publish(
  state: ContractState,
  now: number,
  entries: readonly Entry[],
  { by = "keeper", mayLoosen = true, ...head }: Options = {},
): Outcome {
  const { sequence } = accountOf(state, ACCOUNTS[by]);
  const batch = { sequence: sequence + 1, deadline: now, modelVersion: 1, evidence: EVIDENCE, entries, ...head };
  return publishBatch(state, batch, { ...as(by, now), mayLoosen: () => mayLoosen });
}

export function mode(state: ContractState, now: number, by: AccountName, to: MarketMode, marketId = 1): Outcome {
  return setMode(state, marketId, to, as(by, now));
}

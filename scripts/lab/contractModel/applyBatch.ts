import { minuteOf, windowOf } from "../../../keeper/domain/calendar.ts";
import {
  type ContractEventBody,
  type Entry,
  type Hex,
  LANES,
  LAST_GROUP,
  SKIP_REASONS,
} from "../../../keeper/domain/contract.ts";
import { type Budgets, budgetsOf, type Finding, judge, type MayLoosen, type Terms } from "./checkUpdate.ts";
import { modeAt, settle, withClock } from "./effective.ts";
import {
  type Caller,
  type ContractState,
  type Group,
  idOf,
  lacks,
  type Market,
  type Outcome,
  paceOf,
  refuse,
  withGroup,
} from "./state.ts";

/** A batch with its entries spelled out. */
export type ContractBatch = {
  readonly sequence: number;
  readonly deadline: number;
  readonly generation: number;
  readonly modelVersion: number;
  readonly evidence: Hex;
  readonly entries: readonly Entry[];
};

/** Entries applied one after the other: the state so far, what was skipped, and the aggregate budget. */
type Progress = {
  readonly state: ContractState;
  readonly budgets: Budgets;
  readonly applied: boolean;
  readonly skipped: readonly { readonly marketId: number; readonly found: Finding }[];
  readonly tripped: { readonly givenBps: number; readonly allowedBps: number } | null;
};

/**
 * The contract's `update` (or, with `quorum`, `updateByQuorum`). Each market is taken whole or skipped with a reason;
 * the batch is refused when its place, generation or deadline is wrong or when nothing in it can be applied.
 */
export function applyBatch(
  state: ContractState,
  batch: ContractBatch,
  caller: Caller,
  quorum: boolean,
  mayLoosen: MayLoosen,
): Outcome {
  const missing = lacks(caller, quorum ? "quorum" : "keeper");
  if (missing) return missing;
  const { door } = state;
  if (batch.sequence !== door.sequence + 1) return refuse("WrongSequence", batch.sequence, door.sequence + 1);
  if (batch.generation !== door.generation) return refuse("WrongGeneration", batch.generation, door.generation);
  if (caller.now > batch.deadline) return refuse("DeadlinePassed", batch.deadline, caller.now);
  if (batch.entries.length === 0) return refuse("EmptyBatch");

  let offset = 0;
  for (const { group, withQuality } of batch.entries) {
    if (group > LAST_GROUP) return refuse("BadEntry", offset);
    offset += withQuality ? 34 : 24;
  }

  const terms = { now: caller.now, quorum, mayLoosen };
  let progress: Progress = {
    ...{ state, budgets: budgetsOf(state, terms), applied: false, skipped: [], tripped: null },
  };
  for (const entry of batch.entries) progress = applyEntry(progress, entry, terms);
  const { skipped, tripped } = progress;
  const [first] = skipped;
  if (!progress.applied && !tripped && first) {
    return refuse("NoMarketApplied", first.marketId, SKIP_REASONS.indexOf(first.found.reason));
  }
  const { sequence, evidence, modelVersion, entries } = batch;
  const budget = quorum ? door.quorumAggregateBps : door.aggregateBps;
  const next = {
    ...door,
    sequence,
    window: windowOf(minuteOf(caller.now)),
    spentBps: budget - progress.budgets.aggregateLeftBps,
    tightenOnly: progress.budgets.tightenOnly,
  };
  const events: ContractEventBody[] = [
    ...skipped.flatMap(({ marketId, found }) => {
      const left: ContractEventBody = { name: "MarketSkipped", marketId, sequence, ...found };
      const trips = tripped && found.reason === "AGGREGATE_BUDGET_SPENT";
      return trips ? [left, { name: "BreakerTripped" as const, sequence, ...tripped }] : [left];
    }),
    { name: "BatchApplied", sequence, evidence, sender: caller.address, modelVersion, entries },
  ];
  return { state: { ...progress.state, door: next }, events };
}

function applyEntry(progress: Progress, entry: Entry, terms: Terms): Progress {
  const { state } = progress;
  const group = state.groups[entry.group];
  const skipped = [...progress.skipped];
  const accepted = new Set<number>();
  let { budgets, tripped } = progress;
  for (let lane = 0; lane < LANES; lane++) {
    const values = entry.lanes[lane];
    if (!values) continue;
    const marketId = idOf(entry.group, lane);
    const update = { ...values, marketId, asOf: entry.asOf };
    const found = judge(state, group, entry.group, lane, update, terms, budgets);
    const loosened = Math.max(0, (group?.markets[lane]?.initialBps ?? 0) - values.initialBps);
    if (found.reason === "NONE") {
      accepted.add(lane);
      budgets = { ...budgets, aggregateLeftBps: budgets.aggregateLeftBps - loosened };
      continue;
    }
    skipped.push({ marketId, found });
    if (found.reason !== "AGGREGATE_BUDGET_SPENT") continue;
    const allowedBps = terms.quorum ? state.door.quorumAggregateBps : state.door.aggregateBps;
    tripped = { givenBps: allowedBps - budgets.aggregateLeftBps + loosened, allowedBps };
    budgets = { ...budgets, tightenOnly: true };
  }
  if (!group || accepted.size === 0) return { ...progress, budgets, skipped, tripped };
  const next = accept(state, group, entry, accepted, terms.now);
  return { state: withGroup(state, entry.group, next), budgets, applied: true, skipped, tripped };
}

/**
 * The group after the lanes of an entry in `accepted` were taken whole at `now`: all maintenance settled, their values
 * written, the budget charged with the greatest loosening. The group's data is as new as the newest entry; a market
 * behind it, or with a mode in force, keeps a time of its own.
 */
export function accept(
  state: ContractState,
  group: Group,
  entry: Entry,
  accepted: ReadonlySet<number>,
  now: number,
): Group {
  const minute = minuteOf(now);
  const settled = settle(group, paceOf(state, group.classId, now), minute);
  const asOfMinute = minuteOf(entry.asOf);
  const newest = Math.max(asOfMinute, group.asOfMinute);
  let most = 0;
  const markets = settled.markets.map((market, lane): Market | null => {
    const values = entry.lanes[lane];
    if (market === null) return null;
    if (!values || !accepted.has(lane)) {
      return {
        ...market,
        ownAsOfMinute: market.ownAsOfMinute ?? (newest === group.asOfMinute ? null : group.asOfMinute),
      };
    }
    most = Math.max(most, market.initialBps - values.initialBps);
    const { initialBps, maintenanceTargetBps, confidence, sources } = values;
    const own = modeAt(market, minute) !== "NORMAL" || asOfMinute !== newest;
    const next = { ...market, initialBps, maintenanceTargetBps, ownAsOfMinute: own ? asOfMinute : null };
    return entry.withQuality ? { ...next, confidence, sources } : next;
  });
  return withClock({ ...settled, markets, spentBps: settled.spentBps + most }, minute, newest);
}

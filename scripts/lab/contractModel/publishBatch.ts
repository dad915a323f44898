import { windowOf } from "../../../keeper/domain/calendar.ts";
import { type Account, type Entry, type Hex, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import type { ContractEventBody } from "./events.ts";
import { maintenanceAt, minuteStart, spentAt, unchangedAt } from "./follow.ts";
import { type Finding, judge, type Subject, wordOf } from "./judge.ts";
import {
  accountOf,
  type Caller,
  type ContractBatch,
  type ContractState,
  classOf,
  listedMarket,
  type Market,
  type MarketNumbers,
  type Outcome,
  type Refusal,
  refuse,
  withAccount,
  withMarket,
} from "./state.ts";

const MOST_REFUSED = 2 ** 24 - 1;
/** Longer than an honest batch takes from the numbers that it was made of to its block. */
const SEEN_MINUTES = 10;

/** Entries applied one after the other: the state and the writer so far, and what was said. */
type Progress = {
  readonly state: ContractState;
  readonly writer: Account;
  readonly applied: boolean;
  readonly events: readonly ContractEventBody[];
};

/**
 * The contract's `publishBatch`. Each market is taken whole, its tightening alone, or skipped with a reason; the batch is
 * refused when the writer, its number or the deadline is wrong, or when it does nothing at all.
 */
export function publishBatch(state: ContractState, batch: ContractBatch, caller: Caller): Outcome {
  const [first] = batch.entries;
  if (first === undefined) return refuse("BadEntries", 0);
  const before = accountOf(state, caller.address);
  const writer = admitted(before, batch, caller);
  if ("refused" in writer) return writer;
  let progress: Progress = { state, writer, applied: false, events: [] };
  for (const entry of batch.entries) progress = applyEntry(progress, entry, caller);
  // A trip is worth a sequence number, and nothing else is.
  if (!progress.applied && progress.writer.tightenOnly === before.tightenOnly) {
    const { finding } = judge(first, subjectOf(state, first.marketId), progress.writer, caller);
    return refuse("NoMarketApplied", first.marketId, SKIP_REASONS.indexOf(finding.reason));
  }
  return {
    state: withAccount(progress.state, caller.address, progress.writer),
    events: [...progress.events, { name: "BatchApplied", ...batch, writer: caller.address }],
  };
}

/** What `preview` answers: the first broken rule, and the three numbers that the market would have then, 0 when it is skipped. */
export type Preview = Finding & { readonly numbers: number };

/** The contract's `preview`: what a batch by `holder` would say of one market in the block of the caller. */
export function preview(state: ContractState, holder: Hex, entry: Entry, caller: Caller): Preview {
  const writer = windowed(accountOf(state, holder), caller.now);
  const { finding, applies } = judge(entry, subjectOf(state, entry.marketId), writer, caller);
  return { ...finding, numbers: applies === null ? 0 : wordOf(applies) };
}

function subjectOf(state: ContractState, marketId: number): Subject | null {
  const market = listedMarket(state, marketId);
  return market && { market, riskClass: classOf(state, market) };
}

/** The writer as it will be stored, with the number and the window of the batch. */
function admitted(
  writer: Account,
  batch: ContractBatch,
  { address, now }: Caller,
): Account | { readonly refused: Refusal } {
  if (writer.power !== "HOT" && writer.power !== "QUORUM") return refuse("NotAllowed", address);
  if (now < writer.haltedUntil) return refuse("WriterIsHalted", address, writer.haltedUntil);
  if (now > batch.deadline) return refuse("DeadlinePassed", batch.deadline, now);
  const sequence = writer.sequence + 1;
  if (batch.sequence !== sequence) return refuse("WrongSequence", batch.sequence, sequence);
  return windowed({ ...writer, sequence }, now);
}

/** The writer with nothing spent yet, unless it was in this window. */
export function windowed<Known extends Account>(writer: Known, now: number): Known {
  const window = windowOf(now);
  return writer.window === window ? writer : { ...writer, window, spentBps: 0, refusedBps: 0 };
}

function applyEntry(progress: Progress, entry: Entry, caller: Caller): Progress {
  const subject = subjectOf(progress.state, entry.marketId);
  const { finding, applies } = judge(entry, subject, progress.writer, caller);
  // Of numbers that it may not have seen yet an honest writer cannot know what it would loosen.
  const isSeen = subject !== null && unchangedAt(subject.market, caller.now) >= SEEN_MINUTES;
  const isAsked = finding.reason === "AGGREGATE_SPENT" && isSeen;
  const after = isAsked ? refusedLoosening(progress, finding, caller) : progress;
  const said = { marketId: entry.marketId, ...finding };
  if (applies === null || subject === null) {
    return { ...after, events: [...after.events, { name: "MarketSkipped", ...said }] };
  }
  const { market } = subject;
  const next = written(subject, applies, caller.now);
  const loosened = Math.max(0, market.initialBps - applies.initialBps);
  const counted = {
    ...next,
    spentBps: next.spentBps + loosened,
    raised: next.raised + Math.max(0, applies.limit - market.limit),
  };
  return {
    state: withMarket(after.state, entry.marketId, counted),
    writer: { ...after.writer, spentBps: after.writer.spentBps + loosened },
    applied: true,
    events: finding.reason === "NONE" ? after.events : [...after.events, { name: "LooseningSkipped", ...said }],
  };
}

/** Refusing is enough for an honest writer's last basis point; one that asks for more than its trip only tightens from then on. */
function refusedLoosening(progress: Progress, { given }: Finding, { address }: Caller): Progress {
  const writer = { ...progress.writer, refusedBps: Math.min(progress.writer.refusedBps + given, MOST_REFUSED) };
  const [askedBps, allowedBps] = [writer.spentBps + writer.refusedBps, writer.tripBps];
  if (allowedBps === 0 || askedBps <= allowedBps) return { ...progress, writer };
  const tripped: ContractEventBody = {
    name: "WriterTripped",
    ...{ account: address, sequence: writer.sequence, askedBps, allowedBps },
  };
  return { ...progress, writer: { ...writer, tightenOnly: true }, events: [...progress.events, tripped] };
}

/** The market under the values of an entry, or of an override, at `now`, before it is counted what they loosen. */
export function written(
  { market, riskClass: { limits } }: Subject,
  given: MarketNumbers & Pick<Entry, "confidence" | "sources" | "asOf">,
  now: number,
): Market {
  const { initialBps, maintenanceTargetBps, limit } = given;
  const isOlder = minuteStart(given.asOf) < market.asOf;
  // The quality is that of the data whose time is kept.
  const { confidence, sources } = isOlder ? market : given;
  const isRestated = wordOf(given) === wordOf(market);
  return {
    ...market,
    ...{ initialBps, maintenanceTargetBps, limit, confidence, sources },
    ...spentAt(market, now),
    maintenanceBps: maintenanceAt(market, now),
    settled: minuteStart(now),
    asOf: Math.max(market.asOf, minuteStart(given.asOf)),
    unchangedMinutes: isRestated ? unchangedAt(market, now) : 0,
    tightenSpeedBpsPer30Days: limits.tightenSpeedBpsPer30Days,
    loosenSpeedBpsPer30Days: limits.loosenSpeedBpsPer30Days,
    ttlHours: limits.ttlHours,
  };
}

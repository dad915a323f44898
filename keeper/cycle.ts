import type { DoorState, Entry } from "./domain/contract.ts";
import type { Assessment, MarketHistory, OnChainMarket } from "./domain/decision.ts";
import type { IntentStatus } from "./domain/intent.ts";
import type { Observed } from "./domain/observation.ts";
import type { MarketParameters } from "./domain/parameters.ts";
import { type AssessInput, assess, fitBatch, MODEL_VERSION } from "./pipeline.ts";

/** The chain at one block: what every decision of a cycle is made against. */
export type ChainView = {
  readonly chainId: number;
  readonly contract: string;
  readonly blockNumber: bigint;
  readonly blockTime: number;
  /** Last sequence applied. */
  readonly sequence: bigint;
  /** What all batches share; window and spent are those of the block. */
  readonly door: DoorState;
  readonly markets: ReadonlyMap<string, OnChainMarket>;
};

/** One market of a batch with everything that its numbers rest on. */
export type BatchEntry = { readonly input: AssessInput; readonly assessment: Assessment };

/** What is sent: the markets to update and the evidence they share. */
export type BatchPlan = {
  readonly sequence: bigint;
  readonly modelVersion: number;
  readonly now: number;
  readonly chain: ChainView;
  readonly entries: readonly BatchEntry[];
  /** The same by group, as the contract takes them. */
  readonly packed: readonly Entry[];
};

/** What became of a batch. */
export type BatchResult = {
  /** The intent's status; REFUSED by the contract before signing; NOT_SENT for any other reason, see `detail`. */
  readonly status: IntentStatus | "REFUSED" | "NOT_SENT";
  readonly hash: string | null;
  /** Journal id of the transaction, or null when none was written. */
  readonly intent: number | null;
  readonly evidence: string | null;
  readonly sequence: bigint;
  readonly applied: readonly string[];
  readonly skipped: readonly { readonly market: string; readonly reason: string }[];
  /** Of those, what the impact gate held: governance decides about it. Absent: nothing. */
  readonly heldByGate?: readonly { readonly market: string; readonly reason: string }[];
  readonly detail: string;
};

/** One cycle from look to write-down. */
export type CycleReport = {
  readonly now: number;
  readonly blockNumber: bigint;
  /** Time of that block, Unix seconds. */
  readonly blockTime: number;
  /** Journal id of this cycle, or null in a dry run. */
  readonly tick: number | null;
  readonly entries: readonly BatchEntry[];
  readonly failures: readonly { readonly market: string; readonly error: string }[];
  readonly batch: BatchResult | null;
  /** Why nothing was sent although something was decided; null when that did not happen. */
  readonly heldBy: string | null;
  /** What another replica did while this one let it go first; then there is no batch of ours. */
  readonly stoodBack?: string;
  /** What was done about an earlier transaction that waits for a block, when there was nothing to send. */
  readonly tended?: string;
  /** Milliseconds from the last datum to the decisions about all markets; absent without a stopwatch. */
  readonly decisionMs?: number;
};

/** What is written down before anything is done about it. */
export type CycleRecord = {
  readonly now: number;
  readonly chain: ChainView;
  readonly assessments: readonly Assessment[];
  readonly failures: readonly { readonly market: string; readonly error: string }[];
};

/** The doors of the cycle. Everything with a clock, a network or a disk behind it comes through here. */
export type Ports = {
  /** Unix seconds. */
  now(): number;
  /** Milliseconds of a clock that never jumps: measured and reported, never decided by. */
  stopwatch?(): number;
  /** Settles what earlier cycles left unclear. */
  reconcile(signal: AbortSignal): Promise<void>;
  readChain(markets: readonly MarketParameters[], signal: AbortSignal): Promise<ChainView>;
  observe(
    markets: readonly MarketParameters[],
    chain: ChainView,
    now: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly Observed[]>>;
  history(market: string, now: number): MarketHistory;
  /** Why `due` may not be sent now, or null. */
  stopped(now: number, due: readonly BatchEntry[]): string | null;
  /** Lets replicas of lower rank act first; says what one of them did, or null when it is this one's turn. */
  standBack?(chain: ChainView, signal: AbortSignal): Promise<string | null>;
  /** Journals what was seen and decided; returns the tick's id. */
  record(record: CycleRecord): number;
  /** Stores the evidence durably, journals the intent, sends, and waits for the outcome within its own limits. */
  submit(plan: BatchPlan, tick: number, signal: AbortSignal): Promise<BatchResult>;
  /** Journals how the tick ended. */
  finish(tick: number, report: CycleReport): void;
};

/**
 * One turn of the keeper: settle, look, think, write down, act. One market's failure never touches another. Nothing is
 * sent in a dry run; everything else is the same.
 */
export async function runCycle(
  ports: Ports,
  markets: readonly MarketParameters[],
  options: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<CycleReport> {
  const { signal } = options;
  if (!options.dryRun) await ports.reconcile(signal);

  // Look: one block for every chain read, one instant for every age.
  const seen = await ports.readChain(markets, signal);
  const observed = await ports.observe(markets, seen, ports.now(), signal);
  const now = ports.now();
  const seenAt = ports.stopwatch?.();

  // Think. What is sent takes the place of what is in flight, so it is decided as if nothing were.
  const look = { now, markets, observed, history: ports.history };
  const first = think({ ...look, chain: seen });
  const chain = first.due.length > 0 ? withoutPending(seen) : seen;
  const { entries, failures, due, packed } = chain === seen ? first : think({ ...look, chain });

  const decidedAt = ports.stopwatch?.();
  const took = seenAt === undefined || decidedAt === undefined ? {} : { decisionMs: decidedAt - seenAt };

  const clock = clockProblem(now, chain.blockTime);
  if (clock !== null) failures.push({ market: "clock", error: clock });

  // Write down, then act: what was seen and decided is on disk before anything is done about it.
  const assessments = entries.map((entry) => entry.assessment);
  const tick = options.dryRun ? null : ports.record({ now, chain, assessments, failures });
  const mayAct = tick !== null && due.length > 0 && ports.stopped(now, due) === null;
  const stoodBack = mayAct ? ((await ports.standBack?.(chain, signal)) ?? null) : null;
  const heldBy = due.length === 0 ? null : options.dryRun ? "dry run" : ports.stopped(ports.now(), due);
  const sequence = chain.sequence + 1n;
  const plan: BatchPlan = { sequence, modelVersion: MODEL_VERSION, now, chain, entries: due, packed };
  const act = mayAct && stoodBack === null && heldBy === null;
  const batch = act ? await ports.submit(plan, tick, signal) : null;

  const { blockNumber, blockTime } = chain;
  const stood = stoodBack === null ? {} : { stoodBack };
  const report: CycleReport = {
    now,
    blockNumber,
    blockTime,
    tick,
    entries,
    failures,
    batch,
    heldBy,
    ...stood,
    ...took,
  };
  if (tick !== null) ports.finish(tick, report);
  return report;
}

type Look = {
  readonly now: number;
  readonly markets: readonly MarketParameters[];
  readonly chain: ChainView;
  readonly observed: ReadonlyMap<string, readonly Observed[]>;
  readonly history: Ports["history"];
};

/** Assesses every market and fits what is due into one batch; markets that fail are named beside those that do not. */
function think({ now, markets, chain, observed, history }: Look) {
  const entries: BatchEntry[] = [];
  const failures: { market: string; error: string }[] = [];
  for (const market of markets) {
    const onChain = chain.markets.get(market.name);
    if (onChain === undefined) {
      failures.push({ market: market.name, error: "not listed on chain" });
      continue;
    }
    try {
      const seen = observed.get(market.name) ?? [];
      const input: AssessInput = { now, market, observed: seen, history: history(market.name, now), onChain };
      entries.push({ input, assessment: assess(input) });
    } catch (error) {
      failures.push({ market: market.name, error: error instanceof Error ? error.message : String(error) });
    }
  }
  const planned = entries.filter((entry) => entry.assessment.decision.action === "submit");
  const { due, packed } = fitDue(planned, now);
  const final = entries.map((entry) => due[planned.indexOf(entry)] ?? entry);
  return { entries: final, failures, due, packed };
}

/** What was decided market by market, as one batch: the same markets with what they share taken into account. */
export function fitDue(planned: readonly BatchEntry[], now: number) {
  const fitted = fitBatch(
    planned.map(({ input: { onChain }, assessment: { decision } }) => ({ onChain, decision })),
    now,
  );
  const due = planned.map(({ input, assessment }, i) => {
    return { input, assessment: { ...assessment, decision: fitted.decisions[i] ?? assessment.decision } };
  });
  return { due, packed: fitted.entries };
}

/** The chain as it stands; the same object when nothing is in flight. */
function withoutPending(chain: ChainView): ChainView {
  if (![...chain.markets.values()].some((market) => market.pending !== null)) return chain;
  const markets = [...chain.markets].map(([name, market]) => [name, { ...market, pending: null }] as const);
  return { ...chain, markets: new Map(markets) };
}

/** Chain and keeper further apart than this cannot both be right, seconds: a node lags, or a clock is wrong. */
const MOST_CLOCK_OFFSET = 120;

/** What is wrong with the two clocks, in words, or null. Ages then fail their limits, which holds; this says why. */
function clockProblem(now: number, blockTime: number): string | null {
  const offset = now - blockTime;
  if (Math.abs(offset) <= MOST_CLOCK_OFFSET) return null;
  const side = offset > 0 ? "ahead of" : "behind";
  return `the keeper's clock is ${Math.abs(offset)} s ${side} the latest block: the node lags or the clock is wrong, and data looks ${offset > 0 ? "stale" : "to come from the future"} until they agree`;
}

import type { BatchEntry, BatchPlan, BatchResult, ChainView, CycleRecord, CycleReport, Look } from "./domain/cycle.ts";
import type { AssessInput, MarketHistory } from "./domain/decision.ts";
import type { Observed } from "./domain/observation.ts";
import type { MarketParameters } from "./domain/parameters.ts";
import { assess, estimatesAt, fitDue, MODEL_VERSION, oneBatch } from "./pipeline.ts";

/** What a cycle needs from outside: everything with a clock, a network or a disk behind it comes through here. */
export type Ports = {
  /** Unix seconds. */
  now(): number;
  /** Milliseconds of a clock that never jumps: measured and reported, never decided by. */
  stopwatch?(): number;
  /** Ends a turn of the event loop: between two markets whatever else waits has its turn. */
  turn?(): Promise<void>;
  /** Settles what earlier cycles left unclear. */
  reconcile(signal: AbortSignal): Promise<void>;
  /** The contract, and every source that the markets name. */
  look(markets: readonly MarketParameters[], signal: AbortSignal): Promise<Pick<Look, "chain" | "observed">>;
  history(market: string, now: number): MarketHistory;
  /** Why `due` may not be sent now, or null. */
  stopped(now: number, due: readonly BatchEntry[]): string | null;
  /** Lets keeper instances of lower rank act first; says what one of them did, or null when it is this one's turn. */
  yieldToLowerRanks?(chain: ChainView, signal: AbortSignal): Promise<string | null>;
  /** Journals what was observed and decided; returns the cycle's id in the journal. */
  record(record: CycleRecord): number;
  /** Stores the evidence durably, journals the intent, sends, and waits for the outcome within its own limits. */
  submit(plan: BatchPlan, tick: number, signal: AbortSignal): Promise<BatchResult>;
  /** Journals how the cycle ended. */
  finish(tick: number, report: CycleReport): void;
};

/**
 * One pass of the keeper: settle, observe, decide, write down, act. One market's failure never touches another. Nothing
 * is sent in a dry run; everything else is the same.
 */
export async function runCycle(
  ports: Ports,
  markets: readonly MarketParameters[],
  options: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<CycleReport> {
  const { dryRun, signal } = options;
  if (!dryRun) await ports.reconcile(signal);

  // Observe: one block for every chain read, one instant for every age.
  const { chain: current, observed } = await ports.look(markets, signal);
  const now = ports.now();
  const observedAt = ports.stopwatch?.();

  // Decide. What is sent takes the place of what is in flight, so it is decided as if nothing were.
  const inFlight = namesInFlight(current);
  const { history, turn } = ports;
  const inputs = { now, markets, observed, history, estimates: estimatesAt(now), inFlight, turn };
  const first = await decideAll({ ...inputs, chain: current });
  const chain = first.due.length > 0 ? withoutPending(current) : current;
  const { entries, failures, due, contractEntries } = chain === current ? first : await decideAll({ ...inputs, chain });

  const decidedAt = ports.stopwatch?.();
  const took = observedAt === undefined || decidedAt === undefined ? {} : { decisionMs: decidedAt - observedAt };
  const clock = clockProblem(now, chain.blockTime);
  if (clock !== null) failures.push({ market: "clock", error: clock });

  // Write down, then act: what was observed and decided is on disk before anything is done about it.
  const assessments = entries.map((entry) => entry.assessment);
  const tick = dryRun ? null : ports.record({ now, chain, assessments, failures });
  const mayAct = tick !== null && due.length > 0 && ports.stopped(now, due) === null;
  const yielded = mayAct ? ((await ports.yieldToLowerRanks?.(chain, signal)) ?? null) : null;
  const heldBy = due.length === 0 ? null : dryRun ? "dry run" : ports.stopped(ports.now(), due);
  const sequence = BigInt(chain.writer.sequence) + 1n;
  const plan: BatchPlan = { sequence, modelVersion: MODEL_VERSION, now, chain, entries: due, contractEntries };
  const act = mayAct && yielded === null && heldBy === null;
  const batch = act ? await ports.submit(plan, tick, signal) : null;

  const { blockNumber, blockTime, baseFee } = chain;
  const report: CycleReport = {
    ...{ now, blockNumber, blockTime, baseFee, tick, entries, failures, batch, heldBy },
    ...(yielded === null ? {} : { yielded }),
    ...took,
  };
  if (tick !== null) ports.finish(tick, report);
  return report;
}

type Inputs = {
  readonly now: number;
  readonly markets: readonly MarketParameters[];
  readonly chain: ChainView;
  readonly observed: ReadonlyMap<string, readonly Observed[]>;
  readonly history: Ports["history"];
  /** Boards and histories read once for all markets. */
  readonly estimates: ReturnType<typeof estimatesAt>;
  /** Names of markets with an update that waits for a block. */
  readonly inFlight: ReadonlySet<string>;
  readonly turn: Ports["turn"];
};

/** Assesses every market and fits what is due into one batch; markets that fail are named beside those that do not. */
async function decideAll({ now, markets, chain, observed, history, estimates, inFlight, turn }: Inputs) {
  const entries: BatchEntry[] = [];
  const failures: { market: string; error: string }[] = [];
  for (const market of markets) {
    const onChain = chain.markets.get(market.name);
    if (onChain === undefined) {
      failures.push({ market: market.name, error: "not listed on chain" });
      continue;
    }
    try {
      const own = observed.get(market.name) ?? [];
      const input: AssessInput = { now, market, observed: own, history: history(market.name, now), onChain };
      entries.push({ input, assessment: assess(input, estimates) });
    } catch (error) {
      failures.push({ market: market.name, error: error instanceof Error ? error.message : String(error) });
    }
    await turn?.();
  }
  const planned = entries.filter((entry) => entry.assessment.decision.action === "submit");
  const { travels, waits } = oneBatch(planned, now, inFlight);
  const { due, contractEntries } = fitDue(travels);
  const decided = new Map([...due, ...waits].map((entry) => [entry.input, entry]));
  return { entries: entries.map((entry) => decided.get(entry.input) ?? entry), failures, due, contractEntries };
}

function namesInFlight({ markets }: ChainView): ReadonlySet<string> {
  return new Set([...markets].filter(([, { pending }]) => pending !== null).map(([name]) => name));
}

/** The chain without what is in flight; the same object when nothing is. */
function withoutPending(chain: ChainView): ChainView {
  if (namesInFlight(chain).size === 0) return chain;
  const markets = [...chain.markets].map(([name, market]) => [name, { ...market, pending: null }] as const);
  return { ...chain, markets: new Map(markets) };
}

/**
 * Returns the port by which a keeper instance lets those of lower rank act first: it waits its rank times a stage, asks
 * after each for the times of the data on chain, and says in words that another has acted as soon as one is newer than
 * what was decided against; null when it is its turn. No lock is taken: of two that act at once with one key the contract
 * refuses one; with two keys the second states the first's numbers again.
 * @param rank 0 never waits
 * @example lowerRanksFirst({ rank: 1, stageMs: 15_000, sleep: monotonicClock.sleep, asOf: readTimes })
 */
export function lowerRanksFirst(parts: {
  readonly rank: number;
  readonly stageMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Time of the data behind each market on chain now, by name, Unix seconds. */
  readonly asOf: (signal: AbortSignal) => Promise<ReadonlyMap<string, number>>;
}): NonNullable<Ports["yieldToLowerRanks"]> {
  return async (chain, signal) => {
    for (let stage = 0; stage < parts.rank; stage++) {
      await parts.sleep(parts.stageMs, signal);
      signal.throwIfAborted();
      const times = await parts.asOf(signal);
      const moved = [...chain.markets].find(([name, { asOf }]) => (times.get(name) ?? 0) > asOf);
      if (moved !== undefined) return `another keeper instance has acted: newer data of ${moved[0]} is on chain`;
    }
    return null;
  };
}

/** Chain and keeper further apart than this cannot both be right, seconds: a node lags, or a clock is wrong. */
const MAX_CLOCK_OFFSET = 120;

/** What is wrong with the two clocks, in words, or null. Ages then fail their limits, which holds; this says why. */
function clockProblem(now: number, blockTime: number): string | null {
  const offset = now - blockTime;
  if (Math.abs(offset) <= MAX_CLOCK_OFFSET) return null;
  const side = offset > 0 ? "ahead of" : "behind";
  return `the keeper's clock is ${Math.abs(offset)} s ${side} the latest block: the node lags or the clock is wrong, and data seems ${offset > 0 ? "stale" : "to come from the future"} until they agree`;
}

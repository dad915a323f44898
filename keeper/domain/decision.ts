import type { ContractLimits, Entry, MarketMode, Writer } from "./contract.ts";
import type { Fault, FaultCode } from "./fault.ts";
import type { Observed } from "./observation.ts";
import type { MarketParameters } from "./parameters.ts";
import type { PriceRise, Quarantined, Readings, Risk } from "./risk.ts";

/** One haircut with every term it was built from. Fractions of value unless named otherwise. */
export type HaircutBreakdown = {
  readonly haircut: number;
  readonly liquidationThreshold: number;
  readonly volatility: number;
  /** k, the expected-shortfall multiple of the tail. */
  readonly tailMultiple: number;
  readonly horizonHours: number;
  /** L, the price loss over the horizon, and which estimator gave it: "student" | "historical" | "riskNeutral". */
  readonly loss: number;
  readonly lossBinding: string;
  /** eps, the oracle error. */
  readonly oracleError: number;
  readonly idiosyncratic: number;
  /** Loss of a claim against what it is a claim on; absent where the market is no claim. */
  readonly depeg?: number;
  readonly bonus: number;
};

/** How much collateral a lender should hold at most, and why. */
export type ExposureLimit = {
  /** USD of collateral, in [0, 1e15]. */
  readonly usd: number;
  /** What sells within the window, USD. */
  readonly sellableUsd: number;
  /** phi, the share of depth left in stress. */
  readonly depthFactor: number;
  /** Share of what the lender holds that falls due in the stress, in [0, 1]. */
  readonly dueShare: number;
  /** The stressed fall, a fraction. */
  readonly fall: number;
};

/** What the model says, before limits and speeds. Haircuts are fractions. */
export type Target = {
  readonly maintenance: number;
  readonly initial: number;
  readonly maintenanceTerms: HaircutBreakdown;
  /** The haircut at today's volatility, which initial is where that is more than maintenance and the gap. */
  readonly initialTerms: HaircutBreakdown;
  /** What initial follows: "market" | "gap" | "rise" | "depeg". */
  readonly initialBinding: string;
  readonly limit: ExposureLimit;
  /** The rise of the price that new loans do not count; absent where they count it in full. */
  readonly rise?: PriceRise;
};

/** State of one market on chain, as read at one block, with what is still in flight. */
export type OnChainMarket = {
  readonly marketId: number;
  /** Effective at the block. */
  readonly initialBps: number;
  readonly maintenanceBps: number;
  /** In force at the block. */
  readonly mode: MarketMode;
  /** When the mode last set lapses, Unix seconds: 0 when none was ever set, NEVER_LAPSES when it does not. */
  readonly modeUntil: number;
  /** Stored. */
  readonly storedInitialBps: number;
  readonly maintenanceTargetBps: number;
  /** The exposure limit and governance's bounds of it, as written (contract.ts). */
  readonly limit: number;
  readonly lowestLimit: number;
  readonly highestLimit: number;
  /** Time of the oldest datum, first second of a whole minute. */
  readonly asOf: number;
  /** Until when governance holds the values by hand, Unix seconds: they only tighten and do not age. 0: never. */
  readonly heldUntil: number;
  /** Confidence and sources of the stored values: confidence in 1/31, and a bitmap of SOURCE_BITS. */
  readonly confidence: number;
  readonly sources: number;
  readonly classId: number;
  /** Moves to another class raise it; an entry made before does not apply. 0: delisted. */
  readonly generation: number;
  /** Loosening of initial used in the budget window of the block. */
  readonly spentBps: number;
  /** Raise of the exposure limit used in that window, notches. */
  readonly raised: number;
  readonly limits: ContractLimits;
  /** Until when a guardian lets nothing loosen in the class, Unix seconds; 0: never. */
  readonly classHeldUntil: number;
  /** The account that sends; the same for all markets. */
  readonly writer: Writer;
  /** A batch already sent and not yet final for this market, or null. */
  readonly pending: Pick<Entry, "initialBps" | "maintenanceTargetBps" | "limit" | "asOf"> | null;
};

/** Volatilities that are remembered for as long as a source may be held; the names of `VolatilityRisk`. */
export const HELD_SOURCES = ["har", "ewma", "longRun", "realised", "transferImplied", "transferRealised"] as const;
type HeldSource = (typeof HELD_SOURCES)[number];

/** What the keeper remembers about a market: point in time, from the journal. */
export type MarketHistory = {
  /** [time, robust-input depth in USD], oldest first, at most 28 days. */
  readonly depth: readonly (readonly [time: number, usd: number])[];
  /** Last volatility from the options surface, for the time a source may be held. */
  readonly lastImplied: { readonly time: number; readonly vol: number } | null;
  /** Last good volatility of each other source that may be held, by name. */
  readonly lastVolatility: readonly (readonly [source: HeldSource, time: number, vol: number])[];
  readonly lastDepth: { readonly time: number; readonly usd: number } | null;
  /** Last time initial rose beyond the daily-rise limit, or null. */
  readonly lastBreaker: number | null;
  /** Last time a loosening was decided, or null. */
  readonly lastLoosening: number | null;
  /** [time, stored initial bps] of the decisions submitted in the last 24 h, oldest first. */
  readonly initials: readonly (readonly [time: number, bps: number])[];
  /** Sources in quarantine after the last cycle; absent where none is. */
  readonly quarantine?: readonly Quarantined[];
  /** [time, USD left after a fall] as seen in the last hour, oldest first; absent where nothing was. */
  readonly shockedDepth?: readonly (readonly [time: number, usd: number])[];
  /** [time, exchange rate], the lowest of each day of the last week, oldest first; absent where nothing was read. */
  readonly rates?: readonly (readonly [time: number, rate: number])[];
};

/** Of a market that the keeper remembers nothing of. */
export const NO_HISTORY: MarketHistory = {
  ...{ depth: [], lastImplied: null, lastVolatility: [], lastDepth: null },
  ...{ lastBreaker: null, lastLoosening: null, initials: [] },
};

/** What is to be written, after speeds, bounds and steps; whole basis points, and the exposure limit as written. */
export type Proposed = {
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly limit: number;
  /** The rule that the exposure limit follows, in words. */
  readonly limitRule: string;
  /** Each adjustment made on the way from target to proposal, in words. */
  readonly adjustments: readonly Adjustment[];
};

export type Adjustment = {
  readonly side: "initial" | "maintenance";
  readonly rule: string;
  readonly fromBps: number;
  readonly toBps: number;
};

/** Reason codes of a decision; `means` is shown to people. */
export const REASONS = {
  TIGHTEN: "risk rose: raise the haircut, or lower the exposure limit, at once",
  TAKE_BACK: "another key has loosened below what this keeper wrote last: back up at once, however little",
  LOOSEN: "risk fell: lower the haircut or raise the exposure limit, within half-life, daily limit and budget",
  STOP_RAMP: "the risk that maintenance was moving towards is gone: it stops where it is",
  HEARTBEAT: "nothing moved, but the value on chain is due for renewal",
  CATCH_UP: "first decision after silence: renew the value on chain",
  DEAD_BAND: "the change is smaller than the dead band",
  COOL_DOWN: "a loosening was made too short a time ago",
  LOW_CONFIDENCE: "loosening needs more confidence in the data than there is",
  NO_AGREEMENT: "loosening needs every source, and all of them in agreement",
  SHORT_HISTORY: "loosening needs a day of depth seen by this keeper",
  BREAKER: "initial rises beyond the daily-rise limit: sent at once, and loosening rests",
  BREAKER_REST: "initial rose beyond the daily-rise limit too short a time ago to loosen",
  TIGHTEN_ONLY: "the writer has tripped, or a guardian holds the class: the contract takes no loosening",
  BUDGET: "the market's loosening budget of this window is spent, or lets only a part of the loosening through",
  AGGREGATE_BUDGET: "the writer's loosening budget of this window is spent, or lets only a part through",
  OVERRIDDEN: "governance holds the values by hand until a time to come: only tightening is written",
  DELISTED: "governance ended the market: nothing is written any more",
  HALTED: "a guardian has halted the key that sends: nothing is written until that lapses",
  IN_FLIGHT: "the same values are already on their way",
  NEXT_BATCH: "so many markets at once share what the writer may loosen: this one goes in a later batch",
  FROZEN_ON_CHAIN: "governance or a guardian froze the market: only tightening is written",
  NO_NEWER_DATA: "the data is not newer, by the minute, than the data on chain",
  NO_DATA: "no usable price or depth: nothing can be said, the chain's own staleness tightens",
  KILL_SWITCH: "a kill switch is set: nothing is sent",
} as const;

export type Reason = keyof typeof REASONS;

export type Decision = {
  readonly action: "hold" | "submit";
  readonly reasons: readonly Reason[];
  /** Values to write; for a hold, what would have been written. */
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  /** Exposure limit as written (contract.ts). */
  readonly limit: number;
  readonly asOf: number;
  /** Confidence in 1/31, rounded down. */
  readonly confidence: number;
  /** Bitmap of SOURCE_BITS. */
  readonly sources: number;
  /** True when initial rises beyond the daily-rise limit. */
  readonly breaker: boolean;
};

/** How one number on chain comes to what the model asks for: a haircut in bps, or an exposure limit as written. */
export type Arrival = {
  /** The rule that it follows now, in words. */
  readonly because: string;
  /** Where it comes to rest, within bounds, gap and dead band; where `at` is null, what the model asks for. */
  readonly value: number;
  /** When it is there at the present speeds, Unix seconds; null: not while what holds it lasts. */
  readonly at: number | null;
};

export type Arrivals = { readonly initial: Arrival; readonly maintenance: Arrival; readonly limit: Arrival };

/** A market that is due, and its state on chain. */
export type DueMarket = { readonly onChain: OnChainMarket; readonly decision: Decision };

/** The decisions of one batch, fitted together, in the order given; and the entries that carry them. */
export type FittedBatch = { readonly decisions: readonly Decision[]; readonly entries: readonly Entry[] };

/** The whole chain of reasoning about one market at one moment. */
export type Assessment = {
  readonly market: string;
  readonly now: number;
  readonly readings: Readings;
  readonly risk: Risk;
  readonly target: Target;
  readonly proposed: Proposed;
  readonly decision: Decision;
};

/** Everything one decision rests on. Plain data: stored as evidence, it gives the same decision anywhere, any time. */
export type AssessInput = {
  /** Unix seconds. */
  readonly now: number;
  readonly market: MarketParameters;
  readonly observed: readonly Observed[];
  readonly history: MarketHistory;
  readonly onChain: OnChainMarket;
};

/** How far the data of one market can be trusted, best first; none of them but NORMAL lets a haircut loosen. */
export const DATA_STATES = {
  NORMAL: "every source answered and was believed",
  DEGRADED: "a source is missing or at odds with the others, or confidence is low",
  STALE: "a source's data is old, does not move or is dated ahead of now",
  HALTED: "no usable price or depth: nothing is written",
} as const;
export type DataState = keyof typeof DATA_STATES;

/** Below this nothing loosens, unless governance asks for more; a fraction. */
const LEAST_CONFIDENCE = 0.8;

const OF_TIME: readonly FaultCode[] = ["STALE", "FROZEN", "FUTURE"];

/**
 * Returns the state of a market's data in one cycle, the worst that holds. Faults of single records (with a `count`) cost
 * confidence and no more; one that costs a whole answer is a source that is missing.
 * @example dataState(calm) // "NORMAL"
 */
export function dataState({ readings, risk, decision }: Pick<Assessment, "readings" | "risk" | "decision">): DataState {
  if (decision.reasons.includes("NO_DATA")) return "HALTED";
  const whole: readonly Fault[] = [...readings.faults, ...risk.faults].filter(({ count }) => count === undefined);
  if (whole.some(({ code }) => OF_TIME.includes(code))) return "STALE";
  return whole.length > 0 || risk.confidence < LEAST_CONFIDENCE ? "DEGRADED" : "NORMAL";
}

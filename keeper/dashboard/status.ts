import type { Arrival, Arrivals, Assessment, DataState, OnChainMarket } from "../domain/decision.ts";
import type { IntentStatus } from "../domain/intent.ts";
import type { LenderState } from "../domain/lender.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { MarketBook, PositionSums } from "../domain/position.ts";
import type { Headline, Operations } from "./operations.ts";

/**
 * What the status page and `tonsor status` show. Every field is documented with its unit in JSON.md beside this file
 * and served unchanged at `/api/status`. Times are Unix seconds *by the keeper's clock*: in a replay that is the
 * replay's clock, not the wall's. Haircuts are basis points, volatilities and confidences fractions, money USD.
 */

/** One additive part of a haircut. */
type WaterfallStep = {
  /** What the part is, in words, e.g. "price loss over the horizon". */
  readonly label: string;
  /** Basis points it adds; the steps sum exactly to `totalBps`. */
  readonly bps: number;
  /** Where it comes from, with numbers and units. */
  readonly origin: string;
};

export type Waterfall = { readonly steps: readonly WaterfallStep[]; readonly totalBps: number };

type Waterfalls = { readonly maintenance: Waterfall; readonly initial: Waterfall };

/** All that is known about one market after one cycle: what `explain` prints and the page draws. */
export type Explanation = {
  readonly assessment: Assessment;
  readonly waterfalls: Waterfalls;
  /** The market on chain as read in the same cycle; null before it is listed. */
  readonly onChain: OnChainMarket | null;
  /** When each number on chain meets what the model asks for. */
  readonly arrivals: Arrivals;
  /** Governance's numbers behind it, for the questions that only `explain` asks. */
  readonly model: ModelParameters;
  /** What its positions came to in that look; absent: nobody asked. */
  readonly positions?: PositionSums;
};

/** Where an explanation comes from that is made again from stored evidence, and what was recorded then. */
export type ExplainedEvidence = {
  readonly hash: string;
  readonly modelVersion: number;
  readonly recorded: { readonly initialBps: number; readonly maintenanceTargetBps: number; readonly limit: number };
  /** What the present code makes of it, as `recompute` says. */
  readonly cause: "same" | "version" | "parameters" | "unexplained";
};

/** Health of one source of one market. */
export type SourceHealth = {
  /** e.g. "deribit:ETH:options". */
  readonly source: string;
  /** "options" | "index" | "history" | "transfer" | "pool" | "feed" | "book" | "other". */
  readonly role: string;
  /** Age by the venue's own event time; null when nothing was accepted. */
  readonly ageSeconds: number | null;
  /** "ok": accepted; "degraded": accepted with faults; "down": nothing accepted. */
  readonly state: "ok" | "degraded" | "down";
  /** Whether a number rests on it now; else it only checks the others. */
  readonly used: boolean;
  readonly faults: readonly { readonly code: string; readonly detail: string; readonly count: number | null }[];
};

type HaircutPair = { readonly initialBps: number; readonly maintenanceBps: number };

/** The exposure limit as model and policy have it, beside the one on chain. */
export type LimitStatus = {
  /** What the model asks for: USD of collateral, and whole tokens at the price now; null without a price. */
  readonly targetUsd: number;
  readonly targetTokens: number | null;
  /** What sells within the window, USD, and the window. */
  readonly sellableUsd: number;
  readonly windowHours: number;
  /** Share of depth left in stress. */
  readonly depthFactor: number;
  /** Share of what a lender holds that falls due when the price falls by `fall`, fractions. */
  readonly dueShare: number;
  readonly fall: number;
  /** After governance's bounds and the pace of a rise, whole tokens, and the rule that it follows, in words. */
  readonly proposedTokens: number;
  readonly rule: string;
};

/** How one number on chain comes to what the model asks for: `value` in bp, or in whole tokens. */
export type ArrivalStatus = Arrival & {
  /** Whether it is there. */
  readonly isAtRest: boolean;
  /** All of it as a sentence, from what is on chain now. */
  readonly words: string;
};

/** Where maintenance will be if nothing else is written: its way to the target on chain. Haircuts in bp. */
export type RampStatus = {
  readonly fromBps: number;
  readonly toBps: number;
  readonly bpsPer30Days: number;
  /** In order of time; the last is the end. */
  readonly steps: readonly { readonly time: number; readonly maintenanceBps: number }[];
};

/** One market as a snapshot has it. */
export type ListedMarket = MarketStatus & { readonly positions: PositionsStatus };

/** What positions the keeper knows of a market; the figures are null where it knows nothing, and `why` says so. */
export type PositionsStatus = {
  /** When its update was weighed against them, Unix seconds. */
  readonly time: number | null;
  /** Collateral in tokens at the price of that moment, and debt, USD. */
  readonly collateralTokens: number | null;
  readonly debtUsd: number | null;
  /** Debt that is liquidatable, or will be by the end of the ramp that the update asked for, USD. */
  readonly atRiskUsd: number | null;
  /** What the books of its lenders show; null where the record names none. */
  readonly book: MarketBook | null;
  readonly why: string | null;
};

/** A market after its last cycle. */
export type MarketStatus = {
  readonly market: string;
  readonly time: number;
  readonly asOf: number;
  readonly priceUsd: number | null;
  /** Today's volatility, which initial follows, a fraction a year, and its parts; null where the source had nothing to say. */
  readonly volatility: {
    readonly used: number;
    readonly implied: number | null;
    readonly riskNeutral: number | null;
    readonly index: number | null;
    readonly har: number | null;
    readonly ewma: number | null;
    readonly longRun: number | null;
    readonly level: string;
    readonly binding: string;
  };
  readonly depthUsd: number;
  readonly confidence: number;
  /** NORMAL, DEGRADED, STALE or HALTED. */
  readonly dataState: DataState;
  readonly target: HaircutPair;
  readonly exposureLimit: LimitStatus;
  /** Null before the market is listed. */
  readonly arrivals: {
    readonly initial: ArrivalStatus;
    readonly maintenance: ArrivalStatus;
    readonly exposureLimit: ArrivalStatus;
  } | null;
  readonly onChain:
    | (HaircutPair & {
        readonly maintenanceTargetBps: number;
        readonly mode: string;
        /** When a guardian's or a challenge's mode lapses; null when nothing lapses. */
        readonly modeUntil: number | null;
        readonly classId: number;
        /** Most collateral, in whole tokens, that a lender should hold. */
        readonly exposureLimitTokens: number;
        /** Loosening it has used in this budget window, and whether the contract takes no loosening of the writer or in the class. */
        readonly spentBps: number;
        readonly tightenOnly: boolean;
        /** Between what governance lets each number stand. */
        readonly bounds: {
          readonly minInitialBps: number;
          readonly maxInitialBps: number;
          readonly minMaintenanceBps: number;
          readonly maxMaintenanceBps: number;
          readonly lowestLimitTokens: number;
          readonly highestLimitTokens: number;
        };
        /** Null where maintenance is at its target. */
        readonly ramp: RampStatus | null;
        readonly asOf: number;
        /** From when the contract lets it age: `asOf`, or the end of governance's hold. */
        readonly agesFrom: number;
        readonly ttlSeconds: number;
        readonly stale: boolean;
      })
    | null;
  readonly decision: {
    readonly action: "hold" | "submit";
    readonly reasons: readonly { readonly code: string; readonly means: string }[];
  };
  readonly waterfalls: Waterfalls;
  readonly sources: readonly SourceHealth[];
};

/** How the promise behind one haircut of one market was kept, over horizons that do not overlap. */
export type CalibrationStatus = {
  readonly market: string;
  readonly haircut: "initial" | "maintenance";
  readonly windows: number;
  readonly exceeded: number;
  /** Share that was promised. */
  readonly promised: number;
  /** Over what breaks the promise: from 1 on it is broken. */
  readonly evidence: number;
};

/** How one lender that takes a market's numbers stands to them. */
export type LenderStatus = Omit<LenderState, "tried"> & {
  /** The state in words, with what was said beside it. */
  readonly words: string;
};

export type TransactionStatus = {
  /** Time of the decision behind it. */
  readonly time: number;
  readonly sequence: number;
  readonly markets: readonly string[];
  readonly hash: string;
  readonly status: IntentStatus;
  /** keccak256 of the evidence bundle; `/evidence/<hash>` serves it. */
  readonly evidenceHash: string;
};

export type StatusSnapshot = {
  readonly time: number;
  readonly keeper: Omit<Headline, "state"> & {
    readonly state: Headline["state"] | "finished" | "stopped";
    readonly cycles: number;
    /** Time of the last completed cycle, null before the first. */
    readonly lastCycle: number | null;
  };
  /** Which data is played or read. */
  readonly data: { readonly kind: "recorded" | "generated" | "replay" | "live"; readonly label: string };
  /** Present in a replay: the span and how fast it runs (replay seconds per wall second). */
  readonly replay: {
    readonly from: number;
    readonly to: number;
    readonly clock: number;
    readonly speed: number;
  } | null;
  readonly chain: {
    readonly chainId: number;
    readonly contract: string;
    /** Address of a block explorer of that chain, without a slash at its end; null where none is known. */
    readonly explorer: string | null;
  } | null;
  readonly markets: readonly ListedMarket[];
  readonly calibration: readonly CalibrationStatus[];
  /** Empty where the record names no lender that the keeper drives. */
  readonly lenders: readonly LenderStatus[];
  /** Newest first. */
  readonly transactions: readonly TransactionStatus[];
};

/** One decision of one market on the charts. Haircuts in bps, volatility a fraction a year, price USD. */
export type SeriesPoint = {
  readonly time: number;
  readonly priceUsd: number | null;
  readonly volatility: number;
  readonly targetInitialBps: number;
  readonly targetMaintenanceBps: number;
  readonly onChainInitialBps: number | null;
  readonly onChainMaintenanceBps: number | null;
  /** Whole tokens: what the model asks for, null without a price; and on chain. */
  readonly targetExposureLimitTokens: number | null;
  readonly onChainExposureLimitTokens: number | null;
};

/** Something that happened to a market, or to the keeper and so to all of them. */
export type TimelineEvent = {
  readonly time: number;
  readonly kind: "batch" | "mode" | "trip" | "halt" | "stale" | "data" | "listing" | "keeper";
  readonly tone: "plain" | "good" | "warning" | "bad";
  readonly words: string;
  /** Of a batch: its transaction. */
  readonly hash: string | null;
};

/** What the page reads; the composition root implements it over the journal and the last cycle. */
export type DashboardData = {
  snapshot(): StatusSnapshot;
  /** Points of a market, oldest first, later than `since` when given; empty for an unknown market. */
  series(market: string, since?: number): readonly SeriesPoint[];
  /** The newest events of a market, oldest first; empty for an unknown market. */
  events(market: string): readonly TimelineEvent[];
  /** Absent where no keeper runs by itself, as in the demonstration. */
  readonly operations?: Operations;
  /** Bytes of the evidence with that hash, or of the part with that name; or null. */
  evidence(name: string): Promise<Uint8Array | null>;
};

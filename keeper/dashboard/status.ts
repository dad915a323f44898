import type { z } from "zod";
import type { ChainView } from "../domain/cycle.ts";
import type { Arrivals, Assessment, OnChainMarket } from "../domain/decision.ts";
import type { ModelParameters } from "../domain/parameters.ts";
import type { AccountNotice, PositionSums } from "../domain/position.ts";
import type * as of from "./marketSchema.ts";
import type { Operations } from "./operations.ts";
import type * as is from "./schemas.ts";

/** What the status page and `tonsor status` show: the types of what schemas.ts says field by field. */

export type SourceHealth = z.infer<typeof of.sourceSchema>;
export type LimitStatus = z.infer<typeof of.limitSchema>;
export type ArrivalStatus = z.infer<ReturnType<typeof of.arrivalSchema>>;
export type RampStatus = NonNullable<z.infer<typeof of.rampSchema>>;
export type PositionsStatus = z.infer<typeof of.positionsSchema>;
/** A market after its last cycle, and as a snapshot has it. */
export type MarketStatus = z.infer<typeof of.marketSchema>;
export type ListedMarket = z.infer<typeof of.listedSchema>;
/** How the promise behind one haircut of one market was kept, over horizons that do not overlap. */
export type CalibrationStatus = z.infer<typeof is.calibrationSchema>;
/** How one lender that takes a market's numbers stands to them. */
export type LenderStatus = z.infer<typeof is.lenderSchema>;
export type TransactionStatus = z.infer<typeof is.transactionSchema>;
export type StatusSnapshot = z.infer<typeof is.snapshotSchema>;
/** One decision of one market on the charts. */
export type SeriesPoint = z.infer<typeof is.pointSchema>;
/** Something that happened to a market, or to the keeper and so to all of them. */
export type TimelineEvent = z.infer<typeof is.eventSchema>;
export type Waterfall = z.infer<typeof of.waterfallSchema>;

/** All that is known about one market after one cycle: what `explain` prints and the page draws. */
export type Explanation = {
  readonly assessment: Assessment;
  readonly waterfalls: MarketStatus["waterfalls"];
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

/** What the page reads; the composition root implements it over the journal and the last cycle. */
export type DashboardData = {
  snapshot(): StatusSnapshot;
  /** Points of a market, oldest first, later than `since` when given; empty for an unknown market. */
  series(market: string, since?: number): readonly SeriesPoint[];
  /** The newest events of a market, oldest first; empty for an unknown market. */
  events(market: string): readonly TimelineEvent[];
  /** Absent where no keeper runs by itself, as in the demonstration. */
  readonly operations?: Operations;
  /** The contract as last read, and what an account has to expect; null before. Absent where no keeper reads a chain. */
  readonly notice?: { chain(): ChainView | null; of(account: string): AccountNotice | null };
  /** Bytes of the evidence with that hash, or of the part with that name; or null. */
  evidence(name: string): Promise<Uint8Array | null>;
};

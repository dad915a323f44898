import type { PublicClient } from "viem";
import type { CycleReport } from "../domain/cycle.ts";
import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import { simulateAgentCalls } from "../protocols/agentCalls.ts";
import type { LenderReader } from "../protocols/lenderReader.ts";
import type { ChainReader } from "../protocols/readMarkets.ts";
import type { SendContext } from "./context.ts";
import { type LenderParts, type LendersSeen, lendersAsSeen, syncLenders } from "./syncLenders.ts";

/** A keeper instance leaves a lender that differs to those of lower rank for so long, each, seconds: two cycles. */
const SECONDS_PER_RANK = 120;

/** The lenders as a keeper drives them. */
type LenderDrive = {
  /** Reads them at a block, with a cycle's other reads. */
  readonly read: LenderReader;
  /** Keeps what a cycle saw. */
  saw(seen: LendersSeen): void;
  /** The report with how they stand by that; nothing is sent. */
  asSeen(report: CycleReport): CycleReport;
  /** Brings up those that differ, after all else of a cycle; `stopped`: why nothing may be sent, or null. */
  sync(report: CycleReport, stopped: string | null, context: SendContext): Promise<CycleReport>;
};

/** Wires the lenders that a record names; none: nothing is read, and a report stays as it is. */
export function lenderDrive(
  parts: Pick<LenderParts, "store" | "now"> & {
    readonly client: PublicClient;
    readonly chain: ChainReader;
    readonly lenders: LenderReader;
    readonly markets: readonly MarketParameters[];
    readonly rank: number;
  },
): LenderDrive {
  const { client, chain, lenders, markets, rank } = parts;
  let seen: LendersSeen | null = null;
  const drive: LenderParts = {
    store: parts.store,
    now: parts.now,
    patienceSeconds: rank * SECONDS_PER_RANK,
    async read(signal) {
      const view = await chain.read(markets, "latest", signal);
      return { chain: view, lenders: await lenders(view.blockNumber, signal) };
    },
    simulate: (calls, from) => simulateAgentCalls(client, calls, from),
  };
  return {
    read: lenders,
    saw: (now) => {
      seen = now;
    },
    asSeen: (report) => (isEmpty(seen) ? report : { ...report, lenders: lendersAsSeen(seen, drive) }),
    async sync(report, stopped, context) {
      if (isEmpty(seen) || report.tick === null) return report;
      const low = report.failures.find(({ market }) => market === "signer")?.error ?? null;
      try {
        const states = await syncLenders(seen, { tick: report.tick, held: stopped ?? low }, drive, context);
        return { ...report, lenders: states };
      } catch (error) {
        if (!(error instanceof TonsorError)) throw error;
        const failures = [...report.failures, { market: "lenders", error: error.message }];
        return { ...report, failures, lenders: parts.store.lenderStates() };
      }
    },
  };
}

function isEmpty(seen: LendersSeen | null): seen is null {
  return seen === null || seen.lenders.length === 0;
}

import type { Hex } from "./contract.ts";
import { shortPercent, tokens } from "./format.ts";

/** How a lender stands to a market's numbers, each in words. */
export const LENDER_STATES = {
  AGREES: { means: "has what its agent would set", differs: false },
  STEPPING: { means: "its threshold walks there by the agent's steps", differs: false },
  DUE: { means: "differs, and a transaction is due", differs: true },
  WAITS: { means: "drifted since it was last brought up, which is done once an hour", differs: true },
  FROZEN: { means: "the lender froze or paused the reserve: what loosens is not set, or waits there", differs: true },
  CLOSED_BY_OTHERS: {
    means: "its own admin set the LTV to 0, and it stays so until that admin sets another",
    differs: true,
  },
  NOT_COLLATERAL: { means: "the reserve is no collateral there: its threshold is 0", differs: true },
  POOL_REPLACED: { means: "its provider names another pool than the record", differs: true },
  UNREADABLE: { means: "a view fails, or its answer makes no sense", differs: true },
  REFUSED: { means: "it refuses the change", differs: true },
} as const;

type LenderStateName = keyof typeof LENDER_STATES;

/**
 * LTV and liquidation threshold in bp, in Aave v4 the collateral factor of new loans as both; supply cap in whole tokens, null:
 * none.
 */
export type LenderNumbers = {
  readonly ltvBps: number;
  readonly thresholdBps: number;
  readonly supplyCap: number | null;
};

/** One market of one lender as its contracts answer at a block. */
export type LenderReading = {
  readonly lender: string;
  readonly market: string;
  readonly agent: Hex;
  readonly asset: Hex;
  /** What the lender has, its bonus in bp (10 500: 5 %), and whether it froze the reserve; null when it cannot be read. */
  readonly has: (LenderNumbers & { readonly bonusBps: number; readonly frozen: boolean }) | null;
  /** What the agent would set, and whether that is a change; null: refused or unreadable. */
  readonly collateral: { readonly ltvBps: number; readonly thresholdBps: number; readonly changes: boolean } | null;
  readonly cap: { readonly supplyCap: number; readonly changes: boolean } | null;
  /** Older configurations of Aave v4, by their numbers, at which a step or a note is due; those that were looked at. */
  readonly due: readonly number[];
  /** From when the threshold may take its next step, Unix seconds, the least time between two, and the most of one, bp. */
  readonly stepFrom: number;
  readonly stepSeconds: number;
  readonly stepBps: number;
  /** What is wrong with it. */
  readonly fault: { readonly state: LenderStateName; readonly detail: string } | null;
};

/** What is known of one market of one lender after a cycle; kept in the journal. */
export type LenderState = {
  readonly lender: string;
  readonly market: string;
  readonly state: LenderStateName;
  readonly has: LenderNumbers | null;
  /** What the contract says: 1 - initial, 1 - maintenance, the exposure limit. */
  readonly says: LenderNumbers | null;
  /** Since when it differs, Unix seconds; null while it does not. */
  readonly since: number | null;
  /** When the threshold may take its next step, or the next transaction is tried; null: nothing waits for a time. */
  readonly nextAt: number | null;
  readonly detail: string | null;
  /**
   * The last transaction in a block, or refusal of one: when, at which numbers of the contract, the LTV that the agent would
   * set then (null: it did not say), and whether it was refused.
   */
  readonly tried: {
    readonly at: number;
    readonly numbers: string;
    readonly ltvBps: number | null;
    readonly refused: string | null;
  } | null;
};

/**
 * The three numbers of a lender in a few words.
 * @example lenderNumbers({ ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000 }) // "LTV 74 %, threshold 81 %, cap 12,000"
 */
export function lenderNumbers({ ltvBps, thresholdBps, supplyCap }: LenderNumbers): string {
  const cap = supplyCap === null ? "no cap" : `cap ${tokens(supplyCap)}`;
  return `LTV ${shortPercent(ltvBps / 10_000)}, threshold ${shortPercent(thresholdBps / 10_000)}, ${cap}`;
}

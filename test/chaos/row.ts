import type { ChaosWorld } from "./support/chaosWorld.ts";

/** What a fault cost: all counts are to be 0; null is what the row cannot count, printed as such and never as 0. */
export type Ledger = {
  /** Positions opened at the edge of initial that maintenance reaches at the price they were opened at. */
  readonly liquidations: number | null;
  /** Transactions of a journal with no known end, or effects on chain that no journal has. */
  readonly lost: number | null;
  /** Data written to the chain twice, other than to tighten. */
  readonly doubled: number | null;
  /** Updates that lowered a haircut while the data were bad; null where they were good throughout. */
  readonly loosened: number | null;
  /** The keeper went on by itself after the fault. */
  readonly recovered: boolean;
};

/** One thing that was measured against its mark. */
export type Finding = { readonly what: string; readonly value: string; readonly mark: string; readonly met: boolean };

export type RowResult = { readonly ledger: Ledger; readonly findings: readonly Finding[] };

type RowContext = {
  readonly seed: number;
  /** The next number in [0, 1) of the row's own sequence. */
  readonly random: () => number;
  /** The short form for the gate, or everything. */
  readonly short: boolean;
  /** Replica, contract and venue, shared by the rows and brought up by the first that asks. */
  readonly world: () => Promise<ChaosWorld>;
  readonly note: (text: string) => void;
};

/** One fault of the table in `registry.ts`. */
export type ChaosRow = {
  readonly fault: string;
  readonly mark: string;
  /** Part of the gate, in its short form. */
  readonly gate: boolean;
  /** Why it cannot run on this machine, or false. */
  readonly without?: () => string | false;
  run(context: RowContext): Promise<RowResult>;
};

/** A row that looks at no chain counts nothing there. */
export const NOT_COUNTED = { liquidations: null, lost: null, doubled: null, loosened: null } as const;

/** A finding of two numbers. @example atMost("log lines", 12, 100) */
export function atMost(what: string, value: number, most: number, unit = ""): Finding {
  return { what, value: `${round(value)}${unit}`, mark: `<= ${most}${unit}`, met: value <= most };
}

/** A finding that either holds or does not. */
export function holds(what: string, met: boolean, value = met ? "yes" : "no"): Finding {
  return { what, value, mark: "yes", met };
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

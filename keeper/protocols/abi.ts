import { parseAbi } from "viem";
import { SKIP_REASONS, type SkipReason } from "../domain/contract.ts";
import { PARAMETERS_ABI } from "./parametersAbi.ts";

/** The contract's interface as a typed constant, so that the keeper runs without compiled artifacts. */
export const COLLATERAL_PARAMETERS_ABI = parseAbi(PARAMETERS_ABI);

/** What each reason to skip a market means; `given` and `allowed` are in the unit named. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  NONE: "the market would be applied",
  UNKNOWN_MARKET: "no market of that id is listed",
  WRONG_GENERATION: "made before governance moved the market to another class",
  ASOF_IN_FUTURE: "the data is from after the block, minutes of the contract's calendar",
  ASOF_TOO_OLD: "the data is older than the market takes, minutes of the contract's calendar",
  TOO_LOOSE: "one of the three numbers is looser than governance's bounds",
  TOO_TIGHT: "one of the three numbers is tighter than governance's bounds",
  GAP_TOO_SMALL: "initial too close to maintenance, bps",
  ASOF_NOT_INCREASING: "the data is not newer than what is on chain, minutes of the contract's calendar",
  HELD: "governance holds the values by hand, minutes of the contract's calendar",
  TIGHTEN_ONLY: "loosening by a writer that has tripped, or in a class that a guardian holds",
  STEP_TOO_LARGE: "looser than one step or the market's budget of this window reaches",
  AGGREGATE_SPENT: "loosening by more than the writer has left in this window, bps",
  PROBE_REFUSED: "the market's health check (`probe`) does not let it loosen, bps",
};

/** Name of a skip reason by its number on chain. */
export function skipReasonName(reason: number): string {
  return SKIP_REASONS[reason] ?? `UNKNOWN_REASON_${reason}`;
}

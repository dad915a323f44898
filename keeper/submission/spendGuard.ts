import { HOUR_SECONDS } from "../domain/calendar.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import { larger } from "./fees.ts";

/** What may be spent on fees, wei. */
export type SpendLimits = { readonly perHour: bigint; readonly perDay: bigint };

/** One transaction that is about to be signed. */
type Expense = {
  readonly from: Intent["from"];
  readonly nonce: number;
  /** The most it can cost: gas limit times highest fee, wei. */
  readonly most: bigint;
  readonly tightens: boolean;
};

/**
 * Throws SPEND_BUDGET unless an expense fits what is left of the hour's and the day's budget: what was paid in blocks
 * since, by the journal, and the most that what is open at other nonces can cost. Rivals at its own nonce do not count:
 * only one of them is ever paid. What does not tighten may use half of each budget, so that a tightening finds room.
 * @example assertBudget({ from, nonce: 3, most: 5n, tightens: true }, { perHour: 10n, perDay: 20n }, journal, now)
 */
export function assertBudget(expense: Expense, limits: SpendLimits, journal: Journal, now: number): void {
  const { from, nonce, most, tightens } = expense;
  const others = Map.groupBy(
    journal.openIntents().filter((one) => one.nonce !== nonce),
    (one) => one.nonce,
  );
  const committed = [...others.values()].reduce((sum, rivals) => sum + mostOf(rivals), 0n);
  for (const [window, seconds, limit] of [
    ["hour", HOUR_SECONDS, limits.perHour],
    ["day", 24 * HOUR_SECONDS, limits.perDay],
  ] as const) {
    const allowed = tightens ? limit : limit / 2n;
    const total = journal.spentSince(from, now - seconds) + committed + most;
    if (total <= allowed) continue;
    const share = tightens ? "" : ", half of it for what does not tighten";
    throw new TonsorError("SPEND_BUDGET", `fees of this ${window} would exceed their budget, wei`, {
      given: total,
      expected: `<= ${allowed} (fees.${window === "hour" ? "hourly" : "daily"}BudgetEther${share})`,
    });
  }
}

function mostOf(rivals: readonly Intent[]): bigint {
  return rivals.reduce((most, { gasLimit, maxFeePerGas }) => {
    return larger(most, gasLimit * maxFeePerGas);
  }, 0n);
}

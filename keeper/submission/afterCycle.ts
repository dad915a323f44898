import type { CycleReport } from "../domain/cycle.ts";
import { TonsorError } from "../domain/errors.ts";
import type { SendContext } from "./context.ts";
import { lowFunds } from "./fees.ts";
import { manageOpen } from "./manage.ts";
import { type RehearsalParts, rehearse } from "./rehearse.ts";
import { currentNumbers } from "./submit.ts";

/**
 * The report of a cycle with what is said of a low balance, what was done about open transactions when nothing was sent,
 * and whether the next tightening could be sent.
 * @param stopped whether a kill switch is set: nothing open is touched then
 */
export async function afterCycle(
  report: CycleReport,
  parts: RehearsalParts & { readonly warnBelowBatches: number; readonly stopped: boolean },
  context: SendContext,
): Promise<CycleReport> {
  const mayManage = report.batch === null && !parts.stopped;
  const { nonceUnclear, ...open } = mayManage ? await manage(report, context) : ({} as Managed);
  const unclear = report.batch?.code === "NONCE_UNCLEAR" ? report.batch.detail : nonceUnclear;
  // Both want the balance: it is asked for once, in the turn in which everything else is.
  const { address } = context.account;
  const balance = context.broadcaster.balance(address);
  const asked = { ...context, broadcaster: { ...context.broadcaster, balance: () => balance } };
  const [low, obstacles] = await Promise.all([
    lowFunds(address, parts.warnBelowBatches, { ...asked, baseFee: report.baseFee }),
    rehearse(report, parts, asked),
  ]);
  const failures = low === null ? report.failures : [...report.failures, { market: "signer", error: low }];
  // What was said to the batch itself counts also where the node has said otherwise since.
  const said = unclear === undefined || obstacles.some(({ cause }) => cause === "nonce");
  const found = said ? obstacles : [...obstacles, { cause: "nonce", detail: unclear } as const];
  return { ...report, failures, ...open, obstacles: found };
}

type Managed = { readonly openTransaction?: string; readonly nonceUnclear?: string };

async function manage({ entries }: CycleReport, context: SendContext): Promise<Managed> {
  try {
    const openTransaction = await manageOpen(
      entries.map(({ input }) => currentNumbers(input.onChain)),
      context,
    );
    return openTransaction === null ? {} : { openTransaction };
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    const unclear = error.code === "NONCE_UNCLEAR" ? { nonceUnclear: error.message } : {};
    return { openTransaction: error.message, ...unclear };
  }
}

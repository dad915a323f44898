import { minuteOf } from "../domain/calendar.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import type { DueMarket } from "../domain/decision.ts";

/**
 * Markets in one batch that loosen initial, at most. All of a contract fit by gas and bytes (512 take 4.1 million gas and 7 kB),
 * but those share what the writer has left, in whole basis points: among too many nobody's share is one.
 */
const MOST_LOOSENING = 32;

/**
 * The markets that travel in the next batch, and the others held back for a later one, all in the order given. Only loosening
 * waits: whatever tightens, is in flight (so that a replacement keeps what it replaces) or moves nothing travels. Among those
 * that loosen the turn moves by one market a minute, so that none that is refused each time keeps others waiting for ever.
 * @param now Unix seconds
 * @param inFlight names of markets with an update that waits for a block
 * @example oneBatch(planned, NOW, new Set(), 1) // of two loosenings and two tightenings, both tightenings and one of the others
 */
export function oneBatch(
  planned: readonly BatchEntry[],
  now: number,
  inFlight: ReadonlySet<string>,
  most = MOST_LOOSENING,
): { readonly travels: readonly BatchEntry[]; readonly waits: readonly BatchEntry[] } {
  const loosening = planned.filter(({ input: { market, onChain }, assessment: { decision } }) => {
    return !inFlight.has(market.name) && loosensOnly({ onChain, decision });
  });
  const turn = minuteOf(now) % loosening.length;
  const inTurn = [...loosening.slice(turn), ...loosening.slice(0, turn)];
  const late = new Set(inTurn.slice(most));
  return {
    travels: planned.filter((entry) => !late.has(entry)),
    waits: planned.filter((entry) => late.has(entry)).map(waiting),
  };
}

/** Whether it loosens initial and tightens nothing. */
function loosensOnly({ onChain, decision }: DueMarket): boolean {
  const { initialBps, maintenanceTargetBps, limit } = decision;
  if (maintenanceTargetBps > onChain.maintenanceTargetBps || limit < onChain.limit) return false;
  return initialBps < onChain.storedInitialBps;
}

/** Held, so that the journal counts no loosening that was not sent. */
function waiting({ input, assessment }: BatchEntry): BatchEntry {
  const { decision } = assessment;
  const held = { ...decision, action: "hold", reasons: ["NEXT_BATCH", ...decision.reasons] } as const;
  return { input, assessment: { ...assessment, decision: held } };
}

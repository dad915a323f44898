import { minuteOf } from "../domain/calendar.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import type { DueMarket } from "../domain/decision.ts";

/**
 * Markets in one batch, at most. Writing its evidence sets it, not gas (0.3 MG for so many): 22 MiB in the recorded
 * markets, which fits into the service's heap of 160 MB; with four times as many the keeper crashed before it sent.
 */
const MOST_MARKETS = 32;

/**
 * The markets that travel in the next batch, and the others held back for a later one, all in the order given. First
 * travels what is in flight, so that a batch of other markets never takes its place; then what tightens; then the rest.
 * Among equals the turn moves by one market a minute, so that none that is refused each time keeps others waiting for ever.
 * @param now Unix seconds
 * @param inFlight names of markets with an update that waits for a block
 * @example oneBatch(planned, NOW, new Set(), 2) // of a loosening and two tightenings, both tightenings
 */
export function oneBatch(
  planned: readonly BatchEntry[],
  now: number,
  inFlight: ReadonlySet<string>,
  most = MOST_MARKETS,
): { readonly travels: readonly BatchEntry[]; readonly waits: readonly BatchEntry[] } {
  if (planned.length <= most) return { travels: planned, waits: [] };
  const rank = ({ input: { market, onChain }, assessment: { decision } }: BatchEntry) =>
    inFlight.has(market.name) ? 0 : tightens({ onChain, decision }) ? 1 : 2;
  const turn = minuteOf(now) % planned.length;
  const inTurn = [...planned.slice(turn), ...planned.slice(0, turn)];
  const first = new Set(inTurn.toSorted((a, b) => rank(a) - rank(b)).slice(0, most));
  const waits = planned.filter((entry) => !first.has(entry)).map(waiting);
  return { travels: planned.filter((entry) => first.has(entry)), waits };
}

function tightens({ onChain, decision }: DueMarket): boolean {
  const { initialBps, maintenanceTargetBps, limit } = decision;
  const isRaised = initialBps > onChain.storedInitialBps || maintenanceTargetBps > onChain.maintenanceTargetBps;
  return isRaised || limit < onChain.limit;
}

/** Held, so that the journal counts no loosening that was not sent. */
function waiting({ input, assessment }: BatchEntry): BatchEntry {
  const { decision } = assessment;
  const held = { ...decision, action: "hold", reasons: ["NEXT_BATCH", ...decision.reasons] } as const;
  return { input, assessment: { ...assessment, decision: held } };
}

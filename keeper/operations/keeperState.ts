import type { StatusSnapshot } from "../dashboard/status.ts";
import type { TickRow } from "../domain/journal.ts";

/**
 * What the journal says of a keeper that may run in another process: running while its last cycle is younger than two
 * ticks, paused while a kill switch is set, stopped otherwise.
 * @param now Unix seconds by the keeper's clock
 * @example keeperState(undefined, { now: 0, tickSeconds: 60, paused: null }).state // "stopped"
 */
export function keeperState(
  last: (Pick<TickRow, "id" | "now" | "outcome"> & Partial<Pick<TickRow, "detail">>) | undefined,
  { now, tickSeconds, paused }: { readonly now: number; readonly tickSeconds: number; readonly paused: string | null },
): StatusSnapshot["keeper"] {
  const cycles = { cycles: last?.id ?? 0, lastCycle: last?.now ?? null };
  if (paused !== null) return { state: "paused", message: `Nothing is sent: ${paused}.`, ...cycles };
  if (last === undefined) return { state: "stopped", message: "No cycle was run yet.", ...cycles };
  const why = last.detail ? ` (${last.detail})` : "";
  const message =
    last.outcome === null ? "The last cycle has not ended." : `The last cycle ended: ${last.outcome}${why}.`;
  return { state: now - last.now <= 2 * tickSeconds ? "running" : "stopped", message, ...cycles };
}

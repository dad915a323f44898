import type { CalibrationStatus } from "../dashboard/status.ts";
import { HOUR_SECONDS } from "../domain/calendar.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import type { Journal } from "../domain/journal.ts";
import { calibrationsOf } from "../model/calibration.ts";

type Market = Pick<BatchEntry["input"], "now" | "market"> & { readonly onChain: { readonly marketId: number } };

/** How the promises of each market were kept, read from the journal again once an hour. */
export function calibrationBook(journal: Pick<Journal, "promises">): (market: Market) => readonly CalibrationStatus[] {
  const known = new Map<number, { readonly hour: number; readonly rows: readonly CalibrationStatus[] }>();
  return ({ now, market, onChain: { marketId } }) => {
    const hour = Math.floor(now / HOUR_SECONDS);
    const before = known.get(marketId);
    if (before?.hour === hour) return before.rows;
    const { initial, maintenance } = calibrationsOf(journal.promises(marketId), market.model);
    const rows = [
      { market: market.name, haircut: "initial", ...initial },
      { market: market.name, haircut: "maintenance", ...maintenance },
    ] as const;
    known.set(marketId, { hour, rows });
    return rows;
  };
}

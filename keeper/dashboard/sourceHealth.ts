import type { Assessment } from "../domain/decision.ts";
import type { Fault } from "../domain/fault.ts";
import { parseSourceName } from "../domain/sourceNames.ts";
import type { SourceHealth } from "./status.ts";

/**
 * Health of every source of a market, in the order the model prefers them; ages in seconds at `now`. A source that was
 * refused appears through its faults, so nothing that went wrong is invisible.
 */
export function sourceHealth({ readings, risk, now }: Assessment): SourceHealth[] {
  const faults = [...readings.faults, ...risk.faults];
  const accepted: { source: string; role: string; eventTime: number }[] = [];
  const add = (role: string, observation: { source: string; eventTime: number } | null): void => {
    if (observation !== null) accepted.push({ source: observation.source, role, eventTime: observation.eventTime });
  };
  add("options", readings.options);
  for (const board of readings.otherOptions ?? []) add("options", board);
  add("index", readings.index);
  add("history", readings.history);
  add("transfer", readings.transferOptions);
  add("transfer", readings.transferHistory);
  for (const pool of readings.route.flat()) add("pool", pool);
  // Set aside, a feed goes on to count with its deviation.
  add("feed", readings.feed ?? readings.setAside?.feed ?? null);
  for (const book of readings.books ?? []) add("book", book);

  const known = new Set(accepted.map((entry) => entry.source));
  const refused = new Set(faults.map((entry) => entry.source).filter((source) => !known.has(source)));
  return [
    ...accepted.map(({ source, role, eventTime }): SourceHealth => {
      const own = faultsOf(source, faults);
      const state = own.length > 0 ? "degraded" : "ok";
      return { source, role, ageSeconds: Math.max(0, now - eventTime), state, used: isUsed(role, risk), faults: own };
    }),
    ...[...refused].map(
      (source): SourceHealth => ({
        source,
        role: roleOf(source),
        ageSeconds: null,
        state: "down",
        used: false,
        faults: faultsOf(source, faults),
      }),
    ),
  ];
}

/**
 * Whether a number rests on what was accepted. Volatility rests on the index only where no surface is (an old one only checks the
 * surface), on another asset's board and candles only on the ladder's third rung; on the own candles where they gave a
 * volatility or a tail; depth on books only where they add to a pool's. Everything else tells the price at least.
 */
function isUsed(role: string, { volatility, depth, tail }: Assessment["risk"]): boolean {
  if (role === "index") return volatility.index !== null && volatility.implied === null;
  if (role === "transfer") return volatility.level === "L3";
  if (role === "history") {
    const { har, ewma, realised, longRun } = volatility;
    return [har, ewma, realised, longRun, tail.historical].some((given) => given !== null);
  }
  return role !== "book" || (depth.booksUsd ?? 0) > 0;
}

function faultsOf(source: string, faults: readonly Fault[]): SourceHealth["faults"] {
  return faults
    .filter((entry) => entry.source === source)
    .map(({ code, detail, count }) => ({ code, detail, count: count ?? null }));
}

/** The role that a source which gave nothing would have had. */
function roleOf(source: string): string {
  const kind = parseSourceName(source)?.kind;
  if (kind === undefined) return "other";
  return kind === "board" ? "options" : kind === "memory" ? "pool" : kind;
}

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
  add("index", readings.index);
  add("history", readings.history);
  add("transfer", readings.transferOptions);
  add("transfer", readings.transferHistory);
  for (const pool of readings.route.flat()) add("pool", pool);
  add("feed", readings.feed);
  for (const book of readings.books ?? []) add("book", book);

  const known = new Set(accepted.map((entry) => entry.source));
  const refused = new Set(faults.map((entry) => entry.source).filter((source) => !known.has(source)));
  return [
    ...accepted.map(({ source, role, eventTime }): SourceHealth => {
      const own = faultsOf(source, faults);
      const state = own.length > 0 ? "degraded" : role === "index" && !indexCounts(risk) ? "check" : "ok";
      return { source, role, ageSeconds: Math.max(0, now - eventTime), state, faults: own };
    }),
    ...[...refused].map(
      (source): SourceHealth => ({
        source,
        role: roleOf(source),
        ageSeconds: null,
        state: "down",
        faults: faultsOf(source, faults),
      }),
    ),
  ];
}

/** Whether volatility rests on the index: only where no surface does; an old one only checks the surface. */
function indexCounts({ volatility }: Assessment["risk"]): boolean {
  return volatility.index !== null && volatility.implied === null;
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

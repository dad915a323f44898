import type { Ledger } from "../row.ts";

/** The ledgers of one row's parts as one; a count that a part does not have is not there in the whole. */
export function sumLedgers(parts: readonly Ledger[]): Ledger {
  const sum = (key: "liquidations" | "lost" | "doubled" | "loosened") =>
    parts.reduce<number | null>((total, part) => {
      const count = part[key];
      return total === null || count === null ? null : total + count;
    }, 0);
  return {
    liquidations: sum("liquidations"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    loosened: sum("loosened"),
    recovered: parts.every((part) => part.recovered),
  };
}

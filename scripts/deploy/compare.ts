/** One thing compared: what the record says, what the chain says. */
export type Check = {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
  /** What to know although they agree. */
  readonly warning?: string;
};

/** Asks the contract at the block of the comparison. */
export type Asked = (name: string, ...args: readonly unknown[]) => Promise<unknown>;

/** Returns a check of two values that print the same exactly when they are the same. */
export function compare(what: string, expected: unknown, found: unknown, warning?: string | null): Check {
  const [a, b] = [String(expected), String(found)];
  return { what, expected: a, found: b, agrees: a === b, ...(warning ? { warning } : {}) };
}

/** A lender's number beside the contract's: they may differ for a reason, which is a warning. */
export function beside(what: string, wanted: number, found: number, why: string | null): Check {
  if (wanted === found || why === null) return compare(what, wanted, found);
  return compare(what, found, found, `the contract says ${wanted}: ${why}`);
}

/** Returns the checks as a table: one line each, both values where they differ. */
export function checkTable(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ what }) => what.length));
  return checks.map(({ what, expected, found, agrees, warning }) => {
    const name = what.padEnd(width);
    if (!agrees) return `WRONG ${name}  expected ${expected}, found ${found}${warning ? ` (${warning})` : ""}`;
    return warning ? `WARN  ${name}  ${found} (${warning})` : `ok    ${name}  ${found}`;
  });
}

/** Accounts in a fixed order, so that equal sets print equally. */
export function setOf(accounts: Iterable<string>): string {
  const sorted = [...new Set(accounts)].sort();
  return sorted.length === 0 ? "nobody" : sorted.join(" ");
}

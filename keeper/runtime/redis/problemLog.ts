/** One line about a kind of problem: its newest words, and how often it came since the last line. */
export type ProblemLine = { readonly kind: string; readonly message: string; readonly times: number };

/** Most kinds that are told apart; what comes beyond shares one. */
const MOST_KINDS = 16;

/**
 * Returns a function that takes every complaint and calls `write` for the first of a kind at once, and then at most
 * once in `everyMs` with the count: an outage of hours stays at some lines an hour, however fast it complains. Kinds
 * are told apart by the message with its numbers left out.
 * @param now milliseconds of a clock that never jumps
 * @example const told = problemLog({ everyMs: 30_000, now: performance.now.bind(performance), write: log.warn })
 */
export function problemLog(options: {
  readonly everyMs: number;
  readonly now: () => number;
  readonly write: (line: ProblemLine) => void;
}): (problem: Error) => void {
  const kinds = new Map<string, { written: number; times: number }>();
  return (problem) => {
    const now = options.now();
    const named = kindOf(problem);
    const kind = kinds.has(named) || kinds.size < MOST_KINDS ? named : "other";
    const seen = kinds.get(kind);
    if (seen !== undefined && now - seen.written < options.everyMs) {
      seen.times += 1;
      return;
    }
    kinds.set(kind, { written: now, times: 0 });
    options.write({ kind, message: problem.message, times: (seen?.times ?? 0) + 1 });
  };
}

function kindOf(problem: Error): string {
  const code = (problem as NodeJS.ErrnoException).code;
  return (code ?? problem.message).replaceAll(/[0-9]+/g, "#").slice(0, 60);
}

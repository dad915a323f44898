import type { Ports } from "../cycle.ts";

/**
 * Returns the port by which a replica lets those of lower rank go first: it waits its rank times a stage, looks at the
 * contract's sequence after each, and says in words that another has acted as soon as one has; null when it is its turn.
 * No lock is taken: two that act at once are told apart by the contract, at the price of one refused transaction.
 * @param rank 0 never waits
 * @example standBack({ rank: 1, stageMs: 15_000, sleep: monotonicClock.sleep, sequence: readSequence })
 */
export function standBack(parts: {
  readonly rank: number;
  readonly stageMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The sequence that stands on chain now. */
  readonly sequence: () => Promise<bigint>;
}): NonNullable<Ports["standBack"]> {
  return async (chain, signal) => {
    for (let stage = 0; stage < parts.rank; stage++) {
      await parts.sleep(parts.stageMs, signal);
      signal.throwIfAborted();
      const stands = await parts.sequence();
      if (stands !== chain.sequence) return `another replica has acted: sequence ${stands} stands`;
    }
    return null;
  };
}

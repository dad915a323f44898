import { plainWords } from "./words.ts";

/**
 * Named faults of market data. A fault is a value: it travels with the source it belongs to, costs confidence, and can
 * hold or tighten a haircut, never loosen it.
 */
export const FAULTS = {
  UNREACHABLE: "no answer: connection refused, reset or timed out",
  HTTP_STATUS: "an answer with a status other than 200",
  NOT_JSON: "the body is not JSON (an HTML error page, for instance)",
  TRUNCATED: "the body ends in the middle of a value",
  TOO_LARGE: "the body is larger than the size cap",
  VENUE_ERROR: "the venue answered with its own error object",
  SCHEMA: "the body is JSON but not of the documented shape",
  EMPTY: "the answer holds no usable record",
  STALE: "older than its limit by the venue's clock",
  FUTURE: "stamped later than now by more than the allowed skew",
  FROZEN: "identical payloads too many times in a row",
  NOT_FINITE: "NaN, infinite, or a number that is not one",
  NOT_POSITIVE: "zero or negative where only positive makes sense",
  UNIT_SUSPECT: "magnitude of another unit (percent for fraction, or the reverse)",
  DUPLICATE: "the same record twice",
  CROSSED: "bid above ask",
  WIDE: "spread above its limit",
  BELOW_INTRINSIC: "an option price below intrinsic value",
  TOO_FEW: "fewer records than the minimum",
  OUT_OF_ORDER: "times not increasing",
  GAP: "records missing inside the span",
  JUMP: "moved further than its limit since the last good value",
  REVERTED: "a move of one venue's bars that was taken back at once, and that no other source saw",
  RISEN: "the price has risen faster than new loans may count it",
  DEPEGGED: "a claim counts for less than its claim by more than the liquidation bonus bridges",
  DISAGREES: "too far from what the other sources say",
  OFF_AVERAGE: "the pool's price is too far from its own recent average",
  MOMENTARY: "far more liquidity in range than the pool held on average",
  QUARANTINED: "disagreed a short while ago, and has not agreed for long enough since",
  INCONSISTENT: "parts of one answer contradict each other",
  ARBITRAGE: "smiles of neighbouring expiries that cross",
  BAD_FIT: "a smile too far from its quotes",
} as const;

/** Name of a fault in `FAULTS`. */
export type FaultCode = keyof typeof FAULTS;

/** One fault of one source. `count` is how many records it hit when it did not cost the whole answer. */
export type Fault = {
  readonly code: FaultCode;
  /** The source, e.g. "deribit:ETH:options". */
  readonly source: string;
  /** What was seen and what was expected, in words and units. */
  readonly detail: string;
  /** Records hit; absent when the fault cost the whole answer. */
  readonly count?: number;
};

/**
 * Makes a fault. Its detail may repeat what a venue or a token says, and goes to evidence, logs and terminals: control
 * characters in it become spaces. @example fault("STALE", "deribit:ETH:options", "age 320 s, limit 60 s")
 */
export function fault(code: FaultCode, source: string, said: string, count?: number): Fault {
  const detail = plainWords(said);
  return count === undefined ? { code, source, detail } : { code, source, detail, count };
}

/** Counts the faults of single records, so that a board of hundreds gives a short list. */
export type FaultLog = {
  /**
   * `what` is the kind of finding ("bid above ask"); `first`, where it was seen, is reported of the first record only; `count` is
   * how many records it hit, 1 when left out.
   */
  add(code: FaultCode, what: string, first?: string, count?: number): void;
  /** One fault for each code and finding, in the order first seen, with the records it hit. */
  faults(): readonly Fault[];
};

/** @example log.add("CROSSED", "bid above ask", "ETH-27FEB26-3000-C") // detail "bid above ask, first ETH-27FEB26-3000-C" */
export function faultLog(source: string): FaultLog {
  const seen = new Map<string, { code: FaultCode; detail: string; count: number }>();
  return {
    add(code, what, first, count = 1) {
      const key = `${code} ${what}`;
      const known = seen.get(key);
      const detail = first === undefined ? what : `${what}, first ${first.slice(0, 80)}`;
      if (known === undefined) seen.set(key, { code, detail, count });
      else known.count += count;
    },
    faults: () => [...seen.values()].map(({ code, detail, count }) => fault(code, source, detail, count)),
  };
}

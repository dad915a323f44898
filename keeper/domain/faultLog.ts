import { type Fault, type FaultCode, fault } from "./fault.ts";

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

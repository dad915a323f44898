import { type Fault, type FaultCode, fault } from "../domain/fault.ts";

/** Collects the faults of single records and folds equal ones into one fault with a count. */
export type FaultLog = {
  /** `what` is the kind of finding ("bid above ask"), `first` where it was seen first. */
  add(code: FaultCode, what: string, first: string): void;
  /** One fault per kind of finding, in the order first seen; `count` is how many records it hit. */
  faults(): readonly Fault[];
};

/** @example log.add("CROSSED", "bid above ask", "ETH-27FEB26-3000-C") // detail "bid above ask, first ETH-27FEB26-3000-C" */
export function faultLog(source: string): FaultLog {
  const seen = new Map<string, { code: FaultCode; detail: string; count: number }>();
  return {
    add(code, what, first) {
      const key = `${code} ${what}`;
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { code, detail: `${what}, first ${first.slice(0, 80)}`, count: 1 });
      else known.count += 1;
    },
    faults: () => [...seen.values()].map(({ code, detail, count }) => fault(code, source, detail, count)),
  };
}

import { type Fault, type FaultCode, fault } from "../../domain/fault.ts";

/** Counts rejected records under one fault for each code and detail, so that a board of hundreds gives a short list. */
export class FaultTally {
  readonly #source: string;
  readonly #counts = new Map<string, { code: FaultCode; detail: string; count: number }>();

  constructor(source: string) {
    this.#source = source;
  }

  /** Counts one record, and returns null for the caller to return. */
  drop(code: FaultCode, detail: string): null {
    this.lose(code, 1, detail);
    return null;
  }

  /** Counts `count` records at once. */
  lose(code: FaultCode, count: number, detail: string): void {
    const key = `${code}:${detail}`;
    const entry = this.#counts.get(key) ?? { code, detail, count: 0 };
    this.#counts.set(key, { ...entry, count: entry.count + count });
  }

  /** The faults so far, in an order that does not depend on the order of the records. */
  faults(): readonly Fault[] {
    return [...this.#counts.keys()].sort().flatMap((key) => {
      const entry = this.#counts.get(key);
      return entry === undefined ? [] : [fault(entry.code, this.#source, entry.detail, entry.count)];
    });
  }
}

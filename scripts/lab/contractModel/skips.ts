import type { ContractEvent, Entry } from "../../../keeper/domain/contract.ts";
import { judge, type Terms } from "./checkUpdate.ts";
import { type ContractState, idOf } from "./state.ts";

export type Skipped = Extract<ContractEvent, { name: "MarketSkipped" }>;

/** The skips of one batch, each belonging to one lane of one entry. */
export class Skips {
  readonly #pending = new Map<number, Skipped[]>();
  readonly #named = new Map<number, number>();
  readonly #now: number;

  constructor(skips: readonly Skipped[], entries: readonly Entry[], now: number) {
    this.#now = now;
    for (const skip of skips) {
      this.#pending.set(skip.marketId, [...(this.#pending.get(skip.marketId) ?? []), skip]);
    }
    for (const { group, lanes } of entries) {
      for (const [lane, values] of lanes.entries()) {
        if (values) this.#named.set(idOf(group, lane), this.#namedAhead(idOf(group, lane)) + 1);
      }
    }
  }

  /** Whether the lane of this entry was skipped; takes the event that says so. Ask in the order of the entries. */
  takes(state: ContractState, entry: Entry, lane: number): boolean {
    const marketId = idOf(entry.group, lane);
    const pending = this.#pending.get(marketId) ?? [];
    const ahead = this.#namedAhead(marketId);
    this.#named.set(marketId, ahead - 1);
    const [first] = pending;
    if (!first) return false;
    // Named more often than skipped: the event is this entry's if it is what the rules say of it.
    if (pending.length < ahead && !this.#says(first, state, entry, lane)) return false;
    pending.shift();
    return true;
  }

  #namedAhead(marketId: number): number {
    return this.#named.get(marketId) ?? 0;
  }

  #says(skip: Skipped, state: ContractState, entry: Entry, lane: number): boolean {
    const values = entry.lanes[lane];
    if (!values) return false;
    const update = { ...values, marketId: skip.marketId, asOf: entry.asOf };
    const aggregate = skip.reason === "AGGREGATE_BUDGET_SPENT";
    const budgets = {
      tightenOnly: skip.reason === "TIGHTEN_ONLY",
      aggregateLeftBps: aggregate ? 0 : Number.POSITIVE_INFINITY,
    };
    return [true, false].some((quorum) => {
      const terms: Terms = { now: this.#now, quorum, mayLoosen: () => skip.reason !== "PROBE_REFUSED" };
      const found = judge(state, state.groups[entry.group], entry.group, lane, update, terms, budgets);
      if (found.reason !== skip.reason || found.given !== skip.given) return false;
      return aggregate || found.allowed === skip.allowed;
    });
  }
}

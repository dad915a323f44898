import type { ContractLimits, Hex, MarketMode } from "../../../keeper/domain/contract.ts";
import { applyBatch, type ContractBatch } from "../../../scripts/lab/contractModel/applyBatch.ts";
import type { MayLoosen } from "../../../scripts/lab/contractModel/checkUpdate.ts";
import {
  resetBreaker,
  setAggregateBudget,
  setClass,
  setLimits,
  setProbe,
} from "../../../scripts/lab/contractModel/govern.ts";
import { listMarket, type MarketListing } from "../../../scripts/lab/contractModel/listMarket.ts";
import { type ManualOverride, overrideMarkets } from "../../../scripts/lab/contractModel/overrideMarkets.ts";
import { setMode } from "../../../scripts/lab/contractModel/setMode.ts";
import type { ContractState, Outcome, Role } from "../../../scripts/lab/contractModel/state.ts";

/** One call of the contract, or a wait. Names are those of its functions. */
export type Call =
  | { readonly kind: "wait" }
  | { readonly kind: "update" | "updateByQuorum"; readonly batch: ContractBatch }
  | { readonly kind: "setMode"; readonly marketId: number; readonly mode: MarketMode }
  | { readonly kind: "listMarket"; readonly listing: MarketListing }
  | { readonly kind: "setLimits"; readonly classId: number; readonly limits: ContractLimits }
  | { readonly kind: "setClass"; readonly group: number; readonly classId: number }
  | { readonly kind: "overrideMarkets"; readonly values: readonly ManualOverride[] }
  | { readonly kind: "setAggregateBudget"; readonly hotBps: number; readonly quorumBps: number }
  | { readonly kind: "resetBreaker" }
  | { readonly kind: "setProbe"; readonly marketId: number; readonly probe: Hex };

/** Accounts of the tests: one for each role, and one without any. */
export type Account = Role | "stranger";

/** A call, who makes it and how many seconds after the last block. */
export type Step = { readonly call: Call; readonly by: Account; readonly seconds: number };

/** Probes by what they say: true to an even initial only; nothing (they revert); 2, which is not `true`. */
export const PROBES = {
  even: "0x00000000000000000000000000000000000e0001",
  silent: "0x00000000000000000000000000000000000e0002",
  two: "0x00000000000000000000000000000000000e0003",
} as const;

/** What the probes of the state answer. */
export function answers(state: ContractState): MayLoosen {
  return (marketId, _from, to) => state.probes.get(marketId) === PROBES.even && to % 2 === 0;
}

/** What the model says to a call. */
export function perform(state: ContractState, step: Step, address: Hex, now: number): Outcome {
  const { call, by } = step;
  const caller = { address, roles: new Set<Role>(by === "stranger" ? [] : [by]), now };
  switch (call.kind) {
    case "wait":
      return { state, events: [] };
    case "update":
      return applyBatch(state, call.batch, caller, false, answers(state));
    case "updateByQuorum":
      return applyBatch(state, call.batch, caller, true, answers(state));
    case "setMode":
      return setMode(state, call.marketId, call.mode, caller);
    case "listMarket":
      return listMarket(state, call.listing, caller);
    case "setLimits":
      return setLimits(state, call.classId, call.limits, caller);
    case "setClass":
      return setClass(state, call.group, call.classId, caller);
    case "overrideMarkets":
      return overrideMarkets(state, call.values, caller);
    case "setAggregateBudget":
      return setAggregateBudget(state, call.hotBps, call.quorumBps, caller);
    case "resetBreaker":
      return resetBreaker(state, caller);
    case "setProbe":
      return setProbe(state, call.marketId, call.probe, caller);
  }
}

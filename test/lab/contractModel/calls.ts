import type { ContractLimits, Hex, MarketMode } from "../../../keeper/domain/contract.ts";
import {
  admit,
  changeMarket,
  delistMarket,
  setLimits,
  setManually,
} from "../../../scripts/lab/contractModel/govern.ts";
import { haltWriter, holdClass, setMode } from "../../../scripts/lab/contractModel/guard.ts";
import { listMarket } from "../../../scripts/lab/contractModel/listMarket.ts";
import { publishBatch } from "../../../scripts/lab/contractModel/publishBatch.ts";
import {
  type AccountSetting,
  type Caller,
  type ContractBatch,
  type ContractState,
  type ManualOverride,
  type MarketListing,
  type MarketSetting,
  type Outcome,
  refuse,
  storedMarket,
} from "../../../scripts/lab/contractModel/state.ts";

/** One call of the contract, or a wait. Names are those of its functions; `cutBytes` are missing at the end of the entries. */
export type Call =
  | { readonly kind: "wait" }
  | { readonly kind: "publishBatch"; readonly batch: ContractBatch; readonly cutBytes: number }
  | { readonly kind: "setMode"; readonly marketId: number; readonly mode: MarketMode }
  | { readonly kind: "haltWriter"; readonly holder: Hex }
  | { readonly kind: "holdClass"; readonly classId: number }
  | { readonly kind: "admit"; readonly setting: AccountSetting }
  | { readonly kind: "setLimits"; readonly classId: number; readonly limits: ContractLimits }
  | { readonly kind: "listMarket"; readonly listing: MarketListing }
  | { readonly kind: "delistMarket"; readonly marketId: number }
  | { readonly kind: "changeMarket"; readonly marketId: number; readonly setting: MarketSetting }
  | { readonly kind: "setManually"; readonly values: readonly ManualOverride[] };

const address = (low: number): Hex => `0x${low.toString(16).padStart(40, "0")}`;

/** Accounts of the tests: governance, a hot key and another, one of every other power, and one without any. */
export const ACCOUNTS = {
  governance: address(0xa0001),
  keeper: address(0xa0002),
  second: address(0xa0003),
  quorum: address(0xa0004),
  guardian: address(0xa0005),
  challenger: address(0xa0006),
  lister: address(0xa0007),
  stranger: address(0xa0008),
} as const;
export type AccountName = keyof typeof ACCOUNTS;

/** A call, who makes it and how many seconds after the last block. */
export type Step = { readonly call: Call; readonly by: AccountName; readonly seconds: number };

/** Probes by what they say: true to an even initial only; nothing (they revert); 2; true and a word more; 100 000 zeros. */
export const PROBES = {
  even: address(0xe0001),
  silent: address(0xe0002),
  two: address(0xe0003),
  long: address(0xe0004),
  bomb: address(0xe0005),
} as const;

/** An address at which there is no contract. */
export const NO_CONTRACT = address(0xdead);

const ENTRY_BYTES = 14;

/** The caller of a step, in a world where only even initials pass a probe. */
export function callerOf(state: ContractState, by: Hex, now: number): Caller {
  return {
    ...{ address: by, now },
    mayLoosen: (marketId, _from, to) => storedMarket(state, marketId)?.probe === PROBES.even && to % 2 === 0,
    hasCode: (given) => given !== NO_CONTRACT,
  };
}

/** What the model says to a call. */
export function perform(state: ContractState, { call, by }: Step, now: number): Outcome {
  const caller = callerOf(state, ACCOUNTS[by], now);
  switch (call.kind) {
    case "wait":
      return { state, events: [] };
    case "publishBatch": {
      if (call.cutBytes > 0) {
        return refuse("BadEntries", Math.max(0, call.batch.entries.length * ENTRY_BYTES - call.cutBytes));
      }
      return publishBatch(state, call.batch, caller);
    }
    case "setMode":
      return setMode(state, call.marketId, call.mode, caller);
    case "haltWriter":
      return haltWriter(state, call.holder, caller);
    case "holdClass":
      return holdClass(state, call.classId, caller);
    case "admit":
      return admit(state, call.setting, caller);
    case "setLimits":
      return setLimits(state, call.classId, call.limits, caller);
    case "listMarket":
      return listMarket(state, call.listing, caller);
    case "delistMarket":
      return delistMarket(state, call.marketId, caller);
    case "changeMarket":
      return changeMarket(state, call.marketId, call.setting, caller);
    case "setManually":
      return setManually(state, call.values, caller);
  }
}

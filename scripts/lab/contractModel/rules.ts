import type { ContractLimits, Entry, Hex, MarketMode } from "../../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../../keeper/domain/decision.ts";
import type { ContractEvent } from "./events.ts";
import { admit, changeMarket, delistMarket, setLimits, setManually } from "./govern.ts";
import { haltWriter, holdClass, setMode } from "./guard.ts";
import { listMarket } from "./listMarket.ts";
import { type Preview, preview, publishBatch } from "./publishBatch.ts";
import { type ContractHaircuts, onChainMarket, readExposureLimit, readHaircuts } from "./read.ts";
import { rebuildFromEvents } from "./rebuild.ts";
import {
  type AccountSetting,
  type Caller,
  type ContractBatch,
  type ContractState,
  EMPTY_STATE,
  type ManualOverride,
  type MarketListing,
  type MarketSetting,
  marketOf,
  type Outcome,
} from "./state.ts";

/**
 * The contract's rules as a value: list, publish, read, guard, govern, and the state from the events alone. Pure; times are
 * Unix seconds, haircuts basis points. Another core with the same calls can take the place of `RULES`.
 */
type ContractRules<State, Result> = {
  /** A contract without owner, accounts, classes and markets. */
  readonly empty: State;
  list(state: State, listing: MarketListing, caller: Caller): Result;
  publish(state: State, batch: ContractBatch, caller: Caller): Result;
  /** What a batch of this one market by `holder` would meet. */
  preview(state: State, holder: Hex, entry: Entry, caller: Caller): Preview;
  readonly read: {
    /** What consumers read. */
    haircuts(state: State, marketId: number, now: number): ContractHaircuts;
    exposureLimit(state: State, marketId: number, now: number): { readonly tokens: bigint; readonly mayGrow: boolean };
    /** What the keeper whose batches `account` sends reads, null for an id that was never listed. */
    market(state: State, marketId: number, now: number, account: Hex): OnChainMarket | null;
    /** Id of a pair, 0 when it was never listed. */
    marketId(state: State, collateral: Hex, debt: Hex): number;
  };
  readonly guard: {
    setMode(state: State, marketId: number, mode: MarketMode, caller: Caller): Result;
    haltWriter(state: State, holder: Hex, caller: Caller): Result;
    holdClass(state: State, classId: number, caller: Caller): Result;
  };
  readonly govern: {
    admit(state: State, setting: AccountSetting, caller: Caller): Result;
    setLimits(state: State, classId: number, limits: ContractLimits, caller: Caller): Result;
    changeMarket(state: State, marketId: number, setting: MarketSetting, caller: Caller): Result;
    delistMarket(state: State, marketId: number, caller: Caller): Result;
    setManually(state: State, values: readonly ManualOverride[], caller: Caller): Result;
  };
  rebuild(events: readonly ContractEvent[]): State;
};

/** The rules of `Parameters`, held equal to it by test/differential/contract. */
export const RULES: ContractRules<ContractState, Outcome> = {
  empty: EMPTY_STATE,
  list: listMarket,
  publish: publishBatch,
  preview,
  read: { haircuts: readHaircuts, exposureLimit: readExposureLimit, market: onChainMarket, marketId: marketOf },
  guard: { setMode, haltWriter, holdClass },
  govern: { admit, setLimits, changeMarket, delistMarket, setManually },
  rebuild: rebuildFromEvents,
};

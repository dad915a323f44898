import type { ContractEvent, ContractLimits, Hex, MarketMode, UptimeRound } from "../../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../../keeper/domain/decision.ts";
import { applyBatch, type ContractBatch } from "./applyBatch.ts";
import { checkUpdate, type Finding, type MarketUpdate, type MayLoosen, type Terms } from "./checkUpdate.ts";
import { type ContractHaircuts, onChainMarket, readHaircuts } from "./effective.ts";
import { resetBreaker, setAggregateBudget, setClass, setLimits, setProbe } from "./govern.ts";
import { listMarket, type MarketListing, marketOf } from "./listMarket.ts";
import { type ManualOverride, overrideMarkets } from "./overrideMarkets.ts";
import { rebuildFromEvents } from "./rebuild.ts";
import { setMode } from "./setMode.ts";
import { type Caller, type ContractState, EMPTY_STATE, type Outcome } from "./state.ts";

/**
 * The contract's rules as a value: list, update, read, govern, and the state from the events alone. Pure; times are Unix
 * seconds, haircuts basis points. Another core with the same calls can take the place of `RULES`.
 */
type ContractRules<State, Result> = {
  /** A contract without profiles, classes and markets. */
  readonly empty: State;
  list(state: State, listing: MarketListing, caller: Caller): Result;
  /** `update`, or with `quorum` the call of the signer quorum; `mayLoosen` answers for the probes. */
  update(state: State, batch: ContractBatch, caller: Caller, quorum: boolean, mayLoosen: MayLoosen): Result;
  /** What a batch of this one market would meet. */
  preview(state: State, update: MarketUpdate, terms: Terms): Finding;
  readonly read: {
    /** What consumers read. */
    haircuts(state: State, marketId: number, now: number): ContractHaircuts;
    /** What the keeper reads, null for an id that was never listed. */
    market(state: State, marketId: number, now: number): OnChainMarket | null;
    /** Id of a pair, 0 when it was never listed. */
    marketId(state: State, collateral: Hex, debt: Hex): number;
  };
  readonly govern: {
    setLimits(state: State, classId: number, limits: ContractLimits, caller: Caller): Result;
    setClass(state: State, group: number, classId: number, caller: Caller): Result;
    setAggregateBudget(state: State, hotBps: number, quorumBps: number, caller: Caller): Result;
    setProbe(state: State, marketId: number, probe: Hex, caller: Caller): Result;
    setMode(state: State, marketId: number, mode: MarketMode, caller: Caller): Result;
    overrideMarkets(state: State, values: readonly ManualOverride[], caller: Caller): Result;
    resetBreaker(state: State, caller: Caller): Result;
  };
  rebuild(events: readonly ContractEvent[], rounds?: readonly UptimeRound[]): State;
};

/** The rules of today's `CollateralParameters`, held equal to it by test/differential/contract. */
export const RULES: ContractRules<ContractState, Outcome> = {
  empty: EMPTY_STATE,
  list: listMarket,
  update: applyBatch,
  preview: checkUpdate,
  read: { haircuts: readHaircuts, market: onChainMarket, marketId: marketOf },
  govern: { setLimits, setClass, setAggregateBudget, setProbe, setMode, overrideMarkets, resetBreaker },
  rebuild: rebuildFromEvents,
};

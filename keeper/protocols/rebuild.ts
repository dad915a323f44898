import type { Hex } from "../domain/batch.ts";
import type { OnChainLimits } from "../domain/decision.ts";
import { modeName } from "./abi.ts";
import type { ContractEvent } from "./events.ts";

/** The stored state of one market, as the contract's `marketState` and `limitsOf` give it. */
export type RebuiltMarket = {
  readonly collateral: Hex;
  readonly debt: Hex;
  readonly initialBps: number;
  readonly maintenanceTargetBps: number;
  readonly maintenanceNanoBps: bigint;
  readonly maintenanceTime: number;
  readonly asOf: number;
  readonly confidenceBps: number;
  readonly sources: number;
  readonly mode: ReturnType<typeof modeName>;
  readonly budgetNanoBps: bigint;
  readonly budgetTime: number;
  readonly limits: OnChainLimits | null;
};

/** All markets and the last sequence. */
export type RebuiltState = { readonly sequence: bigint; readonly markets: ReadonlyMap<number, RebuiltMarket> };

const DAY = 86_400n;
const NANO = 1_000_000_000n;

/**
 * Returns the contract's state from its events alone, from the first block on and in chain order: what a keeper that
 * lost its journal, or an auditor without an archive node, needs. Where a time is not in an event it is that of its
 * block; the loosening budget at a change of mode is the one number no event carries, and follows from the limits.
 */
export function rebuildFromEvents(events: readonly ContractEvent[]): RebuiltState {
  const markets = new Map<number, RebuiltMarket>();
  let sequence = 0n;
  for (const event of events) {
    if (event.eventName === "BatchApplied") sequence = event.args.sequence;
    if (event.eventName === "BatchApplied" || event.eventName === "MarketSkipped") continue;
    const next = apply(markets.get(event.args.marketId) ?? null, event);
    if (next !== null) markets.set(event.args.marketId, next);
  }
  return { sequence, markets };
}

type MarketEvent = Exclude<ContractEvent, { eventName: "BatchApplied" | "MarketSkipped" }>;

function apply(market: RebuiltMarket | null, event: MarketEvent): RebuiltMarket | null {
  const time = event.blockTime;
  if (event.eventName === "MarketListed") {
    const { collateral, debt, initialBps, maintenanceBps, asOf } = event.args;
    const stored = { collateral, debt, initialBps, maintenanceTargetBps: maintenanceBps, asOf };
    const maintenanceNanoBps = BigInt(maintenanceBps) * NANO;
    const quality = { confidenceBps: 0, sources: 0, mode: "NORMAL" } as const;
    const times = { maintenanceTime: time, budgetTime: time };
    return { ...stored, ...quality, ...times, maintenanceNanoBps, budgetNanoBps: 0n, limits: null };
  }
  if (market === null) return null;
  const settled = {
    ...market,
    maintenanceNanoBps: event.args.maintenanceNanoBps,
    maintenanceTime: time,
    budgetTime: time,
  };
  if (event.eventName === "LimitsChanged") {
    return { ...settled, limits: event.args.limits, budgetNanoBps: event.args.budgetNanoBps };
  }
  if (event.eventName === "ModeChanged") {
    return { ...settled, mode: modeName(event.args.mode), budgetNanoBps: budgetAt(market, time) };
  }
  const { initialBps, maintenanceTargetBps, budgetNanoBps, asOf, confidenceBps, sources } = event.args;
  return { ...settled, initialBps, maintenanceTargetBps, budgetNanoBps, asOf, confidenceBps, sources };
}

/** The contract's LooseningBudget: capacity is half of the daily budget and refills in 24 h, rounded down. */
function budgetAt(market: RebuiltMarket, time: number): bigint {
  const capacity = (BigInt(market.limits?.looseningBudgetBpsPerDay ?? 0) * NANO) / 2n;
  const filled = market.budgetNanoBps + (capacity * BigInt(time - market.budgetTime)) / DAY;
  return filled < capacity ? filled : capacity;
}

import type { OnChainMarket } from "../../domain/decision.ts";
import { maintenanceAfter, whenMoved } from "../../domain/follow.ts";
import type { LenderReading } from "../../domain/lender.ts";

const BPS_ONE = 10_000;

/** How an agent carries the maintenance of one market into one reserve. */
export type Carried = {
  readonly onChain: OnChainMarket;
  readonly reading: Pick<LenderReading, "stepFrom" | "stepSeconds" | "stepBps"> & {
    readonly has: Pick<NonNullable<LenderReading["has"]>, "ltvBps" | "thresholdBps" | "bonusBps">;
  };
};

/**
 * The lowest threshold, bp, that anybody's calls of `sync` can have brought a reserve to by `time`, if nothing is written to the
 * contract from `since` on, the time of the block at which both were read; AaveV3Agent.sol. Stale data only makes it later.
 * @example lowestThreshold({ onChain: calm, reading }, now, now + 86_400) // 8_050 where it stood at 8 200: six steps of 25 in a day
 */
export function lowestThreshold({ onChain, reading }: Carried, since: number, time: number): number {
  const { stepBps, stepSeconds, has } = reading;
  const from = stepsFrom({ onChain, reading }, since);
  const steps = time < from ? 0 : 1 + Math.floor((time - from) / stepSeconds);
  const goal = goalOf(has, maintenanceAfter({ ...onChain, ...onChain.limits }, since, time));
  return Math.min(has.thresholdBps, Math.max(goal, has.thresholdBps - steps * stepBps));
}

/** The threshold that an agent walks to: threshold x bonus is at most 100 %. */
function goalOf({ bonusBps }: Carried["reading"]["has"], maintenanceBps: number): number {
  return Math.min(BPS_ONE - maintenanceBps, Math.floor(BPS_ONE ** 2 / Math.max(bonusBps, 1)));
}

/** When its first step can be: a freeze stops it, and where there is no room for one a call makes it, an interval before. */
function stepsFrom({ onChain: { mode, modeUntil }, reading }: Carried, since: number): number {
  const { has, stepFrom, stepBps, stepSeconds } = reading;
  const free = mode === "FROZEN" ? Math.max(since, modeUntil) : since;
  const hasRoom = has.thresholdBps > has.ltvBps + stepBps;
  return Math.max(free, hasRoom ? stepFrom : since + stepSeconds);
}

/** Every time at which the lowest threshold may fall, in no order. */
export function turnsOf(carried: Carried, since: number): number[] {
  const { onChain, reading } = carried;
  const { maintenanceBps, maintenanceTargetBps, limits } = onChain;
  const way = Math.max(0, maintenanceTargetBps - maintenanceBps);
  const ticks = Array.from({ length: way }, (_, i) => whenMoved({ ...onChain, ...limits }, i + 1, since));
  const deepest = goalOf(reading.has, Math.max(maintenanceBps, maintenanceTargetBps));
  const steps = Math.max(0, Math.ceil((reading.has.thresholdBps - deepest) / reading.stepBps));
  const from = stepsFrom(carried, since);
  return [...ticks, ...Array.from({ length: steps }, (_, i) => from + i * reading.stepSeconds)];
}

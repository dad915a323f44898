import { DAY_SECONDS } from "../domain/calendar.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { maintenanceAfter, whenMoved } from "../domain/follow.ts";
import type { RampStatus } from "./status.ts";

/** From one line of the schedule to the next at least. */
const STEP_SECONDS = 7 * DAY_SECONDS;
/** Lines of a schedule at most, beside its end: a long ramp has longer steps. */
const MOST_STEPS = 8;

/**
 * The notice that maintenance gives: where it will be, week by week until it has reached its target on chain, if nothing else
 * is written and the data stays fresh. Null where it is there, or does not move.
 * @param now Unix seconds
 * @example rampOf({ ...calm, maintenanceBps: 1_700, maintenanceTargetBps: 1_850 }, now)?.steps.length // 3: at 300 bp in 30 days
 */
export function rampOf(onChain: OnChainMarket, now: number): RampStatus | null {
  const { maintenanceBps: fromBps, maintenanceTargetBps: toBps, limits } = onChain;
  const market = { ...onChain, ...limits };
  const endsAt = fromBps === toBps ? Number.POSITIVE_INFINITY : whenMoved(market, Math.abs(toBps - fromBps), now);
  if (!Number.isFinite(endsAt)) return null;
  const step = Math.max(STEP_SECONDS, Math.ceil((endsAt - now) / MOST_STEPS / DAY_SECONDS) * DAY_SECONDS);
  const steps: RampStatus["steps"][number][] = [];
  for (let time = now + step; time < endsAt; time += step)
    steps.push({ time, maintenanceBps: maintenanceAfter(market, now, time) });
  const bpsPer30Days = toBps > fromBps ? limits.tightenSpeedBpsPer30Days : limits.loosenSpeedBpsPer30Days;
  return { fromBps, toBps, bpsPer30Days, steps: [...steps, { time: endsAt, maintenanceBps: toBps }] };
}

import type { z } from "zod";
import { agesFrom, DAY_SECONDS, HOUR_SECONDS } from "../domain/calendar.ts";
import type { ChainView } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { maintenanceAfter, whenMoved } from "../domain/follow.ts";
import type { rampsSchema } from "./noticeSchema.ts";
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

export type Ramps = z.infer<typeof rampsSchema>;

/**
 * Every ramp in force at a block, with the first second of each basis point on its way. Markets at their target, or that
 * nothing moves, are left out.
 * @example rampsOf(chain).ramps[0].points[0] // { maintenanceBps: 1_901, time: 1_769_558_460 }
 */
export function rampsOf({ chainId, contract, blockNumber, blockTime, markets }: ChainView): Ramps {
  const ramps = [...markets].flatMap(([market, onChain]) => {
    const { marketId, maintenanceBps: fromBps, maintenanceTargetBps: toBps, limits } = onChain;
    const up = toBps > fromBps;
    const way = Math.abs(toBps - fromBps);
    const reached = (bps: number) => whenMoved({ ...onChain, ...limits }, bps, blockTime);
    if (way === 0 || !Number.isFinite(reached(way))) return [];
    const points = Array.from({ length: way }, (_, i) => {
      return { maintenanceBps: fromBps + (up ? i + 1 : -i - 1), time: reached(i + 1) };
    });
    const bpsPer30Days = up ? limits.tightenSpeedBpsPer30Days : limits.loosenSpeedBpsPer30Days;
    const freshUntil = agesFrom(onChain) + limits.ttlHours * HOUR_SECONDS;
    return [{ market, marketId, fromBps, toBps, bpsPer30Days, minGapBps: limits.minGapBps, freshUntil, points }];
  });
  return { form: "tonsor.ramps.v1", chainId, contract, blockNumber: Number(blockNumber), time: blockTime, ramps };
}

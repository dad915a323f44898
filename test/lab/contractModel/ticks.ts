import { follow } from "../../../scripts/lab/contractModel/follower.ts";

/** How often a clock of `bpsPerDay` has ticked from EPOCH to `minute`: how far a value gets that may go on for ever. */
export function ticksTo(bpsPerDay: number, minute: number): number {
  return follow(0, Number.POSITIVE_INFINITY, 0, minute, { tightenSpeedBpsPerDay: bpsPerDay, loosenSpeedBpsPerDay: 0 });
}

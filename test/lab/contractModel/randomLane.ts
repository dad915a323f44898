import { minuteOf } from "../../../keeper/domain/calendar.ts";
import type { EntryLane } from "../../../keeper/domain/contract.ts";
import { maintenanceAt, spentAt } from "../../../scripts/lab/contractModel/effective.ts";
import { type ContractState, type Group, limitsOf, paceOf } from "../../../scripts/lab/contractModel/state.ts";
import type { Random } from "./random.ts";

/** The nearest number that fits so many bits. */
export const clamp = (value: number, bits: number) => Math.min(2 ** bits - 1, Math.max(0, value));

/** Values for a lane: a small legal move, or (as often as `roughness` says) just inside, on or beyond a bound. */
export function laneOf(
  random: Random,
  state: ContractState,
  group: Group,
  lane: number,
  now: number,
  quorum: boolean,
  roughness: number,
): EntryLane {
  const quality = { confidence: random.between(0, 31), sources: random.between(0, 2_047) };
  const market = group.markets[lane];
  if (!market) return { initialBps: 2_500, maintenanceTargetBps: 1_500, ...quality };
  const limits = limitsOf(state, group.classId);
  const minute = minuteOf(now);
  const maintenance = maintenanceAt(group, market, paceOf(state, group.classId, now), minute);
  const stepBps = quorum ? limits.quorumLooseningStepBps : limits.maxLooseningStepBps;
  const budget = (quorum ? limits.quorumLooseningBudgetBpsPerDay : limits.looseningBudgetBpsPerDay) / 4;
  const left = Math.max(0, budget - spentAt(group, minute));
  const from = Math.min(market.maintenanceTargetBps, maintenance);
  const home = 1_800 + 90 * lane;
  const high = market.initialBps > home + 1_000;
  const drift = Math.sign(home - market.maintenanceTargetBps) * random.between(0, 15);
  const targetRange = [
    limits.minMaintenanceBps,
    Math.max(limits.maxMaintenanceBps, market.maintenanceTargetBps),
  ] as const;
  let target = inside(market.maintenanceTargetBps + drift + random.between(-12, 12), ...targetRange);
  target = Math.max(target, from - stepBps);
  const floor = Math.max(target, maintenance) + limits.minGapBps;
  const room = Math.min(stepBps, left, random.chance(0.5) ? 0 : random.between(0, 12));
  const initialRange = [limits.minInitialBps, Math.max(limits.maxInitialBps, market.initialBps)] as const;
  let initial = Math.max(
    inside(market.initialBps - room + (random.chance(high ? 0.02 : 0.2) ? random.between(0, 25) : 0), ...initialRange),
    floor,
  );
  if (random.chance(roughness)) {
    const off = random.between(-1, 1);
    const edge = random.weighted({
      minI: 1,
      maxI: 1,
      minM: 1,
      maxM: 1,
      gap: 3,
      step: 3,
      budget: 4,
      target: 3,
      any: 1,
      up: 2,
    });
    if (edge === "minI") initial = limits.minInitialBps + off;
    if (edge === "maxI") initial = initialRange[1] + off;
    if (edge === "minM") target = limits.minMaintenanceBps + off;
    if (edge === "maxM") [target, initial] = [targetRange[1] + off, targetRange[1] + 1 + limits.minGapBps];
    if (edge === "gap") initial = floor + off;
    if (edge === "step") initial = market.initialBps - stepBps + off;
    if (edge === "budget") initial = market.initialBps - left + off;
    if (edge === "target") target = from - stepBps + off;
    if (edge === "any") [initial, target] = [random.between(0, 16_383), random.between(0, 8_191)];
    if (edge === "up") [initial, target] = [market.initialBps + 600, market.maintenanceTargetBps + 400];
  }
  return { initialBps: clamp(initial, 14), maintenanceTargetBps: clamp(target, 13), ...quality };
}

function inside(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

import type { Account, Entry } from "../../../keeper/domain/contract.ts";
import { maintenanceAt, minuteStart, spentAt } from "../../../scripts/lab/contractModel/follow.ts";
import {
  type ContractState,
  classOf,
  type Market,
  type MarketNumbers,
  storedMarket,
} from "../../../scripts/lab/contractModel/state.ts";
import type { Random } from "./random.ts";

/** The nearest number that fits so many bits. */
export const clamp = (value: number, bits: number) => Math.min(2 ** bits - 1, Math.max(0, value));
const inside = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

const EDGES = {
  ...{ minI: 1, maxI: 1, minM: 1, maxM: 1, lowest: 1, highest: 1, gap: 3, step: 3, budget: 4 },
  ...{ target: 3, raise: 3, raiseBudget: 3, any: 1, up: 2, same: 2, restore: 2, aggregate: 5, trip: 12 },
};

/** By whom, with what is spent in the window of the block, and how often at or beyond a bound. */
type Style = { readonly writer: Account; readonly roughness: number };

/** An entry for a market: a small legal move, or (as often as `roughness` says) just inside, on or beyond a bound. */
export function entryFor(
  random: Random,
  state: ContractState,
  marketId: number,
  now: number,
  { writer, roughness }: Style,
): Entry {
  const market = storedMarket(state, marketId);
  const quality = { confidence: random.between(0, 31), sources: random.between(0, 2_047) };
  if (market === null) {
    const numbers = { initialBps: 2_500, maintenanceTargetBps: 1_500, limit: 9_000 };
    return { marketId, generation: 16, asOf: minuteStart(now), ...numbers, ...quality, orTighter: random.chance(0.5) };
  }
  const numbers = numbersFor(random, state, market, now, { writer, roughness });
  const generation = random.chance(roughness * 0.1) ? random.between(0, 31) : market.generation;
  const asOf = random.chance(0.8) ? now - random.between(0, 50) : roughTime(random, state, market, now);
  return { marketId, generation, asOf: minuteStart(asOf), ...numbers, ...quality, orTighter: random.chance(0.3) };
}

/** Three numbers for a market. */
export function numbersFor(
  random: Random,
  state: ContractState,
  market: Market,
  now: number,
  { writer, roughness }: Style,
): MarketNumbers {
  const quorum = writer.power === "QUORUM";
  const { limits } = classOf(state, market);
  const maintenance = maintenanceAt(market, now);
  const step = quorum ? limits.quorumStepBps : limits.hotStepBps;
  const raiseStep = quorum ? limits.quorumRaiseStep : limits.hotRaiseStep;
  const { spentBps, raised } = spentAt(market, now);
  const left = Math.max(0, (quorum ? limits.quorumBudgetBps : limits.hotBudgetBps) - spentBps);
  const raiseLeft = Math.max(0, (quorum ? limits.quorumRaiseBudget : limits.hotRaiseBudget) - raised);
  const from = Math.min(market.maintenanceTargetBps, maintenance);
  const [lowI, highI] = [limits.minInitialBps, Math.max(limits.maxInitialBps, market.initialBps)];
  const [lowM, highM] = [limits.minMaintenanceBps, Math.max(limits.maxMaintenanceBps, market.maintenanceTargetBps)];
  const [lowL, highL] = [Math.min(market.lowestLimit, market.limit), market.highestLimit];

  const drift = Math.sign(2_000 - market.maintenanceTargetBps) * random.between(0, 15);
  let target = inside(market.maintenanceTargetBps + drift + random.between(-12, 12), lowM, highM);
  target = Math.max(target, from - step);
  const floor = Math.max(target, maintenance) + limits.minGapBps;
  const room = Math.min(step, left, random.chance(0.5) ? 0 : random.between(0, 12));
  const rise = random.chance(market.initialBps > 4_000 ? 0.02 : 0.2) ? random.between(0, 25) : 0;
  let initial = Math.max(inside(market.initialBps - room + rise, lowI, highI), floor);
  const growth = Math.min(raiseStep, raiseLeft, random.between(0, 10));
  let limit = inside(market.limit + (random.chance(0.4) ? growth : -random.between(0, 6)), lowL, highL);
  if (random.chance(roughness)) {
    const off = random.between(-1, 1);
    const edge = random.weighted(EDGES);
    if (edge === "minI") initial = lowI + off;
    if (edge === "maxI") initial = highI + off;
    if (edge === "minM") target = lowM + off;
    if (edge === "maxM") [target, initial] = [highM + off, highM + 1 + limits.minGapBps];
    if (edge === "lowest") limit = lowL + off;
    if (edge === "highest") limit = highL + off;
    if (edge === "gap") initial = floor + off;
    if (edge === "step") initial = market.initialBps - step + off;
    if (edge === "budget") initial = market.initialBps - Math.min(left, step) + off;
    if (edge === "target") target = from - step + off;
    if (edge === "raise") limit = market.limit + raiseStep + off;
    if (edge === "raiseBudget") limit = market.limit + Math.min(raiseLeft, raiseStep) + off;
    if (edge === "any")
      [initial, target, limit] = [random.between(0, 16_383), random.between(0, 8_191), random.between(0, 65_535)];
    if (edge === "up") [initial, target] = [market.initialBps + 600, market.maintenanceTargetBps + 400];
    if (edge === "same") [initial, target, limit] = [market.initialBps, market.maintenanceTargetBps, market.limit];
    if (edge === "aggregate") initial = market.initialBps - (writer.aggregateBps - writer.spentBps) + off;
    if (edge === "trip") initial = market.initialBps - (writer.tripBps - writer.spentBps - writer.refusedBps) + off;
    if (edge === "restore") [initial, target, limit] = [initial - 1, target, market.limit - 5];
  }
  return { initialBps: clamp(initial, 14), maintenanceTargetBps: clamp(target, 13), limit: clamp(limit, 16) };
}

function roughTime(random: Random, state: ContractState, market: Market, now: number): number {
  const age = classOf(state, market).limits.maxAgeMinutes * 60;
  const near = [now, now + 60, now + 7_200, now - age, now - age - 60, now - random.between(0, age)];
  return random.pick([...near, market.asOf - 60, market.asOf, market.asOf + 60]);
}

import { checkUpdate } from "../../../scripts/lab/contractModel/checkUpdate.ts";
import { readHaircuts } from "../../../scripts/lab/contractModel/effective.ts";
import { setAggregateBudget } from "../../../scripts/lab/contractModel/govern.ts";
import { type ContractState, limitsOf, locate } from "../../../scripts/lab/contractModel/state.ts";
import { START } from "./genesis.ts";
import type { Random } from "./random.ts";
import { as, calm, DAY, done, entry, MINUTE, update } from "./world.ts";

/** What a thief with a key wants of market 1. */
export type Goal = "loosen initial" | "tighten maintenance" | "loosen maintenance";

/** When the key is stolen, and when it is used, in seconds after that. */
export type Plan = { readonly stolen: number; readonly uses: readonly number[] };

/** The key that was stolen, what for, and how long it goes on (seconds). */
export type Theft = { readonly goal: Goal; readonly quorum: boolean; readonly span: number };

const MARKET = 1;
const NO_END = 2 ** 24 - 1;

/** A calm world without an aggregate budget in the way, market 1 high enough to fall all the way. */
function base(goal: Goal): ContractState {
  const now = START + MINUTE;
  const open = done(setAggregateBudget(calm(), NO_END, NO_END, as("governance", now)));
  return goal === "loosen initial" ? done(update(open, now, [entry(0, now, [[9_000, 1_800]])])) : open;
}

const bases = new Map<Goal, ContractState>();

function baseOf(goal: Goal): ContractState {
  const known = bases.get(goal) ?? base(goal);
  bases.set(goal, known);
  return known;
}

/** How far the goal is reached by the end of the plan, basis points. */
export function damageOf(theft: Theft, { stolen, uses }: Plan): number {
  let state = baseOf(theft.goal);
  const reads = (now: number) => readHaircuts(state, MARKET, now).maintenanceBps;
  const first = { initial: locate(state, MARKET)?.market.initialBps ?? 0, maintenance: reads(stolen) };
  for (const after of uses) state = use(state, theft, stolen + after);
  if (theft.goal === "loosen initial") return first.initial - (locate(state, MARKET)?.market.initialBps ?? 0);
  const moved = reads(stolen + theft.span) - first.maintenance;
  return theft.goal === "tighten maintenance" ? moved : -moved;
}

/** One use of the key: the most the contract lets it have. */
function use(state: ContractState, { goal, quorum }: Theft, now: number): ContractState {
  const found = locate(state, MARKET);
  if (!found) return state;
  const { market, group } = found;
  const limits = limitsOf(state, group.classId);
  const step = quorum ? limits.quorumLooseningStepBps : limits.maxLooseningStepBps;
  let { initialBps, maintenanceTargetBps: target } = market;
  if (goal === "tighten maintenance") [initialBps, target] = [limits.maxInitialBps, limits.maxMaintenanceBps];
  if (goal === "loosen maintenance") target = Math.max(limits.minMaintenanceBps, target - step);
  if (goal === "loosen initial") initialBps -= step;
  for (let tries = 0; tries < 3; tries++) {
    const wanted = { marketId: MARKET, initialBps, maintenanceTargetBps: target, asOf: now };
    const { reason, given, allowed } = checkUpdate(state, wanted, { now, quorum, mayLoosen: () => true });
    if (reason === "NONE") return done(update(state, now, [entry(0, now, [[initialBps, target]])], { quorum }));
    if (given === initialBps) initialBps = allowed;
    else target = allowed;
  }
  return state;
}

/** The worst plan that a search finds: random plans, and the best few of each round bent a little (a beam). */
export function worst(theft: Theft, random: Random, rounds: number): { readonly bps: number; readonly plan: Plan } {
  const judged = (plan: Plan) => ({ plan, bps: damageOf(theft, plan) });
  let beam = Array.from({ length: WIDTH }, () => judged(anyPlan(theft, random)));
  for (let round = 0; round < rounds; round++) {
    const bent = beam.map(({ plan }) => judged(bend(plan, theft, random)));
    const fresh = judged(anyPlan(theft, random));
    beam = [...beam, ...bent, fresh].sort((a, b) => b.bps - a.bps).slice(0, WIDTH);
  }
  return beam[0] as { bps: number; plan: Plan };
}

const WIDTH = 6;

const anyStart = (random: Random) => START + DAY + random.between(0, 2 * DAY);

function anyPlan({ span }: Theft, random: Random): Plan {
  const uses = Array.from({ length: random.between(1, 24) }, () => random.between(0, span));
  return { stolen: anyStart(random), uses: inOrder(uses) };
}

function bend({ stolen, uses }: Plan, { span }: Theft, random: Random): Plan {
  const how = random.weighted({ start: 1, shift: 2, add: 4, move: 2, ends: 1 });
  if (how === "start") return { stolen: anyStart(random), uses };
  if (how === "shift") return { stolen: stolen + MINUTE * random.between(-10, 10), uses };
  if (how === "ends") return { stolen, uses: inOrder([0, ...uses, span]) };
  const next = [...uses, random.between(0, span)];
  if (how === "move") next.splice(random.between(0, uses.length - 1), 1);
  return { stolen, uses: inOrder(next) };
}

const inOrder = (uses: readonly number[]) => [...new Set(uses)].sort((a, b) => a - b);

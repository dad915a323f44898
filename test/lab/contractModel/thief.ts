import { EPOCH } from "../../../keeper/domain/calendar.ts";
import type { Entry } from "../../../keeper/domain/contract.ts";
import { numbersOf } from "../../../keeper/protocols/words.ts";
import type { Finding } from "../../../scripts/lab/contractModel/judge.ts";
import { preview } from "../../../scripts/lab/contractModel/publishBatch.ts";
import { readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import type { ContractState } from "../../../scripts/lab/contractModel/state.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { ACCOUNTS } from "./calls.ts";
import { COLLATERAL, debtOf, deployed, type Genesis, START } from "./genesis.ts";
import type { Random } from "./random.ts";
import { as, DAY, done, entryOf, HOUR, MINUTE, marketIn, publish } from "./world.ts";

/** What a thief with a key wants of a market. */
export type Goal = "loosen initial" | "raise the limit" | "tighten maintenance" | "loosen maintenance";

/** When the key is stolen, and when it is used, in seconds after that. */
export type Plan = { readonly stolen: number; readonly uses: readonly number[] };

/** The key that was stolen, what for, and how long it goes on (seconds). */
export type Theft = { readonly goal: Goal; readonly by: "keeper" | "quorum"; readonly span: number };

/** A batch of one market, and the block in which it is sent. */
export type Sent = { readonly now: number; readonly entry: Entry };

const WINDOW = 8 * HOUR;
const free = { aggregateBps: 2 ** 24 - 1, tripBps: 0 };
const wide = { initialBps: 9_000, limit: 1_025, lowestLimit: 1, highestLimit: 0xffff };
const pair = (index: number) => ({ collateral: COLLATERAL, debt: debtOf(index), classId: 0 });

/** Two markets with all the room that a thief may want, and no aggregate budget in the way. */
export const SCENE: Genesis = {
  accounts: [
    { account: ACCOUNTS.keeper, power: "HOT", ...free },
    { account: ACCOUNTS.quorum, power: "QUORUM", ...free },
    { account: ACCOUNTS.lister, power: "LISTER", ...free },
  ],
  classes: [{ classId: 0, limits: CLASS_LIMITS }],
  markets: [
    { ...pair(0), ...wide, maintenanceBps: 4_000 },
    { ...pair(1), ...wide, maintenanceBps: CLASS_LIMITS.minMaintenanceBps },
  ],
};

const { state: SCENE_STATE } = deployed(SCENE);

/** Market 2 has room for initial to fall, market 1 for the rest. */
export const marketOfGoal = (goal: Goal): number => (goal === "loosen initial" ? 2 : 1);

/** How far the goal is reached between two states at two times: basis points, or notches. */
function reached(
  goal: Goal,
  [before, stolen]: readonly [ContractState, number],
  [after, end]: readonly [ContractState, number],
): number {
  const id = marketOfGoal(goal);
  const [was, is] = [marketIn(before, id), marketIn(after, id)];
  if (goal === "loosen initial") return was.initialBps - is.initialBps;
  if (goal === "raise the limit") return is.limit - was.limit;
  const reads = (state: ContractState, now: number) => readHaircuts(state, id, now).maintenanceBps;
  const moved = reads(after, end) - reads(before, stolen);
  return goal === "tighten maintenance" ? moved : -moved;
}

/** What a plan does in the model: how far the goal is reached at its end, and what was sent. */
function carriedOut(theft: Theft, { stolen, uses }: Plan): { readonly damage: number; readonly sent: Sent[] } {
  const before = SCENE_STATE;
  const sent: Sent[] = [];
  let state = before;
  for (const after of uses) {
    const now = stolen + after;
    const entry = mostOf(state, theft, now);
    if (entry === null) continue;
    state = done(publish(state, now, [entry], { by: theft.by }));
    sent.push({ now, entry });
  }
  return { damage: reached(theft.goal, [before, stolen], [state, stolen + theft.span]), sent };
}

/** One use of the key: the most the contract lets it have, null when that is nothing. */
function mostOf(state: ContractState, { goal, by }: Theft, now: number): Entry | null {
  const id = marketOfGoal(goal);
  const { maxInitialBps, maxMaintenanceBps } = CLASS_LIMITS;
  let entry = entryOf(state, id, now);
  if (goal === "loosen initial") entry = { ...entry, initialBps: 0 };
  if (goal === "raise the limit") entry = { ...entry, limit: 0xffff };
  if (goal === "tighten maintenance") {
    entry = { ...entry, initialBps: maxInitialBps, maintenanceTargetBps: maxMaintenanceBps };
  }
  if (goal === "loosen maintenance") entry = { ...entry, maintenanceTargetBps: 0 };
  for (let tries = 0; tries < 5; tries++) {
    const found = preview(state, ACCOUNTS[by], entry, as(by, now));
    if (found.reason === "NONE") return entry;
    const next = corrected(entry, found);
    if (next === null) return null;
    entry = next;
  }
  return null;
}

/** The entry no looser than a finding allows, null when the finding is not about how loose it is. */
function corrected(entry: Entry, { reason, allowed }: Finding): Entry | null {
  if (reason === "GAP_TOO_SMALL") return { ...entry, initialBps: allowed };
  if (reason !== "TOO_LOOSE" && reason !== "STEP_TOO_LARGE") return null;
  const numbers = numbersOf(allowed);
  return {
    ...entry,
    initialBps: Math.max(entry.initialBps, numbers.initialBps),
    maintenanceTargetBps: Math.max(entry.maintenanceTargetBps, numbers.maintenanceTargetBps),
    limit: Math.min(entry.limit, numbers.limit),
  };
}

/** The worst plan that a search finds: random plans, and the best few of each round bent a little (a beam). */
export function worst(theft: Theft, random: Random, rounds: number) {
  const judged = (plan: Plan) => ({ plan, ...carriedOut(theft, plan) });
  let beam = Array.from({ length: WIDTH }, () => judged(anyPlan(theft, random)));
  for (let round = 0; round < rounds; round++) {
    const bent = beam.map(({ plan }) => judged(bend(plan, theft, random)));
    const fresh = judged(anyPlan(theft, random));
    beam = [...beam, ...bent, fresh].sort((a, b) => b.damage - a.damage).slice(0, WIDTH);
  }
  return beam[0] as (typeof beam)[number];
}

const WIDTH = 6;

const anyStart = (random: Random) => START + DAY + random.between(0, 30 * DAY);

/** Uses at random, or at a steady pace, once or twice each time. */
function anyPlan({ span }: Theft, random: Random): Plan {
  const pace = random.between(span > 10 * WINDOW ? 4 * HOUR : 30 * MINUTE, WINDOW);
  const once = Array.from({ length: Math.floor(span / pace) + 1 }, (_, at) => at * pace);
  const steady = random.chance(0.5) ? once : once.flatMap((use) => [use, Math.min(span, use + MINUTE)]);
  const anywhere = Array.from({ length: random.between(1, 24) }, () => random.between(0, span));
  return { stolen: anyStart(random), uses: inOrder(random.chance(0.5) ? [...steady, span] : anywhere) };
}

function bend({ stolen, uses }: Plan, { span }: Theft, random: Random): Plan {
  const how = random.weighted({ start: 1, edge: 2, shift: 2, add: 4, move: 2, ends: 1 });
  if (how === "start") return { stolen: anyStart(random), uses };
  // A key is worth most when it is stolen just before the end of a window.
  if (how === "edge")
    return { stolen: stolen - ((stolen - EPOCH) % WINDOW) + WINDOW - random.between(1, MINUTE), uses };
  if (how === "shift") return { stolen: stolen + MINUTE * random.between(-10, 10), uses };
  if (how === "ends") return { stolen, uses: inOrder([0, ...uses, span]) };
  const next = [...uses, random.between(0, span)];
  if (how === "move") next.splice(random.between(0, uses.length - 1), 1);
  return { stolen, uses: inOrder(next) };
}

const inOrder = (uses: readonly number[]) => [...new Set(uses)].sort((a, b) => a - b);

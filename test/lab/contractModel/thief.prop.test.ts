/**
 * The most a stolen key can do, as an adversary finds it, against the closed form of the contract's INVARIANTS.md (I14).
 * THIEF_SEED: where the search starts; THIEF_ROUNDS: how long it goes on (default below).
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS, PROFILE } from "./genesis.ts";
import { Random } from "./random.ts";
import { type Goal, type Theft, worst } from "./thief.ts";
import { HOUR } from "./world.ts";

const SEED = Number(process.env["THIEF_SEED"] ?? 20_261_121);
const ROUNDS = Number(process.env["THIEF_ROUNDS"] ?? 200);
const WINDOW = 8 * HOUR;

/** A quarter of the daily budget for each window that the span can touch. */
function loosenedAtMost(span: number, budget: number): number {
  return (Math.floor(span / WINDOW) + (span % WINDOW === 0 ? 1 : 2)) * (budget / 4);
}

function movedAtMost(span: number, speed: number): number {
  return Math.ceil((speed * span) / (24 * HOUR));
}

function closedForm({ goal, quorum, span }: Theft): number {
  const { looseningBudgetBpsPerDay: hot, quorumLooseningBudgetBpsPerDay: wide } = LIMITS;
  if (goal === "loosen initial") return loosenedAtMost(span, quorum ? wide : hot);
  return movedAtMost(
    span,
    goal === "tighten maintenance" ? PROFILE.tightenSpeedBpsPerDay : PROFILE.loosenSpeedBpsPerDay,
  );
}

const GOALS: readonly Goal[] = ["loosen initial", "tighten maintenance", "loosen maintenance"];

describe("a thief who plans, with a stolen key", () => {
  for (const quorum of [false, true]) {
    for (const hours of [1, 24, 72]) {
      for (const goal of GOALS) {
        const theft: Theft = { goal, quorum, span: hours * HOUR };
        it(`of the ${quorum ? "quorum" : "keeper"} can ${goal} by ${closedForm(theft)} bp in ${hours} h, and no more`, (t) => {
          const { bps, plan } = worst(theft, new Random(SEED + hours), ROUNDS);
          assert.equal(bps, closedForm(theft), `seed ${SEED + hours}: ${JSON.stringify(plan)}`);
          t.diagnostic(`${plan.uses.length} uses from ${plan.stolen}`);
        });
      }
    }
  }
});

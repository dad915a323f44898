/**
 * The most a stolen key can do, as an adversary finds it in the model, against the closed form of the certificate.
 * THIEF_SEED: where the search starts; THIEF_ROUNDS: how long it goes on (default: 20 rounds for thirty days, 300 for less).
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Random } from "./random.ts";
import { closedForm, THEFTS, titleOf } from "./thefts.ts";
import { worst } from "./thief.ts";
import { HOUR } from "./world.ts";

const SEED = Number(process.env["THIEF_SEED"] ?? 20_261_201);
const rounds = (span: number) => Number(process.env["THIEF_ROUNDS"] ?? (span > 30 * HOUR ? 20 : 300));

describe("a thief who plans, with a stolen key", () => {
  for (const theft of THEFTS) {
    const most = closedForm(theft);
    it(`${titleOf(theft)}: by ${most}, and no more`, (t) => {
      const seed = SEED + theft.span / HOUR;
      const { damage, plan } = worst(theft, new Random(seed), rounds(theft.span));
      assert.equal(damage, most, `seed ${seed}: ${JSON.stringify(plan)}`);
      t.diagnostic(`${plan.uses.length} uses from ${plan.stolen}`);
    });
  }
});

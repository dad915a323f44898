/**
 * The model of the contract against its invariants, and against itself rebuilt from its events.
 * MODEL_STEPS: how many calls (default 20000). CONTRACT_SEED: where they start (default below).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContractEvent } from "../../../scripts/lab/contractModel/events.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import { perform } from "./calls.ts";
import { deployed, START } from "./genesis.ts";
import { Invariants } from "./invariants.ts";
import { Random } from "./random.ts";
import { randomStep } from "./randomStep.ts";

const STEPS = Number(process.env["MODEL_STEPS"] ?? 20_000);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_201);
/** Calls of one run: each starts from a contract just deployed, and is rebuilt from its events at its end. */
const RUN = 2_000;

test("no sequence of calls by anybody breaks an invariant, and events alone rebuild the state", (t) => {
  let [calls, refused] = [0, 0];
  for (let run = 0; run * RUN < STEPS; run++) {
    const random = new Random(SEED + run);
    const invariants = new Invariants();
    const first = deployed();
    let { state } = first;
    const events: ContractEvent[] = [...first.events];
    let now = START;
    for (let index = 0; index < RUN; index++) {
      const step = randomStep(random, state, now, Math.floor(index / 100) % 2 === 0 ? "mixed" : "steady");
      const last = now;
      now += step.seconds;
      const outcome = perform(state, step, now);
      calls++;
      if ("refused" in outcome) {
        refused++;
        continue;
      }
      for (const event of outcome.events) events.push({ ...event, time: now });
      try {
        invariants.check({ step, before: state, after: outcome.state, last, now });
      } catch (error) {
        throw new Error(`seed ${SEED + run}, step ${index}: ${JSON.stringify(step)}`, { cause: error });
      }
      state = outcome.state;
    }
    assert.deepEqual(rebuildFromEvents(events), state, `run of seed ${SEED + run}, rebuilt`);
  }
  t.diagnostic(`${calls} calls, ${refused} refused as a whole`);
});

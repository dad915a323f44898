/**
 * The contract of a rollup against its model, which is told when the sequencer was down: the same comparison after every
 * call. OUTAGE_STEPS: how many calls (default 400). CONTRACT_SEED: where the random calls start (default below).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { readEvents } from "../../../keeper/protocols/events.ts";
import { readUptime } from "../../../scripts/deploy/uptimeFeed.ts";
import { readHaircuts } from "../../../scripts/lab/contractModel/effective.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import { Random } from "../../lab/contractModel/random.ts";
import { randomStep } from "../../lab/contractModel/randomStep.ts";
import { Comparison, plain } from "./comparison.ts";

const STEPS = Number(process.env["OUTAGE_STEPS"] ?? 400);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_122);
const GRACE = 900;
let both: Comparison;

before(async () => {
  both = await Comparison.start(GRACE);
});

test("with outages between them, every call says, refuses and reads what the model does", async (t) => {
  const random = new Random(SEED);
  let up = true;
  let different = 0;
  for (let index = 0; index < STEPS; index++) {
    // Now and then more rounds than the contract looks back on.
    for (let more = random.chance(0.02) ? 17 : random.chance(0.2) ? 1 : 0; more > 0; more--) {
      up = !up;
      await both.report(up, random.between(1, 2_400));
    }
    const step = randomStep(random, both.state, both.world.now(), index % 200 < 100 ? "mixed" : "steady");
    await both.step(step, random, `step ${index} of seed ${SEED}`);
    if (index % 50 === 49) await both.reads(`after step ${index} of seed ${SEED}`);
    const reads = (state = both.state) => readHaircuts(state, 1, both.world.now()).maintenanceBps;
    if (reads() !== reads({ ...both.state, sequencer: null })) different += 1;
  }
  t.diagnostic(`${different} reads by an outage: ${JSON.stringify(Object.fromEntries([...both.seen].sort()))}`);
  assert.ok(different > STEPS / 50, `outages made a difference to ${different} reads`);
  assert.ok((both.seen.get("down") ?? 0) > STEPS / 20);
});

test("the state is rebuilt from the events and the rounds of the feed, which are read from the chain", async () => {
  const { world, state } = both;
  const block = await world.blockNumber();
  const events = await readEvents(world.client, world.address, { fromBlock: 0n, toBlock: block });
  const fixed = events.find((event) => event.name === "SequencerFixed");
  assert.equal(fixed?.values.graceSeconds, GRACE);
  const rounds = await readUptime(world.client, fixed.values.feed, 0, block);
  assert.deepEqual(rounds, state.sequencer?.rounds);
  assert.deepEqual(plain(rebuildFromEvents(events, rounds)), plain(state));
});

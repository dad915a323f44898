/**
 * The contract against its model: after every call, what it said, what it refused with and every view of every market.
 * CONTRACT_STEPS: how many calls (default 2000). CONTRACT_SEED: where the random calls start (default below).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type MarketMode, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import type { AccountName } from "../../lab/contractModel/calls.ts";
import { Random } from "../../lab/contractModel/random.ts";
import { randomStep } from "../../lab/contractModel/randomStep.ts";
import { Comparison, plain } from "./comparison.ts";

const STEPS = Number(process.env["CONTRACT_STEPS"] ?? 2_000);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_201);
let both: Comparison;

before(async () => {
  both = await Comparison.start();
});

test("after every random call the contract says, refuses and reads what the model does", async (t) => {
  const random = new Random(SEED);
  for (let index = 0; index < STEPS; index++) {
    const stretch = Math.floor(index / 100) % 2 === 0 ? "mixed" : "steady";
    const step = randomStep(random, both.state, both.world.now(), stretch);
    await both.step(step, random, `step ${index} of seed ${SEED}`);
  }
  t.diagnostic(`${STEPS} calls: ${JSON.stringify(Object.fromEntries([...both.seen].sort()))}`);
});

test("a guardian's closing, its lapse, its cool-down and a challenge run alike in contract and model", async () => {
  const random = new Random(SEED);
  const hours = 3_600;
  const script: readonly [AccountName, MarketMode, number][] = [
    ["governance", "NORMAL", 1],
    ["guardian", "NO_NEW_RISK", 5],
    ["guardian", "FROZEN", 10 * hours],
    ["guardian", "FROZEN", 70 * hours],
    ["guardian", "NO_NEW_RISK", 10 * hours],
    ["guardian", "FROZEN", 6 * hours],
    ["challenger", "NO_NEW_RISK", 73 * hours],
    ["challenger", "NO_NEW_RISK", 5 * hours],
    ["guardian", "FROZEN", 30],
    ["governance", "NORMAL", 1 * hours],
  ];
  const marketId = both.state.markets.findIndex(({ generation }) => generation !== 0) + 1;
  for (const [by, mode, seconds] of script) {
    await both.step({ call: { kind: "setMode", marketId, mode }, by, seconds }, random, "the script of modes");
  }
  assert.ok(both.seen.has("GuardianCoolingDown"));
});

test("the random calls met every reason there is for skipping a market or its loosening", () => {
  for (const reason of SKIP_REASONS.slice(1)) assert.ok(both.seen.has(`MarketSkipped ${reason}`), `${reason} was never met`);
  for (const reason of SKIP_REASONS.slice(8)) assert.ok(both.seen.has(`LooseningSkipped ${reason}`), `${reason} held no loosening`);
});

test("the state rebuilt from the events alone equals the model, and so what is stored", () => {
  assert.deepEqual(plain(rebuildFromEvents(both.events)), plain(both.state));
});

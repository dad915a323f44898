/**
 * The contract against its model: after every call, what it said, what it refused and every view.
 * CONTRACT_STEPS: how many calls (default 2000). CONTRACT_SEED: where the random calls start (default below).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type MarketMode, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { readEvents } from "../../../keeper/protocols/events.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import type { Account } from "../../lab/contractModel/calls.ts";
import { Random } from "../../lab/contractModel/random.ts";
import { randomStep } from "../../lab/contractModel/randomStep.ts";
import { Comparison, plain } from "./comparison.ts";

const STEPS = Number(process.env["CONTRACT_STEPS"] ?? 2_000);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_121);
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
    if (index % 50 === 49) await both.reads(`after step ${index} of seed ${SEED}`);
  }
  t.diagnostic(`${STEPS} calls: ${JSON.stringify(Object.fromEntries([...both.seen].sort()))}`);
});

test("a guardian's closing, its lapse, its cool-down and a challenge run alike in contract and model", async () => {
  const random = new Random(SEED);
  const hours = 3_600;
  const script: readonly [Account, MarketMode, number][] = [
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
  for (const [by, mode, seconds] of script) {
    await both.step({ call: { kind: "setMode", marketId: 2, mode }, by, seconds }, random, "the script of modes");
  }
  assert.ok(both.seen.has("GuardianCoolingDown"));
});

test("the random calls met every reason there is for skipping a market, and many whole groups", () => {
  assert.ok(
    (both.seen.get("whole groups") ?? 0) > STEPS / 4,
    `${both.seen.get("whole groups")} whole groups were applied at once`,
  );
  for (const reason of SKIP_REASONS.slice(1)) assert.ok(both.seen.has(reason), `${reason} was never met`);
});

test("the state rebuilt from the events alone equals the model, and so what is stored", async () => {
  const events = await readEvents(both.world.client, both.world.address, {
    fromBlock: 0n,
    toBlock: await both.world.blockNumber(),
  });
  const rebuilt = rebuildFromEvents(events);
  assert.deepEqual(plain(rebuilt), plain(both.state));
});

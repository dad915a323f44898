/**
 * The contract against its model: after every call, what it said, what it refused with and every view of every market.
 * CONTRACT_STEPS: how many calls (default 10000; `npm run invariants:long` makes a million). CONTRACT_SEED: where the random calls start (default below).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MarketMode, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { onChainMarket } from "../../../scripts/lab/contractModel/read.ts";
import { readEvents } from "../../../scripts/lab/contractModel/readEvents.ts";
import { rebuildFromEvents } from "../../../scripts/lab/contractModel/rebuild.ts";
import { ACCOUNTS, type AccountName, perform } from "../../lab/contractModel/calls.ts";
import { deployed } from "../../lab/contractModel/genesis.ts";
import { Random } from "../../lab/contractModel/random.ts";
import { randomStep } from "../../lab/contractModel/randomStep.ts";
import { marketsAt } from "../../support/marketsAt.ts";
import { Comparison, plain, spelled } from "./comparison.ts";
import { parametersWorld } from "./parametersWorld.ts";
import { type Simulation, simulation } from "./simulation.ts";

const STEPS = Number(process.env["CONTRACT_STEPS"] ?? 10_000);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_201);
/** Calls of one run: each starts from a contract just deployed, so that its markets stay few. */
const RUN = 2_000;
const seen = new Map<string, number>();
let chain: Simulation;
before(async () => {
  chain = await simulation();
});
after(() => chain?.close());

test("after every random call the contract says, refuses and reads what the model does", async (t) => {
  for (let run = 0; run * RUN < STEPS; run++) {
    const both = new Comparison(chain, seen);
    const seed = SEED + run;
    const random = new Random(seed);
    for (let index = 0; index < Math.min(RUN, STEPS - run * RUN); index++) {
      const stretch = Math.floor(index / 100) % 2 === 0 ? "mixed" : "steady";
      both.step(randomStep(random, both.state, both.now, stretch), random, `step ${index} of seed ${seed}`);
    }
    await both.play();
    assert.deepEqual(plain(rebuildFromEvents(both.events)), plain(both.state), `run of seed ${seed}, rebuilt`);
    if (run % 50 === 49) t.diagnostic(`${(run + 1) * RUN} calls`);
  }
  t.diagnostic(`${STEPS} calls: ${JSON.stringify(Object.fromEntries([...seen].sort()))}`);
});

test("a guardian's closing, its lapse, its cool-down and a challenge run alike in contract and model", async () => {
  const both = new Comparison(chain);
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
  for (const [by, mode, seconds] of script) {
    both.step({ call: { kind: "setMode", marketId: 2, mode }, by, seconds }, random, "the script of modes");
  }
  await both.play();
  assert.ok(both.seen.has("GuardianCoolingDown"));
});

test("what the keeper reads of markets and events is what the model says", async () => {
  const world = await parametersWorld();
  const { client, address, now, blockNumber } = world;
  const random = new Random(SEED);
  let { state, events: said } = deployed();
  for (let index = 0; index < 120; index++) {
    const step = randomStep(random, state, now(), index < 90 ? "mixed" : "steady");
    await world.run(step);
    const wanted = perform(state, step, now());
    if (!("refused" in wanted)) {
      state = wanted.state;
      said = [...said, ...wanted.events.map((event) => ({ ...event, time: now() }))];
    }
    if (index % 10 !== 9) continue;
    const account = ACCOUNTS[random.pick(["keeper", "second", "quorum"] as const)];
    const ids = state.markets.map((_, at) => at + 1);
    const { markets } = await marketsAt(client, address, ids, account);
    const expected = ids.map((id) => onChainMarket(state, id, now(), account));
    assert.deepEqual(markets, expected, `after step ${index} of seed ${SEED}`);
  }
  const events = await readEvents(client, address, { fromBlock: 0n, toBlock: await blockNumber() });
  assert.deepEqual(spelled(events), spelled(said));
});

const tooFew = STEPS < 2_000 && "too few calls to meet everything";

test("the random calls met every reason there is for skipping a market or its loosening", { skip: tooFew }, () => {
  for (const reason of SKIP_REASONS.slice(1)) assert.ok(seen.has(`MarketSkipped ${reason}`), `${reason} was never met`);
  for (const reason of SKIP_REASONS.slice(8))
    assert.ok(seen.has(`LooseningSkipped ${reason}`), `${reason} held no loosening`);
});

/**
 * The contract against its model: after every call, what it said, what it refused and every view.
 * CONTRACT_STEPS: how many calls (default 2000). CONTRACT_SEED: where the random calls start (default below).
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type ContractEventBody, type MarketMode, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { onChainMarket } from "../../../keeper/policy/contract/onChainMarket.ts";
import { rebuildFromEvents } from "../../../keeper/policy/contract/rebuild.ts";
import type { ContractState } from "../../../keeper/policy/contract/state.ts";
import { readMarkets } from "../../../keeper/protocols/collateralParameters.ts";
import { readEvents } from "../../../keeper/protocols/events.ts";
import { type Account, perform, type Step } from "../../policy/contract/calls.ts";
import { deployed, START } from "../../policy/contract/genesis.ts";
import { Random } from "../../policy/contract/random.ts";
import { randomStep } from "../../policy/contract/randomStep.ts";
import { type ParametersWorld, parametersWorld } from "./parametersWorld.ts";
import { chainViews, idsOf, modelViews, type Question } from "./views.ts";

const STEPS = Number(process.env["CONTRACT_STEPS"] ?? 2_000);
const SEED = Number(process.env["CONTRACT_SEED"] ?? 20_261_121);
const seen = new Map<string, number>();
let world: ParametersWorld;
let state: ContractState;

before(async () => {
  world = await parametersWorld();
  state = deployed(world.deployedBy, START);
});

const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);

/** Updates to ask about: like those of a batch that has just been sent, against the state after it. */
function questionsFor(random: Random, { call }: Step, now: number): Question[] {
  if (call.kind !== "update" && call.kind !== "updateByQuorum") return [];
  const updates = call.batch.entries.flatMap(({ group, asOf, lanes }) =>
    lanes.flatMap((values, lane) => {
      if (!values || group > 13_000) return [];
      const { initialBps, maintenanceTargetBps } = values;
      const shift = random.between(-30, 10);
      const initial = Math.max(0, initialBps + shift);
      return [
        {
          marketId: group * 5 + lane + 1,
          initialBps: initial,
          maintenanceTargetBps,
          asOf: random.pick([asOf, now, now, now]),
        },
      ];
    }),
  );
  if (updates.length === 0) return [];
  return [true, false].map((quorum) => ({ update: random.pick(updates), quorum }));
}

/** Entries that name a whole group without a clock of its own and are applied whole: what the fast path is for. */
function wholeGroups(before: ContractState, { call }: Step, events: readonly ContractEventBody[]): number {
  if (call.kind !== "update" && call.kind !== "updateByQuorum") return 0;
  const skipped = events.flatMap((event) =>
    event.name === "MarketSkipped" ? [Math.floor((event.marketId - 1) / 5)] : [],
  );
  return call.batch.entries.filter(({ group, lanes }) => {
    const markets = before.groups[group]?.markets ?? [];
    const usual = markets.every((market, lane) =>
      market ? market.ownAsOfMinute === null && lanes[lane] : !lanes[lane],
    );
    return markets.length > 0 && usual && !skipped.includes(group);
  }).length;
}

/** Addresses in the one spelling the model uses. */
const spelled = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === "string" && /^0x[0-9a-fA-F]{40}$/.test(inner) ? inner.toLowerCase() : inner,
  );

/** Does one thing on chain and in the model, and compares what they say, refuse and read. */
async function compare(step: Step, random: Random, title: string): Promise<void> {
  const now = world.now() + step.seconds;
  const wanted = perform(state, step, world.accountOf(step.by), now);
  const result = await world.run(step);
  const where = `${title} at ${now}: ${JSON.stringify(step)}`;
  if ("refused" in wanted) {
    count(wanted.refused.error);
    assert.ok("refused" in result, `the model refuses with ${JSON.stringify(wanted.refused)}: ${where}`);
    assert.equal(result.refused.error, wanted.refused.error, where);
    if (result.refused.error !== "AccessControlUnauthorizedAccount") {
      assert.deepEqual(spelled(result.refused.args), spelled(wanted.refused.args), where);
    }
  } else {
    assert.ok("events" in result, `the contract refuses with ${JSON.stringify(result)}: ${where}`);
    const { events } = wanted;
    assert.deepEqual(spelled(result.events), spelled(events.map((event) => ({ ...event, time: now }))), where);
    for (const event of events) count(event.name === "MarketSkipped" ? event.reason : event.name);
    for (let whole = wholeGroups(state, step, events); whole > 0; whole--) count("whole groups");
    state = wanted.state;
  }
  const questions = questionsFor(random, step, now);
  const model = modelViews(state, now, questions);
  for (const [reason] of model.previews) count(`preview ${SKIP_REASONS[reason]}`);
  assert.deepEqual(spelled(await chainViews(world, state, questions)), spelled(model), where);
}

/** What the keeper reads, market by market, against what the model says that it reads. */
async function compareReads(where: string): Promise<void> {
  const ids = idsOf(state);
  const { markets } = await readMarkets(world.client, world.address, await world.blockNumber(), ids);
  assert.deepEqual(
    markets,
    ids.map((id) => onChainMarket(state, id, world.now())),
    where,
  );
}

test("after every random call the contract says, refuses and reads what the model does", async (t) => {
  const random = new Random(SEED);
  for (let index = 0; index < STEPS; index++) {
    const stretch = Math.floor(index / 100) % 2 === 0 ? "mixed" : "steady";
    const step = randomStep(random, state, world.now(), stretch);
    await compare(step, random, `step ${index} of seed ${SEED}`);
    if (index % 50 === 49) await compareReads(`after step ${index} of seed ${SEED}`);
  }
  t.diagnostic(`${STEPS} calls: ${JSON.stringify(Object.fromEntries([...seen].sort()))}`);
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
    await compare({ call: { kind: "setMode", marketId: 2, mode }, by, seconds }, random, "the script of modes");
  }
  assert.ok(seen.has("GuardianCoolingDown"));
});

test("the random calls met every reason there is for skipping a market, and many whole groups", () => {
  assert.ok(
    (seen.get("whole groups") ?? 0) > STEPS / 4,
    `${seen.get("whole groups")} whole groups were applied at once`,
  );
  for (const reason of SKIP_REASONS.slice(1)) assert.ok(seen.has(reason), `${reason} was never met`);
});

test("the state rebuilt from the events alone equals the model, and so what is stored", async () => {
  const events = await readEvents(world.client, world.address, {
    fromBlock: 0n,
    toBlock: await world.blockNumber(),
  });
  const rebuilt = rebuildFromEvents(events);
  assert.deepEqual(plain(rebuilt), plain(state));
});

/** Maps as entries and addresses in one spelling, so that two states compare. */
function plain({ classes, probes, ...rest }: ContractState): unknown {
  const sorted = (map: ReadonlyMap<number, unknown>) => [...map].sort(([a], [b]) => a - b);
  return spelled({ ...rest, classes: sorted(classes), probes: sorted(probes) });
}

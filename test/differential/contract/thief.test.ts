/**
 * The worst that the adversary of the model finds (test/lab/contractModel/thief.ts), done to the contract: it reaches the
 * certificate's closed form there too, and at every use of the key the contract takes not a basis point or notch more.
 * THIEF_SEED: where the search starts.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeFunctionData } from "viem";
import type { Entry, Hex } from "../../../keeper/domain/contract.ts";
import { encodeEntry, storedMarketOf } from "../../../keeper/protocols/words.ts";
import { ACCOUNTS } from "../../lab/contractModel/calls.ts";
import { Random } from "../../lab/contractModel/random.ts";
import { closedForm, THEFTS, titleOf } from "../../lab/contractModel/thefts.ts";
import { type Goal, marketOfGoal, SCENE, type Theft, worst } from "../../lab/contractModel/thief.ts";
import { HOUR } from "../../lab/contractModel/world.ts";
import { type ParametersWorld, parametersWorld } from "./parametersWorld.ts";

const SEED = Number(process.env["THIEF_SEED"] ?? 20_261_201);
const rounds = (span: number) => (span > 30 * HOUR ? 20 : 300);
const EVIDENCE: Hex = `0x${"e".repeat(64)}`;

describe("a thief with a stolen key, on the contract", () => {
  for (const theft of THEFTS) {
    it(`${titleOf(theft)}: by ${closedForm(theft)}, and no more`, async () => {
      const { plan, sent, damage } = worst(theft, new Random(SEED + theft.span / HOUR), rounds(theft.span));
      const world = await parametersWorld(SCENE);
      const before = await amountOf(world, theft.goal, plan.stolen);
      for (const [index, { now, entry }] of sent.entries()) {
        if (now > world.now()) await wait(world, now);
        await refusesMore(world, theft, entry);
        const head = { sequence: index + 1, deadline: now + 1, modelVersion: 1, evidence: EVIDENCE };
        const call = { kind: "publishBatch", batch: { ...head, entries: [entry] }, cutBytes: 0 } as const;
        const result = await world.run({ call, by: theft.by, seconds: 1 });
        assert.ok("events" in result && result.events.length === 1, JSON.stringify(result));
      }
      const after = await amountOf(world, theft.goal, plan.stolen + theft.span);
      assert.equal(after - before, damage);
      assert.equal(damage, closedForm(theft));
    });
  }
});

/** How far the goal is reached in a block at `now`, counted so that more is worse. */
async function amountOf(world: ParametersWorld, goal: Goal, now: number): Promise<number> {
  if (now > world.now()) await wait(world, now);
  const id = marketOfGoal(goal);
  const abi = world.abi.filter((one) => one.type !== "function" || one.inputs[0]?.type === "uint16");
  const read = (functionName: string) => world.read(encodeFunctionData({ abi, functionName, args: [id] }));
  if (goal === "loosen initial" || goal === "raise the limit") {
    const { initialBps, limit } = storedMarketOf(BigInt((await read("storedMarket")).slice(0, 66)));
    return goal === "loosen initial" ? -initialBps : limit;
  }
  const maintenanceBps = Number(`0x${(await read("haircuts")).slice(66, 130)}`);
  return goal === "tighten maintenance" ? maintenanceBps : -maintenanceBps;
}

async function wait(world: ParametersWorld, until: number): Promise<void> {
  await world.run({ call: { kind: "wait" }, by: "stranger", seconds: until - world.now() });
}

/** The contract's own preview of an entry that takes a little more. A target that rises moves nothing at once: its speed does. */
async function refusesMore(world: ParametersWorld, { goal, by }: Theft, entry: Entry): Promise<void> {
  if (goal === "tighten maintenance") return;
  const more: Record<Exclude<Goal, "tighten maintenance">, Partial<Entry>> = {
    "loosen initial": { initialBps: entry.initialBps - 1 },
    "raise the limit": { limit: entry.limit + 1 },
    "loosen maintenance": { maintenanceTargetBps: entry.maintenanceTargetBps - 1 },
  };
  const args = [ACCOUNTS[by], encodeEntry({ ...entry, ...more[goal] })];
  const answer = await world.read(encodeFunctionData({ abi: world.abi, functionName: "preview", args }));
  assert.notEqual(Number(answer.slice(0, 66)), 0, `${goal}: ${JSON.stringify(entry)}`);
}

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Door, everyDoor } from "../support/everyDoor.ts";
import { hostileAnswers } from "../support/hostileAnswers.ts";

const COUNT = 10_000;
const MIB = 1_048_576;
/** A door that hands on what it is given may hold a few; nothing of ten thousand stays. */
const MOST_MIB = 30;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const doors = await everyDoor();

describe("every door, given ten thousand hostile answers, the floods among them just below its cap", () => {
  after(async () => {
    for (const door of doors) await door.close?.();
  });

  for (const door of doors) {
    it(`${door.name} breaks nothing, and holds no more memory at the end than at the beginning`, async (t) => {
      await given(door, 200, 2_000, 1);
      const before = heapUsed();
      const slowest = await given(door, COUNT, door.cap - 100, 2);
      await given(door, 60, door.cap + 100, 3);
      const grew = (heapUsed() - before) / MIB;
      t.diagnostic(`heap grew ${grew.toFixed(1)} MiB; slowest ${slowest.ms.toFixed(0)} ms, ${slowest.kind}`);
      assert.ok(grew < MOST_MIB, `${grew} MiB`);
    });
  }
});

/** Gives a door so many answers; says which took longest. */
async function given(door: Door, count: number, largest: number, seed: number) {
  let slowest = { kind: "", ms: 0 };
  for (const { kind, body } of hostileAnswers(door.honest, { seed, count, largest })) {
    const began = performance.now();
    await door.give(body).catch((error: unknown) => {
      throw new Error(`given ${kind}: ${body.subarray(0, 300)}`, { cause: error });
    });
    const ms = performance.now() - began;
    if (ms > slowest.ms) slowest = { kind, ms };
  }
  return slowest;
}

function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

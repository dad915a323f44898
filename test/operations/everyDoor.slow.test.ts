import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Door, everyDoor } from "../support/everyDoor.ts";
import { hostileAnswers } from "../support/hostileAnswers.ts";

const COUNT = 10_000;
const MIB = 1_048_576;

describe("every door, given ten thousand hostile answers, and floods just below its cap", () => {
  let doors: readonly Door[] = [];
  before(async () => {
    doors = await everyDoor();
  });
  after(async () => {
    for (const door of doors) await door.close?.();
  });

  it("breaks nothing, and holds no more memory at the end than at the beginning", async () => {
    for (const door of doors) {
      const given = async (count: number, largest: number, seed: number) => {
        for (const { kind, body } of hostileAnswers(door.honest, { seed, count, largest })) {
          await door.give(body).catch((error: unknown) => {
            throw new Error(`${door.name}, given ${kind}: ${body.subarray(0, 300)}`, { cause: error });
          });
        }
      };
      await given(200, 2_000, 1);
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      await given(COUNT, 2_000, 2);
      await given(60, door.cap - 100, 3);
      await given(60, door.cap + 100, 4);
      globalThis.gc?.();
      const grewMib = (process.memoryUsage().heapUsed - before) / MIB;
      console.log(`${door.name}: ${COUNT + 120} answers, heap grew ${grewMib.toFixed(1)} MiB`);
      if (globalThis.gc !== undefined) assert.ok(grewMib < 30, `${door.name}: ${grewMib} MiB`);
    }
  });
});

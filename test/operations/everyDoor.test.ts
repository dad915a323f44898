import { after, before, describe, it } from "node:test";
import { type Door, everyDoor } from "../support/everyDoor.ts";
import { hostileAnswers } from "../support/hostileAnswers.ts";

/** Of each door; `everyDoor.slow.test.ts` gives ten thousand, as large as the caps. */
const COUNT = 40;
const SEED = 15;

describe("every door, given hostile answers", () => {
  let doors: readonly Door[] = [];
  before(async () => {
    doors = await everyDoor();
  });
  after(async () => {
    for (const door of doors) await door.close?.();
  });

  it("names what is wrong, breaks nothing, and what it lets in has a canonical form", async () => {
    for (const door of doors) {
      await door.give(Buffer.from(door.honest));
      for (const { kind, body } of hostileAnswers(door.honest, { seed: SEED, count: COUNT })) {
        await door.give(body).catch((error: unknown) => {
          throw new Error(`${door.name}, given ${kind}: ${body.subarray(0, 300)}`, { cause: error });
        });
      }
    }
  });
});

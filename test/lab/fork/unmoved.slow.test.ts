import assert from "node:assert/strict";
import { test } from "node:test";
import { compiled } from "../../support/compiled.ts";
import { crossedAtTheLimit } from "./support.ts";

test("In a hundred seeds no update makes a borrower at the limit liquidatable in its block at an unmoved price.", async () => {
  await compiled();
  for (let seed = 1; seed <= 100; seed++) assert.deepEqual(await crossedAtTheLimit(seed), [0], `seed ${seed}`);
});

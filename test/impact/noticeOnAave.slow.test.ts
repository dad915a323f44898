import assert from "node:assert/strict";
import { before, test } from "node:test";
import { compiled } from "../support/compiled.ts";
import { checkNotice, USUAL } from "./noticeWorld.ts";

before(() => compiled());

/** Loans of each world: the usual steps, small ones that hardly keep up, and a pool that begins without room for one. */
const WORLDS = [
  [1_000, USUAL],
  [250, { seed: 1, stepBps: 7, stepSeconds: 37 * 60, roomBps: 2_000 }],
  [400, { seed: 2, stepBps: 40, stepSeconds: 7 * 3_600, roomBps: 20 }],
] as const;

for (const [loans, settings] of WORLDS) {
  test(`The minute told is the first at which a real Aave lets a borrower be liquidated: ${loans} loans, ${JSON.stringify(settings)}.`, async (t) => {
    const found = await checkNotice(loans, settings);
    assert.equal(found.due + found.never, loans);
    assert.ok(found.due >= loans / 2 && found.minutes >= 20 && found.never >= 10, JSON.stringify(found));
    t.diagnostic(JSON.stringify(found));
  });
}

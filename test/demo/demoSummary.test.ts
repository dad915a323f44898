import assert from "node:assert/strict";
import { test } from "node:test";
import { demoSummary } from "../../scripts/demo/demoSummary.ts";
import { aCycle } from "../cli/outcomes.ts";

test("what the last update brought on chain is in the summary, although no cycle after it shows it", async () => {
  const cycle = aCycle();
  const { onChain, assessment } = cycle.entries[0]?.explanation ?? assert.fail();
  assert.ok(onChain);
  const last = { ...onChain, initialBps: 9_876 };
  const keeper = {
    store: { recentIntents: () => [] },
    markets: [{ name: assessment.market }],
    readChain: async () => ({ markets: new Map([[assessment.market, last]]) }),
  };
  const said = await demoSummary(keeper as never, [cycle], new AbortController().signal);
  assert.match(said, / -> 98\.76 % at its highest/);
});

import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Played } from "../../../scripts/lab/fork/play.ts";
import type { Moment } from "../../../scripts/lab/fork/pricePath.ts";
import { runReportOf } from "../../../scripts/lab/fork/report.ts";
import type { Stage } from "../../../scripts/lab/fork/stage.ts";
import { compiled } from "../../support/compiled.ts";
import { playedAtTheLimit, silentAgent, thresholdJump, withoutRole } from "./support.ts";

const IN_TIME = "Aave v3.6: batches in force there within one tick";
const BY_OTHERS = "Aave v3.6: changes of its reserves by the keeper through the agent";
/** From the last cycle to one more: so soon the keeper decides nothing anew. */
const LATER_SECONDS = 600;

before(() => compiled());

/** How each batch came to Aave, and which checks of the report fail. */
async function seen(played: Played, stage: Stage, moments: readonly Moment[]) {
  const { checks, arrivals } = await runReportOf(stage, moments, played, []);
  const own = arrivals.filter(({ lender }) => lender === "Aave v3.6");
  const failed = checks.filter(({ holds }) => !holds).map(({ what }) => what.replace(/ = .*/, ""));
  return { own, ticks: own.map(({ ticks }) => ticks), failed };
}

test("Numbers that the lender refuses, or that somebody else sets, fail their checks.", async () => {
  const found = await playedAtTheLimit(1, [null, withoutRole(1), thresholdJump], seen);
  assert.deepEqual(
    found.map(({ failed }) => failed),
    [[], [IN_TIME], [IN_TIME, BY_OTHERS]],
  );
});

test("An agent that would change nothing does not put numbers in force: the pool's own LTV and supply cap must be within them.", async () => {
  const found = await playedAtTheLimit(1, [null, silentAgent(null), silentAgent("cap"), silentAgent("LTV")], seen);
  const never = [1, null, null];
  assert.deepEqual(
    found.map(({ ticks }) => ticks),
    [[1, 1, 1], never, never, never],
  );
});

test("Numbers that the lender takes a cycle later arrive, and fail the check.", async () => {
  const [found] = await playedAtTheLimit(1, [withoutRole(2)], seen, [LATER_SECONDS]);
  const { own, ticks, failed } = found ?? assert.fail();
  assert.deepEqual(
    [ticks, failed],
    [
      [1, 1, 2],
      [IN_TIME, BY_OTHERS],
    ],
  );
  const { seconds, batchBlock, inForceBlock } = own.at(-1) ?? assert.fail();
  assert.ok((seconds ?? 0) >= LATER_SECONDS && (inForceBlock ?? 0) > batchBlock);
});

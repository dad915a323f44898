import assert from "node:assert/strict";
import { test } from "node:test";
import type { TickRow } from "../../keeper/domain/journal.ts";
import { betweenJumps } from "../../keeper/operations/betweenJumps.ts";

/** A replay that jumps by six hours in the reads named, and whose keeper has its cycle so many waits later, for two waits. */
function replay({ jumpsIn, cycleAfter = 3 }: { jumpsIn: readonly number[]; cycleAfter?: number }) {
  let cycle: Pick<TickRow, "id" | "now" | "outcome"> = { id: 1, now: 1_000, outcome: "CONFIRMED" };
  let [time, reads, waits, due] = [1_000, 0, 0, Number.POSITIVE_INFINITY];
  const keeper = { now: () => time, store: { recentTicks: () => [cycle as TickRow] } };
  const read = async () => {
    reads += 1;
    if (jumpsIn.includes(reads)) [time, due] = [time + 6 * 3_600, waits + cycleAfter];
    return reads;
  };
  const sleep = async () => {
    waits += 1;
    if (waits >= due + 2) [cycle, due] = [{ ...cycle, outcome: "CONFIRMED" }, Number.POSITIVE_INFINITY];
    else if (waits === due) cycle = { id: cycle.id + 1, now: time, outcome: null };
  };
  const look = (clock: "wall" | "chain") =>
    betweenJumps(keeper, { clock, tickSeconds: 60 }, new AbortController().signal, read, { now: () => 0, sleep });
  return { look, waits: () => waits };
}

test("what is read while a replay stands still is read once, and so is everything by the wall clock", async () => {
  assert.equal(await replay({ jumpsIn: [] }).look("chain"), 1);
  assert.equal(await replay({ jumpsIn: [1] }).look("wall"), 1);
});

test("what was read across a jump is read again after the keeper's cycle, four times at most", async () => {
  const once = replay({ jumpsIn: [1] });
  assert.equal(await once.look("chain"), 2);
  assert.equal(once.waits(), 5);
  assert.equal(await replay({ jumpsIn: [1, 2] }).look("chain"), 3);
  assert.equal(await replay({ jumpsIn: [1, 2, 3, 4, 5] }).look("chain"), 4);
});

test("where no keeper has cycles any more the first answer stands after three seconds", async () => {
  const stopped = replay({ jumpsIn: [1], cycleAfter: 1_000 });
  assert.equal(await stopped.look("chain"), 1);
  assert.equal(stopped.waits(), 60);
});

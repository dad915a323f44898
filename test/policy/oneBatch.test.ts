import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchEntry } from "../../keeper/domain/cycle.ts";
import { assess } from "../../keeper/pipeline.ts";
import { fitBatch, oneBatch } from "../../keeper/policy/loosening.ts";
import { calmObserved } from "../support/observations.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { WETH } from "../support/shipped.ts";

const NOW = 1_770_000_000;
const CALM = assess(inputOf("WETH"));
const NONE: ReadonlySet<string> = new Set();

function inputOf(name: string) {
  const market = { ...WETH, name };
  return { now: NOW, market, observed: calmObserved(NOW), history: NO_HISTORY, onChain: calmMarket(NOW) };
}

/** A market that is due, with `by` added to initial on chain, or its decision changed. */
function planned(name: string, by: number, change: Partial<(typeof CALM)["decision"]> = {}): BatchEntry {
  const input = inputOf(name);
  const { storedInitialBps, maintenanceTargetBps, limit } = input.onChain;
  const numbers = { initialBps: storedInitialBps + by, maintenanceTargetBps, limit };
  const reasons = [by < 0 ? "LOOSEN" : by > 0 ? "TIGHTEN" : "HEARTBEAT"] as const;
  const decision = { ...CALM.decision, action: "submit", reasons, ...numbers, ...change } as const;
  return { input, assessment: { ...CALM, market: name, decision } };
}

const names = (entries: readonly BatchEntry[]) => entries.map(({ assessment }) => assessment.market);
const many = (count: number, by: number) => Array.from({ length: count }, (_, i) => planned(`m${i}`, by));

test("every market of a contract travels in one batch while none loosens, and 32 that do", () => {
  for (const due of [many(512, 0), many(512, 1), many(32, -5), []]) {
    assert.deepEqual(oneBatch(due, NOW, NONE), { travels: due, waits: [] });
  }
  const { travels, waits } = oneBatch([...many(32, -5), planned("last", -5)], NOW, NONE);
  assert.deepEqual([travels.length, waits.length], [32, 1]);
});

test("tightenings of any of the three numbers travel at every minute, in the order given, and so does what moves nothing", () => {
  const { limit, maintenanceTargetBps } = calmMarket(NOW);
  const rise = planned("maintenance", -50, { maintenanceTargetBps: maintenanceTargetBps + 1 });
  const cut = planned("limit", -50, { limit: limit - 1 });
  const due = [planned("loosening", -50), rise, planned("heartbeat", 0), planned("initial", 1), cut];
  for (let minute = 0; minute < 2 * due.length; minute++) {
    const { travels } = oneBatch(due, NOW + minute * 60, NONE, 0);
    assert.deepEqual(names(travels), ["maintenance", "heartbeat", "initial", "limit"]);
  }
});

test("what is in flight travels though it loosens, so that a replacement holds all that it replaces", () => {
  const due = [...many(8, -60), planned("pending", -10)];
  for (let minute = 0; minute < 9; minute++) {
    const { travels, waits } = oneBatch(due, NOW + minute * 60, new Set(["pending"]), 2);
    assert.ok(names(travels).includes("pending"));
    assert.deepEqual([travels.length, waits.length], [3, 6]);
  }
});

test("of five hundred that loosen each one that travels gets a share of what the writer has left", () => {
  const { travels } = oneBatch(many(500, -5), NOW, NONE);
  const { decisions } = fitBatch(
    travels.map(({ input: { onChain }, assessment: { decision } }) => ({ onChain, decision })),
  );
  const shares = decisions.map(({ initialBps }) => calmMarket(NOW).storedInitialBps - initialBps);
  assert.ok(
    shares.every((share) => share >= 1),
    `${shares}`,
  );
});

test("a market that waits is held as what it wanted, and everything due is on one side or the other", () => {
  const due = [planned("a", -60), planned("b", -60), planned("c", 60)];
  const { travels, waits } = oneBatch(due, NOW, NONE, 1);
  assert.deepEqual([...names(travels), ...names(waits)].toSorted(), ["a", "b", "c"]);
  const [held] = waits;
  assert.deepEqual(
    [held?.assessment.decision.action, held?.assessment.decision.reasons],
    ["hold", ["NEXT_BATCH", "LOOSEN"]],
  );
  assert.equal(held?.assessment.decision.initialBps, due[0]?.assessment.decision.initialBps);
});

test("markets that stay due whatever happens keep no other waiting for ever, at any period of ticks", () => {
  const due = many(12, -5);
  for (const minutes of [1, 2, 3, 4]) {
    const seen = new Set<string>();
    for (let tick = 0; tick < 24; tick++) {
      for (const name of names(oneBatch(due, NOW + tick * minutes * 60, NONE, 5).travels)) seen.add(name);
    }
    assert.equal(seen.size, 12, `a tick every ${minutes} minutes`);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedMarket } from "../../keeper/dashboard/status.ts";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { createLoopState } from "../../keeper/operations/loopState.ts";

const NOW = 1_770_000_000;
/** The parts of a finished cycle that the state of the loop looks at. */
const report = (change: object = {}) =>
  ({ now: NOW, blockTime: NOW - 7, batch: null, failures: [], ...change }) as unknown as CycleReport;
/** A market as it is on chain after a cycle. */
const market = (onChain: object | null): ListedMarket =>
  ({ market: "WETH", dataState: "NORMAL", onChain }) as unknown as ListedMarket;

test("a value is stale once it is older than its time to live, counted from the end of governance's hold", () => {
  const state = createLoopState(["WETH"]);
  const at = NOW - 9_000;
  state.cycleDone(report(), [market({ asOf: at - 90_000, agesFrom: at, ttlSeconds: 86_400 })]);
  const facts = (age: number) => state.facts(at + age).markets;
  const fresh = { market: "WETH", listed: true, dataState: "NORMAL" };
  assert.deepEqual(facts(86_400), [{ ...fresh, stale: false, ageSeconds: 86_400 }]);
  assert.deepEqual(facts(86_401), [{ ...fresh, stale: true, ageSeconds: 86_401 }]);
});

test("a cycle that ended ends what failed before it", () => {
  const state = createLoopState([]);
  const facts = () => {
    const { lastError, failedInARow, headAge } = state.facts(NOW);
    return [lastError, failedInARow, headAge];
  };
  for (const message of ["the node is gone", "still"])
    state.onEvent({ kind: "failed", tick: 1, error: Error(message) });
  assert.deepEqual(facts(), ["still", 2, null]);
  state.cycleDone(report(), []);
  assert.deepEqual(facts(), [null, 0, 7]);
});

test("a nonce that is not clear is one also when the tick failed for it, until a cycle ends", () => {
  const state = createLoopState([]);
  const failed = (error: Error) => state.onEvent({ kind: "failed", tick: 1, error });
  failed(new TonsorError("NONCE_UNCLEAR", "the node lags"));
  failed(new Error("no answer"));
  assert.deepEqual(state.facts(NOW).obstacles, [{ cause: "nonce", detail: "the node lags" }]);
  state.cycleDone(report(), []);
  assert.equal(state.facts(NOW).obstacles, null);
  state.cycleDone(report({ obstacles: [] }), []);
  assert.deepEqual(state.facts(NOW).obstacles, []);
  failed(new Error("no answer"));
  assert.equal(state.facts(NOW).obstacles, null, "what an earlier cycle found says nothing now");
});

test("what is due and not sent is counted from the first cycle that did not send it, until one does", () => {
  const state = createLoopState([]);
  const unsent = (after: number, status: string, detail: string) => {
    state.cycleDone(report({ now: NOW + after, batch: { status, detail } }), []);
    return state.facts(NOW + after).unsent;
  };
  assert.deepEqual(unsent(0, "NOT_SENT", "SPEND_BUDGET"), { seconds: 0, reason: "SPEND_BUDGET" });
  assert.deepEqual(unsent(60, "REFUSED", "a revert"), { seconds: 60, reason: "a revert" });
  assert.equal(unsent(120, "CONFIRMED", ""), null);
  assert.deepEqual(unsent(180, "NOT_SENT", "again"), { seconds: 0, reason: "again" });
});

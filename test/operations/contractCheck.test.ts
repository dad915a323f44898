import assert from "node:assert/strict";
import { test } from "node:test";
import { contractCheck } from "../../keeper/operations/operationsChecks.ts";

type View = Parameters<typeof contractCheck>[1];
const JANUARY = Date.UTC(2026, 0, 31) / 1_000;
const view = (mode: string, modeUntil: number, tightenOnly = false) =>
  ({
    sequence: 7n,
    markets: new Map([["WETH", { mode, modeUntil }]]),
    door: { tightenOnly },
  }) as unknown as View;

test("a contract with every market open is well", () => {
  assert.deepEqual(contractCheck("0x1", view("NORMAL", 0)), {
    name: "contract",
    state: "ok",
    found: "0x1, last sequence 7, 1 markets",
    cure: null,
  });
});

test("a market that was closed on chain is named with its end and who opens it", () => {
  const check = contractCheck("0x1", view("NO_NEW_RISK", JANUARY));
  assert.equal(check.state, "warn");
  assert.match(check.found, /WETH NO_NEW_RISK until 2026-01-31T00:00Z/);
  assert.match(check.cure ?? "", /governance opens it again/);
});

test("tighten-only mode is governance's to end", () => {
  const check = contractCheck("0x1", view("NORMAL", 0, true));
  assert.match(check.found, /tighten-only mode/);
  assert.match(check.cure ?? "", /resetBreaker/);
});

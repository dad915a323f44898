import assert from "node:assert/strict";
import { test } from "node:test";
import type { MarketMode, Writer } from "../../keeper/domain/contract.ts";
import { contractCheck } from "../../keeper/operations/operationsChecks.ts";
import { CALM_WRITER, calmMarket } from "../support/onChain.ts";

type View = Parameters<typeof contractCheck>[1];
const JANUARY = Date.UTC(2026, 0, 31) / 1_000;
const view = (mode: MarketMode, modeUntil: number, writer: Partial<Writer> = {}): View => ({
  blockTime: JANUARY,
  markets: new Map([["WETH", calmMarket(JANUARY, { mode, modeUntil })]]),
  writer: { ...CALM_WRITER, ...writer },
});

test("a contract with every market open is well", () => {
  assert.deepEqual(contractCheck("0x1", view("NORMAL", 0)), {
    name: "contract",
    state: "ok",
    found: "0x1, last batch 41, 1 markets",
    cure: null,
  });
});

test("a market that was closed on chain is named with its end and who opens it", () => {
  const check = contractCheck("0x1", view("NO_NEW_RISK", JANUARY));
  assert.equal(check.state, "warn");
  assert.match(check.found, /WETH NO_NEW_RISK until 2026-01-31T00:00Z/);
  assert.match(check.cure ?? "", /governance opens it again/);
});

test("a key that has tripped is governance's to admit anew", () => {
  const check = contractCheck("0x1", view("NORMAL", 0, { tightenOnly: true }));
  assert.match(check.found, /the writer has tripped and only tightens/);
  assert.match(check.cure ?? "", /admits the writer anew/);
});

test("a key that a guardian has halted sends nothing until its end, and is well after it", () => {
  const at = (haltedUntil: number) => contractCheck("0x1", view("NORMAL", 0, { haltedUntil }));
  assert.match(at(JANUARY + 3_600).found, /the key that sends is halted until 2026-01-31T01:00Z/);
  assert.match(at(JANUARY + 3_600).cure ?? "", /sends nothing/);
  assert.equal(at(JANUARY).state, "ok");
  const closed = contractCheck("0x1", view("NO_NEW_RISK", JANUARY + 3_600, { haltedUntil: JANUARY }));
  assert.match(closed.cure ?? "", /Only tightening is written there/, "a halt that is over is not what to ask about");
});

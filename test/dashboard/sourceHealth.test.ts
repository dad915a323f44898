import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceHealth } from "../../keeper/dashboard/sourceHealth.ts";
import { fault } from "../../keeper/domain/fault.ts";
import { anExplanation } from "./explanations.ts";

const { assessment } = anExplanation();
const health = sourceHealth(assessment);

test("every accepted source is shown once, with its age by the venue's clock", () => {
  assert.deepEqual(
    health.map(({ source, role, ageSeconds, state }) => [source, role, ageSeconds, state]),
    [
      ["deribit:ETH:options", "options", 240, "degraded"],
      ["deribit:ETH:dvol", "index", 720, "check"],
      ["uniswapV3:WETH-USDC-500", "pool", 12, "ok"],
      ["priceFeed:ETH-USD", "feed", 600, "ok"],
      ["deribit:ETH:history", "history", null, "down"],
    ],
  );
});

test("a source that was refused appears through its faults, in words and counts", () => {
  assert.deepEqual(health.at(-1)?.faults, [
    { code: "UNREACHABLE", detail: "connection refused after 3 attempts in 5 s", count: null },
  ]);
  assert.equal(health[0]?.faults[0]?.count, 14);
});

test("faults found while measuring count as the source's own", () => {
  const faults = [fault("BAD_FIT", "deribit:ETH:dvol", "RMSE 4.1 volatility points, limit 3")];
  const measured = sourceHealth({ ...assessment, risk: { ...assessment.risk, faults } });
  assert.equal(measured[1]?.state, "degraded");
  assert.equal(measured[1]?.faults[0]?.code, "BAD_FIT");
});

test("an index is in use only while volatility rests on it: not beside a surface, not when it is too old to be taken", () => {
  const state = (change: { implied: number | null; index: number | null }) => {
    const risk = { ...assessment.risk, volatility: { ...assessment.risk.volatility, ...change } };
    return sourceHealth({ ...assessment, risk })[1]?.state;
  };
  assert.equal(state({ implied: 0.6, index: 0.6 }), "check");
  assert.equal(state({ implied: null, index: 0.6 }), "ok");
  assert.equal(state({ implied: null, index: null }), "check");
});

test("a source with two roles is shown in both, never dropped", () => {
  const { options } = assessment.readings;
  const both = sourceHealth({ ...assessment, readings: { ...assessment.readings, transferOptions: options } });
  assert.deepEqual(
    both.filter(({ source }) => source === "deribit:ETH:options").map(({ role }) => role),
    ["options", "transfer"],
  );
});

test("a datum stamped slightly in the future has age zero", () => {
  const early = sourceHealth({ ...assessment, now: assessment.now - 300 });
  assert.equal(early[0]?.ageSeconds, 0);
});

test("nothing at all is an empty list", () => {
  const readings = { ...assessment.readings, options: null, index: null, feed: null, route: [], faults: [] };
  assert.deepEqual(sourceHealth({ ...assessment, readings }), []);
});

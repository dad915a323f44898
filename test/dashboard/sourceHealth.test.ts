import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceHealth } from "../../keeper/dashboard/sourceHealth.ts";
import { fault } from "../../keeper/domain/fault.ts";
import { anExplanation } from "./explanations.ts";

const { assessment } = anExplanation();
const health = sourceHealth(assessment);

test("every accepted source is shown once, with its age by the venue's clock", () => {
  assert.deepEqual(
    health.map(({ source, role, ageSeconds, state, used }) => [source, role, ageSeconds, state, used]),
    [
      ["deribit:ETH:options", "options", 240, "degraded", true],
      ["deribit:ETH:dvol", "index", 720, "ok", false],
      ["uniswapV3:WETH-USDC-500", "pool", 12, "ok", true],
      ["priceFeed:ETH-USD", "feed", 600, "ok", true],
      ["deribit:ETH:history", "history", null, "down", false],
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
  const isUsed = (change: { implied: number | null; index: number | null }) => {
    const risk = { ...assessment.risk, volatility: { ...assessment.risk.volatility, ...change } };
    return sourceHealth({ ...assessment, risk })[1]?.used;
  };
  assert.equal(isUsed({ implied: 0.6, index: 0.6 }), false);
  assert.equal(isUsed({ implied: null, index: 0.6 }), true);
  assert.equal(isUsed({ implied: null, index: null }), false);
});

test("another asset's options are in use only on the third rung, and a book only while it adds to the depth", () => {
  const { options: transferOptions } = assessment.readings;
  const book = { source: "binance:ETH-USDT:book", eventTime: assessment.now - 3 };
  const readings = { ...assessment.readings, transferOptions, books: [book] } as unknown as typeof assessment.readings;
  const used = (level: "L1" | "L3", booksUsd: number) => {
    const { volatility, depth } = assessment.risk;
    const risk = { ...assessment.risk, volatility: { ...volatility, level }, depth: { ...depth, booksUsd } };
    const rows = sourceHealth({ ...assessment, readings, risk });
    return ["transfer", "book"].map((role) => rows.find((row) => row.role === role)?.used);
  };
  assert.deepEqual(used("L1", 0), [false, false]);
  assert.deepEqual(used("L3", 1_000), [true, true]);
});

test("candles are in use only where they gave a volatility or a tail", () => {
  const history = { kind: "priceHistory", source: "deribit:ETH:history", eventTime: assessment.now, candles: [] };
  const readings = { ...assessment.readings, history, faults: [] } as unknown as typeof assessment.readings;
  const used = (change: Partial<typeof assessment.risk.volatility>, historical: number | null) => {
    const volatility = {
      ...assessment.risk.volatility,
      har: null,
      ewma: null,
      realised: null,
      longRun: null,
      ...change,
    };
    const risk = { ...assessment.risk, volatility, tail: { ...assessment.risk.tail, historical } };
    return sourceHealth({ ...assessment, readings, risk }).find(({ role }) => role === "history")?.used;
  };
  assert.deepEqual([used({}, null), used({ longRun: 0.7 }, null), used({}, 0.1)], [false, true, true]);
});

test("boards of further venues are shown, and a feed that was set aside, for it counts with its deviation", () => {
  const { options, feed } = assessment.readings;
  const other = { ...options, source: "okx:ETH:options" };
  const faults = [fault("DISAGREES", feed?.source ?? "", "4 % from the median")];
  const setAside = { ...assessment.readings, otherOptions: [other], feed: null, setAside: { feed }, faults };
  const rows = sourceHealth({ ...assessment, readings: setAside as unknown as typeof assessment.readings });
  const seen = (role: string) => rows.filter((row) => row.role === role).map(({ state, used }) => [state, used]);
  assert.deepEqual(seen("options"), [
    ["ok", true],
    ["ok", true],
  ]);
  assert.deepEqual(seen("feed"), [["degraded", true]]);
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

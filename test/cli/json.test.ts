import assert from "node:assert/strict";
import { test } from "node:test";
import { errorReport } from "../../keeper/cli/errors.ts";
import { checksJson } from "../../keeper/cli/render/checks.ts";
import { cycleJson } from "../../keeper/cli/render/cycle.ts";
import { explainJson } from "../../keeper/cli/render/explain.ts";
import { movedJson, transactionsJson } from "../../keeper/cli/render/transactions.ts";
import { marketStatus, NOT_WEIGHED } from "../../keeper/dashboard/marketStatus.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { anExplanation } from "../dashboard/explanations.ts";
import { documentedFields, fieldPaths, leaves } from "./fieldPaths.ts";
import { aCycle, aMove, aService, aVerification, CHECKS, TRANSACTIONS } from "./outcomes.ts";

const PAGE = "keeper/cli/JSON.md";
const documented = (heading: string): string[] => leaves(documentedFields(PAGE, heading));

test("fieldPaths names leaves through objects and arrays", () => {
  assert.deepEqual(fieldPaths({ a: [{ b: 1 }, { c: null }], d: [] }), ["a[].b", "a[].c", "d"]);
});

test("the documented fields of an error are those of a real one", () => {
  const error = new TonsorError("BAD_ARGUMENT", "bad", { field: "port", given: "x", expected: "a number" });
  assert.deepEqual(fieldPaths({ error: errorReport(error) }), documented("Errors"));
});

test("the documented fields of a cycle are those of a real one", () => {
  assert.deepEqual(fieldPaths(cycleJson(aCycle())), documented("once, dry-run, run"));
});

test("the documented fields of explain are its own beside those it shares with status", () => {
  const recorded = { initialBps: 2_217, maintenanceTargetBps: 1_668, limit: 12_000 };
  const evidence = { hash: "0x1", modelVersion: 4, recorded, cause: "same" } as const;
  const explained = fieldPaths(explainJson(anExplanation(), evidence)).filter(
    (path) => !/^(initial|maintenance)\.(?!binding)/.test(path),
  );
  const shared = fieldPaths({ ...marketStatus(anExplanation()), positions: NOT_WEIGHED });
  assert.deepEqual(
    explained.filter((path) => !shared.includes(path)),
    documented("explain"),
  );
  assert.deepEqual(
    shared.filter((path) => !explained.includes(path)),
    [],
    "explain shows all that status shows of a market",
  );
});

test("the documented terms are those of both haircuts, beside what initial follows", () => {
  const { maintenance, initial } = explainJson(anExplanation());
  const expected = documented("explain: terms of a haircut");
  assert.deepEqual(fieldPaths(maintenance), expected);
  assert.deepEqual(fieldPaths(initial), [...expected, "binding"].sort());
});

test("the exposure limit is told in USD and in tokens at the price now, and in USD alone without a price", () => {
  const { exposureLimit, decision } = explainJson(anExplanation());
  assert.deepEqual(exposureLimit, {
    ...{ targetUsd: 182_053_000, targetTokens: 60_593, sellableUsd: 14_976_000, windowHours: 4 },
    ...{ depthFactor: 1, dueShare: 0.082262, fall: 0.25161, proposedTokens: 12_000, rule: "governance maximum" },
  });
  assert.equal(decision.exposureLimitTokens, 12_000);
  assert.equal(marketStatus(anExplanation({ priceUsd: null })).exposureLimit.targetTokens, null);
});

test("the documented fields of verify are those of a real outcome", () => {
  assert.deepEqual(fieldPaths(aVerification()), documented("verify"));
});

test("the documented fields of doctor are those of a real outcome", () => {
  assert.deepEqual(fieldPaths(checksJson(CHECKS)), documented("doctor, config check"));
});

test("the documented fields of a market that was begun are those of a real outcome", async () => {
  const begun = (await aService().services()).newMarket("LINK", "WBTC");
  assert.deepEqual(fieldPaths(begun), documented("market new"));
});

test("the documented fields of the transactions and of a moved one are those of real outcomes", () => {
  assert.deepEqual(fieldPaths(transactionsJson(TRANSACTIONS)), documented("tx list"));
  assert.deepEqual(fieldPaths(movedJson(aMove("bump"))), documented("tx cancel, tx bump"));
});

test("no JSON output carries a whole options board or a candle", () => {
  assert.ok(JSON.stringify(explainJson(anExplanation())).length < 16_000);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bindingWords, LADDER_WORDS } from "../../../keeper/cli/render/words.ts";
import { robustDepth } from "../../../keeper/model/depth/robustDepth.ts";

const DAY = 86_400;

test("whatever binds is said in words", () => {
  const volatility = ["pooled", "impliedFloor", "ewmaFloor", "longRunFloor", "static", "held"];
  const target = ["market", "gap", "rise", "depeg"];
  const loss = ["student", "historical", "riskNeutral"];
  const depth = ["now", "twap24h", "quantile7d", "ema1d", "sma28d", "ema28d", "tma28d", "least1h", "coldStart"];
  for (const name of [...volatility, ...target, ...loss, ...depth]) {
    assert.notEqual(bindingWords(name), name);
    assert.match(bindingWords(name), / /);
  }
});

test("the names are those the depth model really gives", () => {
  assert.equal(
    bindingWords(robustDepth([], DAY, 100, 0.5).binding),
    "the share counted while there is less than a day of history",
  );
  assert.equal(bindingWords(robustDepth([[0, 50]], DAY, 100, 0.5).binding), "the time-weighted mean of 24 hours");
});

test("a name without words is shown as it is, and every rung of the ladder has its words", () => {
  assert.equal(bindingWords("somethingNew"), "somethingNew");
  assert.deepEqual(Object.keys(LADDER_WORDS), ["L1", "L2", "L3", "L4", "L6"]);
});

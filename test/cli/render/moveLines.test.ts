import assert from "node:assert/strict";
import { test } from "node:test";
import { reachLines, sensitivityLines } from "../../../keeper/cli/render/haircut.ts";
import { RISK_INPUTS } from "../../../keeper/model/explain/riskInputs.ts";
import type { Reach } from "../../../keeper/model/explain/sensitivity.ts";

const NOWHERE = { initialRises: null, initialFalls: null, maintenanceRises: null, maintenanceFalls: null };
const volatility: Reach = {
  ...{ input: "volatility", unit: "fraction a year", setBy: "market", value: 0.6, least: 0.15, most: 2.4 },
  ...{ ...NOWHERE, initialRises: 0.66 },
};
const gap: Reach = {
  ...{ input: "oracleGap", unit: "fraction", setBy: "market", value: 0.01, least: 0, most: 0.1 },
  ...{ ...NOWHERE, initialRises: 0.04 },
};
const bonus: Reach = {
  ...{ input: "liquidationBonus", unit: "fraction", setBy: "governance", value: 0.05, least: 0, most: 0.25 },
  ...{ ...NOWHERE, initialRises: 0.0525 },
};

test("the market's answers come first, nearest first, then governance's", () => {
  assert.deepEqual(reachLines([bonus, gap, volatility], 100).slice(0, 4), [
    "  initial rises by 100 bp if, all else as it is,",
    "    - volatility used rises from 60.00 % to 66.00 % (+10.0 %)",
    "    - feed against market now rises from 1.00 % to 4.00 % (+300.0 %)",
    "    - liquidation bonus is set from 5.00 % to 5.25 % (+5.0 %)",
  ]);
});

test("a question without an answer says so", () => {
  assert.deepEqual(reachLines([volatility], 100).slice(2), [
    "  initial falls by 100 bp if, all else as it is, nothing does: no input reaches that in its plausible range",
    "  maintenance rises by 100 bp if, all else as it is, nothing does: no input reaches that in its plausible range",
    "  maintenance falls by 100 bp if, all else as it is, nothing does: no input reaches that in its plausible range",
  ]);
});

test("an input at zero has no change in percent", () => {
  const none: Reach = { ...gap, value: 0, initialRises: 0.018 };
  assert.equal(reachLines([none], 100)[1], "    - feed against market now rises from 0.00 % to 1.80 %");
});

test("inputs that move nothing are left out of the table, and a table of none says why", () => {
  const row = (input: string, initial: number) => ({
    ...{ input, value: 0.6, unit: "fraction a year" },
    ...{ initialBpsPerPercent: initial, maintenanceBpsPerPercent: 0 },
  });
  const lines = sensitivityLines([row("volatility", 11.04), row("longRunVolatility", 0.001)]);
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", /^ {2}volatility used +60\.00 % +\+11\.04 +0\.00$/);
  assert.deepEqual(sensitivityLines([]).slice(1), ["  none: the haircuts stand at a bound"]);
});

test("every input has a name in words", () => {
  for (const [input, { unit, setBy }] of Object.entries(RISK_INPUTS)) {
    const [, line = ""] = reachLines([{ ...volatility, input, unit, setBy }], 100);
    assert.ok(!line.includes(input) || input === "volatility", `${input} is shown as ${line}`);
  }
});

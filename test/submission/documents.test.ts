import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";

const TRANSACTIONS = [
  "feeBumpPercent",
  "replaceAfterSeconds",
  "replaceAfterBlocks",
  "resendAfterSeconds",
  "cancelAfterSeconds",
  "confirmations",
  "relayFallbackBlocks",
];
const FEES = [
  "maxMarketMultiple",
  "hourlyBudgetEther",
  "dailyBudgetEther",
  "lendersDailyBudgetEther",
  "warnBelowBatches",
];

test("the settings in TRANSACTIONS.md have the defaults and ranges of the configuration file", () => {
  const text = readFileSync(new URL("../../keeper/submission/TRANSACTIONS.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([\d.]+) \| ([\d.]+)-([\d.]+) \|/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    [...TRANSACTIONS, ...FEES],
  );
  const { transactions, fees } = parseConfigFile("", {}).settings;
  const defaults: Record<string, number> = { ...transactions, ...fees };
  for (const [, name = "", standard, least, most] of rows) {
    assert.equal(defaults[name], Number(standard), name);
    const section = FEES.includes(name) ? "fees" : "transactions";
    const takes = (value: number) => parseConfigFile("", { [section]: { [name]: value } }).problems.length === 0;
    const [low, high] = [Number(least), Number(most)];
    assert.deepEqual([takes(low), takes(high), takes(low - 0.5), takes(high + 0.5)], [true, true, false, false], name);
  }
});

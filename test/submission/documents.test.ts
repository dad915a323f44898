import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configFileSchema } from "../../keeper/runtime/configFile.ts";

test("the settings in TRANSACTIONS.md have the defaults and ranges of the configuration file", () => {
  const text = readFileSync(new URL("../../keeper/submission/TRANSACTIONS.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([\d.]+) \| ([\d.]+)-([\d.]+) \|/gm)];
  assert.deepEqual(
    rows.map(([, name]) => name),
    ["feeBumpPercent", "replaceAfterSeconds", "resendAfterSeconds", "cancelAfterSeconds"],
  );
  const defaults: Record<string, number> = configFileSchema.parse({}).transactions;
  for (const [, name = "", standard, least, most] of rows) {
    assert.equal(defaults[name], Number(standard), name);
    const takes = (value: number) => configFileSchema.safeParse({ transactions: { [name]: value } }).success;
    const [low, high] = [Number(least), Number(most)];
    assert.deepEqual([takes(low), takes(high), takes(low - 0.5), takes(high + 0.5)], [true, true, false, false], name);
  }
});

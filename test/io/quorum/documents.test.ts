import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { QUARANTINES } from "../../../keeper/io/quorum/nodeGroup.ts";
import { parseConfigFile } from "../../../keeper/runtime/configFile.ts";

const text = readFileSync(new URL("../../../keeper/io/quorum/QUORUM.md", import.meta.url), "utf8");

test("QUORUM.md has the settings of the configuration file, with their defaults and ranges", () => {
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([\d.]+) \| ([\d.]+)-([\d.]+) \|/gm)];
  const defaults: Record<string, number> = parseConfigFile("", {}).settings.rpc;
  assert.deepEqual(
    rows.map(([, name]) => name),
    Object.keys(defaults),
  );
  for (const [, name = "", standard, least, most] of rows) {
    assert.equal(defaults[name], Number(standard), name);
    const takes = (value: number) => parseConfigFile("", { rpc: { [name]: value } }).problems.length === 0;
    const [low, high] = [Number(least), Number(most)];
    assert.deepEqual([takes(low), takes(high), takes(low - 0.05), takes(high + 1)], [true, true, false, false], name);
  }
});

test("QUORUM.md names every reason for which a node is set aside", () => {
  const named = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(named.toSorted(), Object.keys(QUARANTINES).toSorted());
});

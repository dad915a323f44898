import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measureContract, physicalLimit, SIZES } from "../../../../scripts/bench/gas/contract.ts";

/** The contract's marks, and ceilings a little above what is measured: a change that costs more has to say so here. */
const table = await measureContract();
const MARKS = { 1: 40_000, 10: 112_000, 30: 270_000, 100: 800_000 } as const;

test("updates of 1, 10, 30 and 100 markets that tighten stay within the marks", () => {
  for (const size of SIZES) assert.ok(table.tighten[size] <= MARKS[size], JSON.stringify(table.tighten));
});

test("updates of which every second market loosens two numbers, and heartbeats, stay below their ceilings", () => {
  const { mixed, heartbeat } = table;
  assert.ok(mixed[1] <= 42_000 && mixed[10] <= 118_000, JSON.stringify(mixed));
  assert.ok(mixed[30] <= 288_000 && mixed[100] <= 882_000, JSON.stringify(mixed));
  assert.ok(heartbeat[1] <= 40_500 && heartbeat[100] <= 810_000, JSON.stringify(heartbeat));
});

test("three of five signatures add less than 23 000", () => {
  for (const size of SIZES) {
    assert.ok(table.signed[size] - table.tighten[size] <= 23_000, `${size}: ${table.signed[size]}`);
  }
});

test("from ten markets on an update costs less than two mappings and an event without any guard", () => {
  for (const size of [10, 30, 100] as const) {
    assert.ok(table.mixed[size] < table.naive[size], `${table.mixed[size]} against ${table.naive[size]}`);
  }
});

test("reads, a guardian's closing and a writer's trip stay within the marks", () => {
  const { id, pair, limit } = table.reads;
  assert.ok(id.cold <= 5_900 && id.warm <= 1_400, JSON.stringify(id));
  assert.ok(pair.cold <= 8_300, JSON.stringify(pair));
  assert.ok(limit.cold <= 6_000, JSON.stringify(limit));
  assert.ok(table.closing <= 55_000 && table.trip <= 55_000, `${table.closing}, ${table.trip}`);
});

test("the contract is one, fits a mainnet, and limits over 512 markets fit a transaction", () => {
  assert.ok(table.bytecodeBytes <= 24_576, `${table.bytecodeBytes}`);
  assert.ok(table.initcodeBytes <= 49_152, `${table.initcodeBytes}`);
  assert.ok(table.deployment <= 16_777_216 / 2, `${table.deployment}`);
  assert.ok((table.setLimits * 512) / 101 <= 16_777_216, `${table.setLimits}`);
});

test("the physical limit is the one the design computes", () => {
  // The design's table for 1, 10 and 100 markets, to the calldata bytes it counts.
  assert.deepEqual([1, 10, 100].map(physicalLimit), [26_543, 26_975, 61_295]);
});

test("contracts/parameters/README.md prints what is measured, to the hundred", () => {
  const page = readFileSync(new URL("../../../../contracts/parameters/README.md", import.meta.url), "utf8");
  for (const size of SIZES) {
    const row = new RegExp(`^\\| ${size} \\|(( [\\d ]+\\|){7})$`, "m").exec(page)?.[1] ?? "";
    const printed = row.split("|").map((cell) => Number(cell.replaceAll(" ", "")));
    const { tighten, mixed, heartbeat, signed, naive } = table;
    const measured = [tighten, MARKS, mixed, heartbeat, signed, naive].map((of) => of[size]);
    for (const [at, gas] of [...measured, physicalLimit(size)].entries()) {
      assert.ok(Math.abs((printed[at] ?? 0) - gas) <= 150, `${size}: ${printed[at]} and ${gas}`);
    }
  }
  const bytes = table.bytecodeBytes.toLocaleString("en-US").replaceAll(",", " ");
  assert.ok(page.includes(`${bytes} bytes`), bytes);
});

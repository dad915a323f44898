import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measureParameters, SIZES } from "../../../../scripts/bench/gas/parameters.ts";

/** The marks of the small core: a change that costs more has to say so here. */
const table = await measureParameters();

test("updates of 1, 10, 30 and 100 markets that tighten stay within the marks", () => {
  const { tighten } = table;
  assert.ok(tighten[1] <= 40_000 && tighten[10] <= 112_000, JSON.stringify(tighten));
  assert.ok(tighten[30] <= 270_000 && tighten[100] <= 800_000, JSON.stringify(tighten));
});

test("updates of which every second market loosens two numbers stay below their ceilings", () => {
  const { mixed } = table;
  assert.ok(mixed[1] <= 42_000 && mixed[10] <= 118_000, JSON.stringify(mixed));
  assert.ok(mixed[30] <= 288_000 && mixed[100] <= 880_000, JSON.stringify(mixed));
});

test("reads and a trip stay within the marks", () => {
  const { id, pair } = table.reads;
  assert.ok(id.cold <= 5_900 && id.warm <= 1_400, JSON.stringify(id));
  assert.ok(pair.cold <= 8_300, JSON.stringify(pair));
  assert.ok(table.trip <= 55_000, `${table.trip}`);
});

test("the contract is one, fits a mainnet, and limits over 4095 markets fit a transaction", () => {
  assert.ok(table.bytecodeBytes <= 24_576, `${table.bytecodeBytes}`);
  assert.ok(table.deployment <= 16_777_216 / 2, `${table.deployment}`);
  assert.ok((table.setLimits * 4_095) / 101 <= 16_777_216, `${table.setLimits}`);
});

test("contracts/parameters/README.md prints what is measured, to the hundred", () => {
  const page = readFileSync(new URL("../../../../contracts/parameters/README.md", import.meta.url), "utf8");
  for (const size of SIZES) {
    const [, tighten = "", mixed = ""] =
      new RegExp(`^\\| ${size} \\| ([\\d ]+) \\|[^|]*\\| ([\\d ]+) \\|`, "m").exec(page) ?? [];
    const far = [tighten, mixed].map((cell) => Number(cell.replaceAll(" ", "")));
    assert.ok(Math.abs((far[0] ?? 0) - table.tighten[size]) <= 150, `${size}: ${tighten} and ${table.tighten[size]}`);
    assert.ok(Math.abs((far[1] ?? 0) - table.mixed[size]) <= 150, `${size}: ${mixed} and ${table.mixed[size]}`);
  }
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measureContract, physicalLimit, type Size } from "../../../../scripts/bench/gas/contract.ts";

/** Ceilings a little above the figures of contracts/README.md: a change that costs more has to say so here. */
const table = await measureContract();

test("updates of 1, 10 and 100 markets stay below their ceilings, tighter or looser", () => {
  assert.ok(table.tighten[1] <= 42_000 && table.mixed[1] <= 42_600, JSON.stringify([table.tighten, table.mixed]));
  assert.ok(table.tighten[10] <= 50_200 && table.mixed[10] <= 51_200, JSON.stringify([table.tighten, table.mixed]));
  assert.ok(table.tighten[100] <= 190_000 && table.mixed[100] <= 200_000, JSON.stringify([table.tighten, table.mixed]));
});

test("a hundred markets cost less than a fifth of two mappings and an event without any guard", () => {
  assert.ok(table.mixed[100] * 5 < table.naive[100], `${table.mixed[100]} against ${table.naive[100]}`);
});

test("a trip stays within 60 000 gas", () => {
  assert.ok(table.trip <= 60_000, `${table.trip}`);
});

test("reads stay below their ceilings, cold and warm", () => {
  const { id, pair } = table.reads;
  assert.ok(id.cold <= 6_100 && id.warm <= 1_500, JSON.stringify(id));
  assert.ok(pair.cold <= 8_500 && pair.warm <= 1_950, JSON.stringify(pair));
});

test("the deployment leaves half of the gas of one transaction to its first markets", () => {
  assert.ok(table.deployment <= 8_388_608, `${table.deployment}`);
});

test("the physical limit is the one the design computes", () => {
  // CONTRACT.md's table for 1, 10 and 100 markets, to the calldata bytes it counts.
  assert.equal(physicalLimit(1), 26_543);
  assert.equal(physicalLimit(10), 26_975);
  assert.equal(physicalLimit(100), 61_295);
});

test("the README prints what is measured, to the hundred", () => {
  const readme = readFileSync(new URL("../../../../contracts/README.md", import.meta.url), "utf8");
  const rows = readme.matchAll(/^\| (1|10|100) \| ([\d ]+) \| ([\d ]+) \| [\d ]*\| ([\d ]+) \|/gm);
  const printed = [...rows].map(([, size, ...cells]) => [
    Number(size) as Size,
    ...cells.map((cell) => Number(cell.replaceAll(" ", ""))),
  ]);
  assert.equal(printed.length, 3);
  for (const [size, tighten, mixed, naive] of printed as [Size, number, number, number][]) {
    const distance = [tighten - table.tighten[size], mixed - table.mixed[size], naive - table.naive[size]];
    assert.ok(
      distance.every((gas) => Math.abs(gas) <= 150),
      `${size}: ${distance}`,
    );
  }
  for (const bytes of table.bytecodeBytes) {
    assert.ok(readme.includes(` ${bytes.toLocaleString("en-US").replaceAll(",", " ")} bytes`), `${bytes}`);
  }
});

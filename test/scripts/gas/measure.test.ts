import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { measureGas } from "../../../scripts/gas/measure.ts";

/** Figures of contracts/README.md plus a twentieth: a change that costs more has to say so here. */
const table = await measureGas();

test("updates of 1, 10 and 100 markets cost what README says", () => {
  assert.ok(table.update["1"] <= 80_000, `one market: ${table.update["1"]}`);
  assert.ok(table.update["10"] <= 480_000, `ten markets: ${table.update["10"]}`);
  assert.ok(table.update["100"] <= 4_800_000, `a hundred markets: ${table.update["100"]}`);
});

test("README's table is what is measured", () => {
  const readme = readFileSync(new URL("../../../contracts/README.md", import.meta.url), "utf8");
  const many = table.reads["haircutsMany(10 ids)"];
  const figures = [...Object.values(table.update), table.marginal, table.setMode, many.cold, many.warm];
  for (const name of ["haircuts(id)", "haircuts(pair)", "tryHaircuts(id)"] as const) {
    figures.push(table.reads[name].cold, table.reads[name].warm);
  }
  const printed = figures.map((gas) => gas.toLocaleString("en-US").replaceAll(",", " "));
  assert.deepEqual(
    printed.filter((figure) => !readme.includes(`| ${figure} |`)),
    [],
  );
});

test("a guardian's trip stays within 63 000 gas", () => {
  assert.ok(table.setMode <= 63_000, `${table.setMode}`);
});

test("reads cost what README says, cold and warm", () => {
  const { "haircuts(id)": byId, "haircuts(pair)": byPair } = table.reads;
  assert.ok(byId.cold <= 20_600 && byId.warm <= 5_400, JSON.stringify(byId));
  assert.ok(byPair.cold <= 22_600 && byPair.warm <= 5_300, JSON.stringify(byPair));
});

test("the bytecode fits a chain with the usual limit", () => {
  assert.ok(table.bytecodeBytes <= 24_576, `${table.bytecodeBytes}`);
});

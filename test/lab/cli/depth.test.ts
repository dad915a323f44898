import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { depthCommand } from "../../../scripts/lab/cli/depth.ts";
import { readPoolFile } from "../../../scripts/lab/files/poolFile.ts";
import { depth } from "../../../scripts/packages/model/model.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { dataFile } from "../../support/data.ts";
import { lab } from "./harness.ts";

const folder = mkdtempSync(join(tmpdir(), "depth-"));
after(() => rmSync(folder, { recursive: true }));

/** The full-range pool of known answer 18 as a file. */
const path = join(folder, "pool.json");
writeFileSync(
  path,
  JSON.stringify({
    pool: "0x0000000000000000000000000000000000000001",
    name: "A/USDC 0.05 %",
    fee: 500,
    tick_spacing: 10,
    sqrt_price_x96: "79228162514264337593543950336",
    tick: 0,
    liquidity: "2000000000000000000",
    token0: { address: "0x0a", symbol: "A", decimals: 18 },
    token1: { address: "0x0b", symbol: "USDC", decimals: 18 },
    ticks: [
      [-887270, "2000000000000000000"],
      [887270, "-2000000000000000000"],
    ],
  }),
);

test("a sale comes with its exact wei and what follows from them", async () => {
  const { json } = await depthCommand(path, { sizes: "1,0.5" });
  const [one, half] = json.sales;
  assert.ok(one !== undefined && half !== undefined);
  assert.equal(one.amountOutRaw, "666444407401233536");
  assert.equal(one.tickAfter, -8107);
  assert.equal(one.receivedQuote, 0.6664444074012336);
  assert.ok(Math.abs(one.slippageFraction - 0.3335555925987665) < 1e-15);
  assert.ok(Math.abs(one.priceImpactFraction - (1 - (2 / 2.9995) ** 2)) < 1e-12);
  assert.ok(Math.abs(one.marginalPriceAfterQuotePerBase - 0.9995 * (2 / 2.9995) ** 2) < 1e-12);
  assert.equal(half.amountInRaw, "500000000000000000");
  assert.equal(json.midPriceQuotePerBase, 1);
});

test("the token sold is the one that is no stablecoin, or the one named by symbol or address", async () => {
  const sold = async (sell?: string) =>
    (await depthCommand(path, sell === undefined ? { sizes: "1" } : { sizes: "1", sell })).json.base.symbol;
  assert.equal(await sold(), "A");
  assert.equal(await sold("usdc"), "USDC");
  assert.equal(await sold("0x0B"), "USDC");
  await assert.rejects(sold("WETH"), { code: "BAD_ARGUMENT", message: /--sell; given "WETH"; expected A or USDC/ });
});

test("a size that the pool cannot take is marked and returns what the pool has", async () => {
  const { json, text } = await depthCommand(path, { sizes: "100000000000000000000000000" });
  assert.equal(json.sales[0]?.complete, false);
  assert.equal(json.sales[0]?.marginalPriceAfterQuotePerBase, 0);
  assert.match(text, /cannot take all of: 100000000000000000000000000/);
});

test("sizes that are none are refused with the form expected", async () => {
  for (const sizes of ["", "0", "-1", "1e3", "1,,2", "one", "0.0000000000000000001"]) {
    await assert.rejects(depthCommand(path, { sizes }), { code: "BAD_ARGUMENT", message: /--sizes.*1,10,0\.5/ }, sizes);
  }
});

test("as a function it takes sizes one by one, and names its own parameters", () => {
  const { pool } = readPoolFile(path);
  assert.equal(depth(pool, ["1", "10"]).sales.length, 2);
  assert.throws(() => depth(pool, ["1,10"]), {
    code: "BAD_ARGUMENT",
    message: /field sizes; given "1,10"; expected positive/,
  });
  assert.throws(() => depth(pool, ["1"], "WETH"), { code: "BAD_ARGUMENT", message: /field sell; given "WETH"/ });
});

test("the documented fields of depth are those of a real report", async () => {
  const { json } = await depthCommand(path, { sizes: "1" });
  assert.deepEqual(fieldPaths(json), documentedFields("scripts/lab/cli/JSON.md", "depth"));
});

test("as a command: a table for people, JSON for programs, exit code 0", async () => {
  const table = await lab(`depth ${path} --sizes 1,10`);
  assert.equal(table.code, 0, table.err);
  assert.match(table.out, /sell A +receive USDC +average price +slippage +impact +next price +ticks/);
  assert.match(table.out, /0\.66644441/);
  assert.ok(table.out.split("\n").every((line) => line.length <= 110));
  const { code, out } = await lab(`--json depth ${path} --sizes 1`);
  assert.equal(code, 0);
  assert.equal(JSON.parse(out).sales[0].amountOutRaw, "666444407401233536");
  const refused = await lab(`depth ${join(folder, "none.json")}`);
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /none\.json cannot be read/);
});

test("the recorded USDC/WETH pool of 24 January 2026 pays near 2948.5 for one WETH and says what was rounded", async (t) => {
  const file = "uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz";
  const recorded = dataFile(file);
  if (recorded === null) return t.skip(`shared data not present: ${file}`);
  const { json, text } = await depthCommand(recorded, { sizes: "1,1000" });
  assert.equal(json.base.symbol, "WETH");
  assert.equal(json.sales[0]?.amountOutRaw, "2947043616");
  assert.equal(json.sales[1]?.ticksCrossed, 63);
  assert.match(text, /changed by\n764 and 1891/);
});

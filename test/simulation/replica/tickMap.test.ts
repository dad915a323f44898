import assert from "node:assert/strict";
import { test } from "node:test";
import { exactInteger, liquidityAt, parseTickMap, readTickMap } from "../../../keeper/simulation/replica/tickMap.ts";
import { dataFile } from "../../support/data.ts";

const pool = {
  name: "tiny",
  fee: 500,
  tick_spacing: 10,
  sqrt_price_x96: "79228162514264337593543950336",
  tick: 0,
  liquidity: "100",
  ticks: [
    [-10, "100", "100"],
    [10, "-100", "100"],
  ],
};
const text = (change: object = {}) => JSON.stringify({ ...pool, ...change });

test("A float text becomes the integer it stands for, without passing through a float.", () => {
  assert.equal(exactInteger("2.9651014881301328e+19"), 29_651_014_881_301_328_000n);
  assert.equal(exactInteger("-1.8926220937820924e+16"), -18_926_220_937_820_924n);
  assert.equal(exactInteger("11263751935226816506"), 11_263_751_935_226_816_506n);
  assert.equal(exactInteger("-0"), 0n);
});

test("A liquidity that is no whole number is refused by name.", () => {
  for (const bad of ["1.5", "1e-3", "12.345e+2", "abc", ""]) {
    assert.throws(() => exactInteger(bad), { name: "TonsorError", code: "BAD_FILE", message: /whole number/ });
  }
});

test("A damaged recording is refused and the message names the field.", () => {
  assert.throws(() => parseTickMap("{"), { code: "BAD_FILE", message: /not JSON/ });
  assert.throws(() => parseTickMap(text({ fee: "500" })), { code: "BAD_FILE", message: /fee/ });
  assert.throws(() => parseTickMap(text({ ticks: [[0, "1", "1"]] })), { code: "BAD_FILE", message: /ticks/ });
});

test("Nets that do not cancel are refused: liquidity cannot come from nowhere.", () => {
  const ticks = [
    [-10, "1000", "1000"],
    [10, "-999", "999"],
  ];
  assert.throws(() => parseTickMap(text({ ticks })), { code: "BAD_FILE", message: /do not cancel/ });
});

test("The residue of float rounding is closed in the last tick and reported.", () => {
  const ticks = [
    [-10, "1.0000000000000002e+19", "1.0000000000000002e+19"],
    [10, "-1e+19", "1e+19"],
  ];
  const map = parseTickMap(text({ ticks }));
  assert.equal(map.residue, 2_000n);
  assert.deepEqual(map.ticks.at(-1), {
    index: 10,
    liquidityNet: -10_000_000_000_000_002_000n,
    liquidityGross: 10_000_000_000_000_002_000n,
  });
});

test("Gross gives way by one where its parity contradicts net's.", () => {
  const ticks = [
    [-10, "100", "100"],
    [0, "0", "7"],
    [10, "-100", "100"],
  ];
  assert.equal(parseTickMap(text({ ticks })).ticks[1]?.liquidityGross, 8n);
});

test("The recorded WBTC/WETH pool is exact: nets sum to zero and up to the price to the stated liquidity.", (t) => {
  const file = dataFile("uniswap_v3/pool_WBTC_WETH_03_block_24407242.json.gz");
  if (file === null) return t.skip("shared data not present: uniswap_v3/pool_WBTC_WETH_03_block_24407242.json.gz");
  const map = readTickMap(file);
  assert.equal(map.ticks.length, 458);
  assert.equal(map.residue, 0n);
  assert.equal(liquidityAt(map.ticks, map.tick), 77_835_804_873_159_631n);
});

test("The recorded USDC/WETH pool misses its stated liquidity by less than 1e-15 of it.", (t) => {
  const file = dataFile("uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz");
  if (file === null) return t.skip("shared data not present: uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz");
  const map = readTickMap(file);
  assert.equal(map.ticks.length, 1419);
  assert.equal(map.residue, -2655n);
  const distance = Number(liquidityAt(map.ticks, map.tick) - map.liquidity) / Number(map.liquidity);
  assert.ok(Math.abs(distance) < 1e-15, `relative distance ${distance}`);
});

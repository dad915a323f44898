import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { exactInteger, liquidityAt, parseTickMap, readTickMap } from "../../../scripts/lab/replica/tickMap.ts";
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

test("The message of such a liquidity gives the text and what was expected.", () => {
  assert.throws(() => exactInteger("1.5"), {
    code: "BAD_FILE",
    message: 'a liquidity is not an integer; given "1.5"; expected a whole number',
  });
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

test("Residue up to 1e-12 of what passes is taken, and one unit more is refused with its size.", () => {
  const short = (by: bigint) =>
    parseTickMap(
      text({
        ticks: [
          [-10, "1000000000000", "1000000000000"],
          [10, `-${1_000_000_000_000n - by}`, "1000000000000"],
        ],
      }),
      "pool.json",
    );
  assert.equal(short(1n).residue, 1n);
  assert.throws(() => short(2n), {
    code: "BAD_FILE",
    message: "pool.json: liquidity nets do not cancel; given 2; expected 0",
  });
});

test("Gross is never less than net, and stays as stated where it is enough.", () => {
  const ticks = [
    [-20, "100", "50"],
    [-10, "-40", "60"],
    [10, "-60", "300"],
  ];
  const gross = parseTickMap(text({ ticks })).ticks.map((tick) => tick.liquidityGross);
  // The last tick ends what is left and starts nothing.
  assert.deepEqual(gross, [100n, 60n, 60n]);
});

test("Ticks come in ascending order, whatever the order of the file; the residue stays with its last row.", () => {
  const ticks = [
    [10, "-100", "100"],
    [-10, "100", "100"],
  ];
  assert.deepEqual(
    parseTickMap(text({ ticks })).ticks.map((tick) => tick.index),
    [-10, 10],
  );
});

test("In-range liquidity counts the tick at the price, not the one above.", () => {
  const ticks = parseTickMap(text()).ticks;
  assert.deepEqual(
    [-11, -10, 0, 9, 10].map((tick) => liquidityAt(ticks, tick)),
    [0n, 100n, 100n, 100n, 0n],
  );
});

test("A recording is read plain or packed, and a message names its file.", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tickmap-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [plain, packed, broken] = ["pool.json", "pool.json.gz", "broken.json"].map((name) => join(folder, name));
  assert.ok(plain !== undefined && packed !== undefined && broken !== undefined);
  writeFileSync(plain, text());
  writeFileSync(packed, gzipSync(text()));
  writeFileSync(broken, "<html>");
  assert.deepEqual(readTickMap(packed), readTickMap(plain));
  assert.deepEqual([readTickMap(plain).source, readTickMap(plain).feePips], ["tiny", 500]);
  assert.throws(() => readTickMap(broken), { code: "BAD_FILE", message: `${broken} is not JSON` });
  assert.throws(() => parseTickMap("<html>"), { message: "pool file is not JSON" });
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

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readTickMap } from "../../../scripts/lab/replica/tickMap.ts";
import { dataFile } from "../../support/data.ts";
import { liquidityAt } from "../../support/liquidityAt.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

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

const folder = temporaryFolder();
let files = 0;
/** The tick map of a file with this text. */
function parsed(content: string) {
  const file = join(folder, `pool-${files++}.json`);
  writeFileSync(file, content);
  return readTickMap(file);
}

test("A float text becomes the integer it stands for, without passing through a float.", () => {
  const ticks = [
    [-10, "2.9651014881301328e+19", "2.9651014881301328e+19"],
    [10, "-29651014881301328000", "29651014881301328000"],
  ];
  const { ticks: read, liquidity } = parsed(text({ ticks, liquidity: "1.8926220937820924e+16" }));
  assert.equal(read[0]?.liquidityNet, 29_651_014_881_301_328_000n);
  assert.equal(liquidity, 18_926_220_937_820_924n);
});

test("A liquidity that is no whole number is refused by name, with what was expected.", () => {
  for (const liquidity of ["1.5", "1e-3", "12.345e+2", "abc", ""]) {
    assert.throws(() => parsed(text({ liquidity })), {
      name: "TonsorError",
      code: "BAD_FILE",
      message: /a whole number as decimal text\n.*liquidity/,
    });
  }
});

test("A damaged recording is refused and the message names the field.", () => {
  assert.throws(() => parsed("{"), { code: "BAD_FILE", message: /not JSON/ });
  assert.throws(() => parsed(text({ fee: "500" })), { code: "BAD_FILE", message: /fee/ });
  assert.throws(() => parsed(text({ ticks: [[0, "1", "1"]] })), { code: "BAD_FILE", message: /ticks/ });
});

test("Nets that do not cancel are refused: liquidity cannot come from nowhere.", () => {
  const ticks = [
    [-10, "1000", "1000"],
    [10, "-999", "999"],
  ];
  assert.throws(() => parsed(text({ ticks })), { code: "BAD_FILE", message: /do not cancel/ });
});

test("The residue of float rounding is closed in the last tick and reported.", () => {
  const ticks = [
    [-10, "1.0000000000000002e+19", "1.0000000000000002e+19"],
    [10, "-1e+19", "1e+19"],
  ];
  const map = parsed(text({ ticks }));
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
  assert.equal(parsed(text({ ticks })).ticks[1]?.liquidityGross, 8n);
});

test("Residue up to 1e-12 of what passes is taken, and one unit more is refused with its size.", () => {
  const short = (by: bigint) =>
    parsed(
      text({
        ticks: [
          [-10, "1000000000000", "1000000000000"],
          [10, `-${1_000_000_000_000n - by}`, "1000000000000"],
        ],
      }),
    );
  assert.equal(short(1n).residue, 1n);
  assert.throws(() => short(2n), {
    code: "BAD_FILE",
    message: /pool-\d+\.json: liquidity nets do not cancel; given 2; expected 0$/,
  });
});

test("Gross is never less than net, and stays as stated where it is enough.", () => {
  const ticks = [
    [-20, "100", "50"],
    [-10, "-40", "60"],
    [10, "-60", "300"],
  ];
  const gross = parsed(text({ ticks })).ticks.map((tick) => tick.liquidityGross);
  // The last tick ends what is left and starts nothing.
  assert.deepEqual(gross, [100n, 60n, 60n]);
});

test("Ticks come in ascending order, whatever the order of the file; the residue stays with its last row.", () => {
  const ticks = [
    [10, "-100", "100"],
    [-10, "100", "100"],
  ];
  assert.deepEqual(
    parsed(text({ ticks })).ticks.map((tick) => tick.index),
    [-10, 10],
  );
});

test("In-range liquidity counts the tick at the price, not the one above.", () => {
  const ticks = parsed(text()).ticks;
  assert.deepEqual(
    [-11, -10, 0, 9, 10].map((tick) => liquidityAt(ticks, tick)),
    [0n, 100n, 100n, 100n, 0n],
  );
});

test("A recording is read plain or packed, and a message names its file.", () => {
  const [plain, packed, broken] = ["pool.json", "pool.json.gz", "broken.json"].map((name) => join(folder, name));
  assert.ok(plain !== undefined && packed !== undefined && broken !== undefined);
  writeFileSync(plain, text());
  writeFileSync(packed, gzipSync(text()));
  writeFileSync(broken, "<html>");
  assert.deepEqual(readTickMap(packed), readTickMap(plain));
  assert.deepEqual([readTickMap(plain).source, readTickMap(plain).feePips], ["tiny", 500]);
  assert.throws(() => readTickMap(broken), { code: "BAD_FILE", message: `${broken} is not JSON` });
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

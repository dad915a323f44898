import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { gzipSync } from "node:zlib";
import { parsePool } from "../../../keeper/venues/uniswapV3/parse.ts";
import { readPoolFile } from "../../../scripts/lab/files/poolFile.ts";
import { dataFile } from "../../support/data.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const FILE = {
  pool: "0x01",
  name: "BASE/QUOTE",
  block: 7,
  fee: 500,
  tick_spacing: 10,
  sqrt_price_x96: "79228162514264337593543950336",
  tick: 0,
  liquidity: "100",
  token0: { address: "0x0a", symbol: "BASE", decimals: 18 },
  token1: { id: "0x0b", symbol: "QUOTE", decimals: "6" },
  ticks: [
    [-10, "100", "100"],
    [10, "-100", "100"],
  ],
};
const scratch = temporaryFolder();
/** The pool of a file with these changes. */
function parse(changes: object) {
  const path = join(scratch, "pool.json");
  writeFileSync(path, JSON.stringify({ ...FILE, ...changes }));
  return readPoolFile(path);
}

test("the example: a float's decimal text is taken at the exact value printed", () => {
  for (const [liquidity, exact] of [
    ["2.9651014881301328e+19", 29651014881301328000n],
    ["1.5e3", 1500n],
    ["12.000", 12n],
    ["11263751935226816506", 11263751935226816506n],
  ] as const) {
    const ticks = [
      [-10, liquidity, ""],
      [10, `-${liquidity}`, ""],
    ];
    const { pool } = parse({ liquidity, ticks });
    assert.deepEqual([pool.liquidity, pool.ticks[1]?.liquidityNet], [exact, -exact]);
  }
  for (const liquidity of ["1.5", "", "NaN", "0x10", "1e", "1e-3", "1e9999"]) {
    assert.throws(
      () => parse({ liquidity }),
      { code: "BAD_FILE", message: /a whole number as decimal text/ },
      liquidity,
    );
  }
});

test("a pool file becomes a pool, tokens by address or id", () => {
  const { name, pool, residue } = parse({});
  assert.equal(name, "BASE/QUOTE");
  assert.deepEqual(residue, { lowest: 0n, highest: 0n });
  assert.equal(pool.token1.address, "0x0b");
  assert.equal(pool.token1.decimals, 6);
  assert.equal(pool.blockNumber, 7n);
  assert.deepEqual(pool.ticks, [
    { index: -10, liquidityNet: 100n },
    { index: 10, liquidityNet: -100n },
  ]);
});

test("ticks that miss by rounding are made to add up by way of the outermost two, and the file says by how much", () => {
  const ticks = [
    [-100, "1.000000000000001e+18", ""],
    [-10, "5000000000000000000", ""],
    [10, "-5e+18", ""],
    [100, "-1.000000000000002e+18", ""],
  ];
  const { pool, residue } = parse({ liquidity: "6000000000000000000", ticks });
  assert.deepEqual(residue, { lowest: -1000n, highest: 2000n });
  assert.equal(pool.ticks[0]?.liquidityNet, 10n ** 18n);
  assert.equal(
    pool.ticks.reduce((sum, tick) => sum + tick.liquidityNet, 0n),
    0n,
  );
});

for (const [what, changes, message] of [
  [
    "a liquidity the ticks do not add up to",
    { liquidity: "101" },
    /pool\.json.*add up in range.*given 100; expected liquidity 101/,
  ],
  [
    "nets that leave something over",
    {
      ticks: [
        [-10, "100"],
        [10, "-90"],
      ],
    },
    /add up in all.*given 10; expected 0/,
  ],
  [
    "ticks out of order",
    {
      ticks: [
        [10, "-100"],
        [-10, "100"],
      ],
    },
    /ticks\[1\]\[0\]; given -10; expected a multiple of 10 above 10/,
  ],
  [
    "a tick off the spacing",
    {
      ticks: [
        [-15, "100"],
        [10, "-100"],
      ],
    },
    /ticks\[0\]\[0\]; given -15/,
  ],
  ["a fee of 100 %", { fee: 1_000_000 }, /pool\.json[\s\S]*fee/],
  ["a missing price", { sqrt_price_x96: undefined }, /sqrt_price_x96/],
  ["a liquidity in fractions", { liquidity: "1.5" }, /field liquidity; .*whole number as decimal text/],
  ["a number where text is needed", { liquidity: 100 }, /liquidity/],
  ["a token without an address", { token0: { symbol: "A", decimals: 1 } }, /field token0; .*address or id/],
  ["decimals of a wrong kind", { token0: { id: "0x1", symbol: "A", decimals: "many" } }, /token0\.decimals/],
  ["no ticks", { ticks: [] }, /ticks/],
] as const) {
  test(`${what} is refused by name`, () => {
    assert.throws(() => parse(changes), { code: "BAD_FILE", message });
  });
}

test("several wrong fields are named at once", () => {
  assert.throws(() => parse({ fee: -1, tick: 0.5 }), {
    message: /field fee; given -1; expected at least 0 \(1 more fields are wrong\)$/,
  });
});

test("files are read plain or gzipped; a missing file or one that is not JSON says so with its path", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "pool-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const plain = join(folder, "a.json");
  const packed = join(folder, "b.json.gz");
  writeFileSync(plain, JSON.stringify(FILE));
  writeFileSync(packed, gzipSync(JSON.stringify(FILE)));
  assert.deepEqual(readPoolFile(packed), readPoolFile(plain));
  writeFileSync(plain, "<html>");
  assert.throws(() => readPoolFile(plain), { code: "BAD_FILE", message: /a\.json is not JSON/ });
  assert.throws(() => readPoolFile(join(folder, "none")), { code: "BAD_FILE", message: /none cannot be read/ });
  writeFileSync(packed, gzipSync(JSON.stringify(FILE)).subarray(0, 40));
  assert.throws(() => readPoolFile(packed), { code: "BAD_FILE", message: /cannot be read/ });
});

for (const [file, ticks, lowest] of [
  ["uniswap_v3/pool_USDC_WETH_005_2026-01-24.json.gz", 1419, 764n],
  ["uniswap_v3/pool_WBTC_WETH_03_block_24407242.json.gz", 458, 0n],
] as const) {
  test(`the recorded ${file} is read whole and passes every check of the live adapter`, (t) => {
    const path = dataFile(file);
    if (path === null) return t.skip(`shared data not present: ${file}`);
    const { pool, residue } = readPoolFile(path);
    assert.equal(pool.ticks.length, ticks);
    assert.equal(residue.lowest, lowest);
    const gross = (net: bigint) => (net < 0n ? -net : net) || 1n;
    const raw = { ...pool, ticks: pool.ticks.map((tick) => ({ ...tick, liquidityGross: gross(tick.liquidityNet) })) };
    const block = { number: 1n, hash: "0x00", timestamp: 1, baseFee: 0n } as const;
    assert.deepEqual(parsePool({ ...raw, block }).faults, []);
  });
}

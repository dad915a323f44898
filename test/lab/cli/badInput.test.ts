import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { lab } from "./harness.ts";
import { fileWriter, ownDepthCsv, ownPoolJson, ownPricesCsv } from "./ownFiles.ts";

const write = fileWriter();
const HOURS = 24 * 92;
const good = ownPricesCsv(HOURS);
const goodPrices = write("good.csv", good);
const shortPrices = write("short.csv", ownPricesCsv(72));
const goodDepth = write("good-depth.csv", ownDepthCsv(HOURS, 4e6, 4e6, HOURS));
const goodPool = write("good-pool.json", ownPoolJson(1e6));
const lines = good.split("\n");
/** The good prices with one line (1 is the header) replaced. */
const withLine = (line: number, text: string) => lines.with(line - 1, text).join("\n");
const pool = (change: object) => JSON.stringify({ ...JSON.parse(ownPoolJson(1e6)), ...change });
const depth = (rows: string) => `t,depth_usd\n${rows}\n`;
const board = (row: string) => `ts,instrument,forward,index,bid,ask,mark,iv,oi\n${row}\n`;
const OPTION = "2026-02-05T21:29:37Z,ETH-27FEB26-3000-C,3012,3005,0.05,0.06,0.055,0.6,10";
const summary = (change: object) => JSON.stringify({ result: [{ instrument_name: "ETH-27FEB26-3000-C", ...change }] });

type Case = readonly [
  what: string,
  line: string,
  content: string,
  message: string,
  field: string,
  given: string | number,
];

/** Each command that reads a file, given one that cannot be used as {file}: the message, and the field and value it names. */
const CASES: readonly Case[] = [
  [
    "a word",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,cheap,1"),
    "row 9 of {file} cannot be used",
    "close",
    "cheap",
  ],
  [
    "a price of 0",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,0,1"),
    "row 9 of {file} cannot be used",
    "close",
    "0",
  ],
  [
    "a price that swallows every other",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,1e300,1"),
    "row 9 of {file} cannot be used",
    "close",
    "1e300",
  ],
  [
    "a price that none beside it can be true with",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,1e9,1"),
    "row 9 of {file} cannot be used",
    "close",
    "1e9",
  ],
  [
    "such a price for the market",
    "market {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,1e300,1"),
    "row 9 of {file} cannot be used",
    "close",
    "1e300",
  ],
  [
    "such a volume",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,1,1e300"),
    "row 9 of {file} cannot be used",
    "volume",
    "1e300",
  ],
  [
    "NaN",
    "backtest X --prices {file}",
    withLine(9, "2022-01-01T07:00:00.000Z,NaN,1"),
    "row 9 of {file} cannot be used",
    "close",
    "NaN",
  ],
  [
    "a hole",
    "backtest X --prices {file}",
    lines.toSpliced(9, 1).join("\n"),
    "row 10 of {file} cannot be used",
    "time",
    "2022-01-01T09:00:00.000Z",
  ],
  [
    "a time twice",
    "backtest X --prices {file}",
    lines.toSpliced(9, 0, lines[8] ?? "").join("\n"),
    "row 10 of {file} cannot be used",
    "time",
    "2022-01-01T07:00:00.000Z",
  ],
  [
    "times that fall",
    "backtest X --prices {file}",
    withLine(10, "2021-01-01,99,1"),
    "row 10 of {file} cannot be used",
    "time",
    "2021-01-01",
  ],
  [
    "milliseconds",
    "backtest X --prices {file}",
    "t,close\n1640995200000,1\n1640998800000,1\n",
    "row 2 of {file} cannot be used",
    "t",
    "1640995200000",
  ],
  [
    "no header",
    "backtest X --prices {file}",
    lines.slice(1).join("\n"),
    "{file} lacks a column",
    "header",
    "2022-01-01t00:00:00.000z,",
  ],
  ["nothing", "backtest X --prices {file}", "", "{file} cannot be used", "file", "an empty file"],
  [
    "too few days",
    "backtest X --prices {file}",
    lines.slice(0, 100).join("\n"),
    "{file} cannot be judged",
    "span",
    "4.1 days",
  ],
  [
    "days for hours",
    "backtest X --prices {file}",
    "date,close\n2022-01-01,1\n2022-01-02,1\n2022-01-03,1\n",
    "{file} cannot be judged",
    "step",
    "86400 s",
  ],
  [
    "half hours past",
    "backtest X --prices {file}",
    good.replaceAll(":00:00.000Z", ":30:00.000Z"),
    "{file} cannot be judged",
    "times",
    "2022-01-01T00:30:00.000Z and so on",
  ],
  [
    "the depth of nobody",
    `backtest X --prices ${goodPrices} --depth {file}`,
    depth("1640995200,1\n1641009600,0"),
    "row 3 of {file} cannot be used",
    "depth_usd",
    "0",
  ],
  [
    "the depth of everybody",
    `backtest X --prices ${goodPrices} --depth {file}`,
    depth("1640995200,1\n1641009600,1e300"),
    "row 3 of {file} cannot be used",
    "depth_usd",
    "1e300",
  ],
  [
    "depth that begins late",
    `backtest X --prices ${goodPrices} --depth {file}`,
    depth("1672531200,1\n1672534800,1"),
    "{file} begins too late",
    "first time",
    "2023-01-01T00:00:00.000Z",
  ],
  ["a negative price", "market {file}", "t,close\n0,1\n3600,-1\n", "row 3 of {file} cannot be used", "close", "-1"],
  ["JSON for prices", "market {file}", ownPoolJson(1), "{file} is no table", "file", "text that begins with {"],
  [
    "prices for depth",
    `market ${goodPrices} --depth {file}`,
    good,
    "{file} lacks a column",
    "header",
    "time,close,volume",
  ],
  [
    "a pool of another kind",
    `market ${goodPrices} --pool {file}`,
    pool({ ticks: [] }),
    "{file} is not a recorded pool",
    "ticks",
    "a list of 0",
  ],
  ["prices for a pool", "depth {file}", good, "{file} is not JSON", "file", "time,close,volume"],
  [
    "a pool without liquidity",
    "depth {file}",
    pool({ liquidity: undefined }),
    "{file} is not a recorded pool",
    "liquidity",
    "nothing",
  ],
  [
    "liquidity in fractions",
    "depth {file}",
    pool({ liquidity: "1.5" }),
    "{file} is not a recorded pool",
    "liquidity",
    "1.5",
  ],
  [
    "ticks off the spacing",
    "depth {file}",
    pool({
      ticks: [
        [7, "1"],
        [20, "-1"],
      ],
    }),
    "{file}: ticks are not in order or off the spacing",
    "ticks[0][0]",
    7,
  ],
  ["another JSON", "depth {file}", "[1, 2]", "{file} is not a recorded pool", "(whole file)", "a list of 2"],
  [
    "an option that is none",
    "surface {file}",
    board(OPTION.replace("ETH-27FEB26-3000-C", "ETH-PERPETUAL")),
    "row 2 of {file} cannot be used",
    "instrument",
    "ETH-PERPETUAL",
  ],
  [
    "a volatility that is none",
    "surface {file}",
    board(OPTION.replace(",0.6,", ",-0.6,")),
    "row 2 of {file} cannot be used",
    "iv",
    "-0.6",
  ],
  [
    "an answer with words for prices",
    "surface {file}",
    summary({ mark_price: "1" }),
    "{file} is not an answer of public/get_book_summary_by_currency",
    "result.0.mark_price",
    "1",
  ],
  [
    "a debt below zero",
    "profile {file}",
    "collateral,debt,threshold\n1,-1,0.8\n",
    "row 2 of {file} cannot be used",
    "debt",
    "-1",
  ],
  [
    "a threshold in percent",
    "profile {file}",
    "collateral,debt,threshold\n1,1,80000\n",
    "row 2 of {file} cannot be used",
    "threshold",
    "80000",
  ],
  [
    "a threshold in percent of 100",
    "profile {file}",
    "collateral,debt,threshold\n1,1,0.8\n1,1,83\n",
    "row 3 of {file} cannot be used",
    "threshold",
    "83",
  ],
  [
    "a threshold above its whole",
    "fork --positions {file}",
    "collateral,debt,threshold\n1,1,1.8\n",
    "row 2 of {file} cannot be used",
    "threshold",
    "1.8",
  ],
  ["a short row", "profile {file}", "collateral,debt,threshold\n1,1\n", "row 2 of {file} cannot be used", "row", "1,1"],
  ["no JSON", "quote --input {file}", "volatility: 0.6", "{file} is not JSON", "file", "volatility: 0.6"],
  [
    "prices that end before",
    `assess A --prices {file} --pool ${goodPool} --at 2023-01-01`,
    good,
    "{file} has no price of that moment",
    "times",
    "2022-01-01T00:00:00Z to 2022-04-02T23:00:00Z",
  ],
  [
    "a board of another shape",
    `assess A --prices ${goodPrices} --pool ${goodPool} --board {file}`,
    "{}",
    "{file} is not an answer of public/get_book_summary_by_currency",
    "result",
    "nothing",
  ],
  [
    "a pool that is prices",
    `assess A --prices ${goodPrices} --pool {file}`,
    good,
    "{file} is not JSON",
    "file",
    "time,close,volume",
  ],
];

describe("a file that cannot be used is refused in one line that names file, place, value and what was expected", () => {
  for (const [i, [what, line, content, message, field, given]] of CASES.entries()) {
    it(`${what}: lab ${line.replaceAll(/\/\S+\//g, "")}`, async () => {
      const file = write(`bad-${i}.csv`, content);
      const { code, out, err } = await lab(`${line.replace("{file}", file)} --json`);
      assert.deepEqual([code, err.replaceAll(/^\[.*\n/gm, "")], [1, ""]);
      const { error } = JSON.parse(out);
      assert.equal(error.code, "BAD_FILE");
      assert.equal(error.message, message.replace("{file}", file));
      assert.equal(error.field, field);
      assert.ok(String(error.given).startsWith(String(given)), `${error.given} begins with ${given}`);
      assert.ok(error.expected.length > 8 && !error.expected.includes("\n"), error.expected);
    });
  }
});

describe("words that contradict each other are refused", () => {
  const cases = [
    ["backtest", /field market, given "nothing", expected a market, or --prices <file>/],
    [`backtest X --depth ${goodDepth}`, /field --prices, given "nothing", expected prices of your own beside --depth/],
    [`backtest X --prices ${goodPrices} --class minor`, /field --class, given "minor", expected major or long-tail/],
    [
      `backtest X --prices ${goodPrices} --ltv 0.8 --lt 0.7`,
      /field --ltv, given 0.8, expected at most the liquidation/,
    ],
    [
      `backtest X --prices ${goodPrices} --set liquidationCost=0.5`,
      /expected model\.liquidationCost below b\/\(1\+b\)/,
    ],
    [`assess A --pool ${goodPool}`, /field --prices, given "nothing", expected a csv file of prices/],
    [`assess A --prices ${goodPrices}`, /field --pool, given "nothing", expected a pool to sell into, or --depth/],
    [
      `assess A --prices ${goodPrices} --pool ${goodPool} --on-chain 20`,
      /field --on-chain, given "20", expected two whole/,
    ],
    [
      `assess A --prices ${goodPrices} --pool ${goodPool} --on-chain 2000,1990`,
      /no contract lists .*\n.*given "2000,1990"/,
    ],
    [`market ${shortPrices} --rule onChain`, /expected more than 90 days of moving prices; these end at 2022-01-03T23/],
    [`market ${goodPrices} --set nu=1`, /field degreesOfFreedom, given 1, expected in \(2, 1e6\]/],
  ] as const;
  for (const [line, pattern] of cases) {
    it(line.replaceAll(/\/\S+\//g, ""), async () => {
      const { code, out, err } = await lab(line);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, pattern);
    });
  }
});

describe("a folder in place of a file, or a file in place of a folder, inside --out is refused before anything is computed", () => {
  const names = {
    backtest: ["backtest.json/", "backtest.html/", "backtest-tables"],
    validate: ["validation.json/", "validation-tables"],
    frontier: ["chosen.json/", "frontier.csv/", "frontier.html/", "unfinished", "own"],
    museum: ["museum.html/", "museum-2020-03-12-eth.csv/"],
    reality: ["reality-chosen.json/", "reality.csv/", "reality-days.csv/", "reality.html/"],
    fork: ["fork.html/", "transactions.csv/"],
  };
  const own = ` X --prices ${goodPrices}`;
  for (const [command, blocked] of Object.entries(names)) {
    it(`lab ${command}`, async () => {
      for (const name of blocked) {
        const out = join(dirname(goodPrices), `${command}-${name.replace("/", "")}`);
        const path = join(out, name);
        mkdirSync(name.endsWith("/") ? path : out, { recursive: true });
        if (!name.endsWith("/")) writeFileSync(path, "");
        const { code, err } = await lab(`${command}${command === "backtest" ? own : ""} --out ${out}`);
        assert.equal(code, 1, path);
        assert.match(err, /nothing can be written there\n {2}field --out, given .*, expected a f/);
        assert.ok(err.includes(path.replace(/\/$/, "")), err);
      }
    });
  }
});

describe("what cannot be written is refused before anything is computed", () => {
  const folder = dirname(goodPrices);
  const folders = ["/proc/x", goodPrices, join(goodPrices, "below")];
  const files = ["/proc/x", folder, join(folder, "nowhere", "a.csv"), join(goodPrices, "below")];
  const cases = [
    ...folders.map((path) => [`backtest X --prices ${goodPrices}`, "--out", path] as const),
    ...files.map((path) => [`backtest X --prices ${goodPrices}`, "--csv", path] as const),
    ...["/proc/x", folder].map((path) => [`market ${goodPrices}`, "--timeline", path] as const),
    ["stress", "--csv", "/proc/x"],
    ...["museum", "frontier", "reality", "validate", "fork"].map((name) => [name, "--out", goodPrices] as const),
  ] as const;
  for (const [line, option, path] of cases) {
    it(`lab ${line} ${option} ${path}`.replaceAll(/\/\S+\//g, ""), async () => {
      const { code, out, err } = await lab(`${line} ${option} ${path} --json`);
      assert.deepEqual([code, err], [1, ""]);
      const { error } = JSON.parse(out);
      assert.deepEqual(
        [error.code, error.message, error.field],
        ["BAD_ARGUMENT", "nothing can be written there", option],
      );
      assert.ok(error.given.startsWith(path.replace(/\/below$/, "")), error.given);
      assert.match(error.expected, /that can be written/);
    });
  }
});

describe("a folder of recordings that is not there is refused, needed or not", () => {
  for (const line of [`backtest X --prices ${goodPrices}`, `market ${goodPrices}`, "stress", "reality"]) {
    it(`lab ${line.replaceAll(/\/\S+\//g, "")}`, async () => {
      const { code, err } = await lab(`${line} --data /nonexist`);
      assert.equal(code, 1);
      assert.match(
        err,
        /BAD_FILE: no recorded market data here\n {2}field --data, given "\/nonexist", expected a folder/,
      );
    });
  }
});

it("few prices are assessed as the live keeper would, which says that they are too few, and so does the help", async () => {
  const { code, out } = await lab(`assess X --prices ${goodPrices} --depth ${goodDepth} --json`);
  assert.equal(code, 0);
  assert.match(out, /"TOO_FEW"/);
  assert.match(out, /\b180 wanted/);
  assert.match((await lab("assess --help")).out, /fewer than 180 days it says\s+TOO_FEW/);
});

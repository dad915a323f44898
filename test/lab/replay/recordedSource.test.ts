import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openReplaySource } from "../../../scripts/lab/replay/openReplaySource.ts";
import { recordedSource } from "../../../scripts/lab/replay/recordedSource.ts";
import { sameRun, withheldIn } from "../../../scripts/lab/replay/withheld.ts";
import { dataFolder } from "../../support/data.ts";

const HOUR = 3600;
const DAY = 86_400;
const at = (text: string) => Date.parse(text) / 1000;
const HEADER = "ts,instrument,forward,index,bid,ask,mark,iv,delta,vega,oi,vol24h";
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder of small recordings made here. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-replay-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), name.endsWith(".gz") ? gzipSync(text) : text);
  }
  return folder;
}
const chain = (...rows: string[]) => `${[HEADER, ...rows].join("\n")}\n`;
const row = (ts: string, name = "ETH-27FEB26-3000-C") =>
  `${ts},${name},3012.5,3005.1,,0.059,0.0585,0.5125,0.5,3.1,440,1.5`;
const SMALL = {
  "withheld.csv": "from,to\n2022-11-01,2022-12-01\n2025-10-01,2025-11-01\n2026-04-16,\n",
  "options/deribit_chain_2026-01.csv.gz": chain(
    row("2026-01-28T04:00:47Z"),
    row("2026-01-28T04:00:47Z", "BTC-27FEB26-90000-P"),
    row("2026-01-28T09:27:52Z"),
  ),
  "options/deribit_chain_2026-02.csv.gz": chain(row("2026-02-01T04:54:02Z"), row("2026-04-15T22:00:00Z")),
  "ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz": `t,open,high,low,close,volume\n${[0, 1, 2]
    .map((hour) => `${at("2026-01-28") + hour * HOUR},3000,3010,2990,3005,100.5`)
    .join("\n")}\n`,
  "dvol/deribit_dvol_ETH_1d.csv": "day,close\n2025-09-30,61\n2025-10-15,99\n2026-01-27,51.5\n2026-01-28,54.2\n",
  "dvol/deribit_dvol_BTC_1h.csv.gz": `t,open,high,low,close\n${at("2025-09-30T22:00:00Z")},36,37,35,36.5\n${at(
    "2025-09-30T23:00:00Z",
  )},36.5,37,36,36.6\n`,
  "dvol/deribit_dvol_BTC_1d.csv": "day,close\n2025-09-30,36.6\n2026-01-27,38.2\n",
};
const source = recordedSource(folderWith(SMALL));

test("a board is the last one at or before the clock, of its currency only", () => {
  const board = source.board("ETH", at("2026-01-28T09:27:51Z"));
  assert.equal(board?.time, at("2026-01-28T04:00:47Z"));
  assert.deepEqual(board?.rows, [
    {
      instrument: "ETH-27FEB26-3000-C",
      forward: 3012.5,
      index: 3005.1,
      bid: null,
      ask: 0.059,
      mark: 0.0585,
      iv: 0.5125,
      openInterest: 440,
      volume24h: 1.5,
    },
  ]);
  assert.equal(source.board("ETH", at("2026-01-28T09:27:52Z"))?.time, at("2026-01-28T09:27:52Z"));
  assert.equal(source.board("BTC", at("2026-01-28T04:00:47Z"))?.rows.length, 1);
});

test("early in a month the last board of the month before still stands", () => {
  assert.equal(source.board("ETH", at("2026-02-01T00:10:00Z"))?.time, at("2026-01-28T09:27:52Z"));
});

test("before the first board there is none, and none is carried into a withheld span", () => {
  assert.equal(source.board("ETH", at("2026-01-28T04:00:46Z")), null);
  assert.notEqual(source.board("ETH", at("2026-04-15T23:59:59Z")), null);
  assert.equal(source.board("ETH", at("2026-04-16T00:00:00Z")), null);
});

test("the calendar spans months and both ends count", () => {
  const times = source.instants(at("2026-01-28T04:00:47Z"), at("2026-02-01T04:54:02Z"));
  assert.deepEqual(times, [at("2026-01-28T04:00:47Z"), at("2026-01-28T09:27:52Z"), at("2026-02-01T04:54:02Z")]);
});

test("a candle is known at the second it closes and not before", () => {
  const known = (now: number) => source.candles("ETH-PERPETUAL", 0, 2e9, now).length;
  const start = at("2026-01-28");
  assert.deepEqual([start + HOUR - 1, start + HOUR, start + 3 * HOUR].map(known), [0, 1, 3]);
  assert.deepEqual(source.candles("LINK-PERPETUAL", 0, 2e9, 2e9), []);
});

test("only instruments with a file are listed", () => {
  assert.deepEqual(source.instruments, ["ETH-PERPETUAL"]);
});

test("a day of the index is known when the day has ended; withheld days are never shown", () => {
  const known = (now: number) => source.indexBars("ETH", 0, 2e9, now).map((bar) => bar.close);
  assert.deepEqual(known(at("2026-01-28T00:00:00Z") - 1), [61]);
  assert.deepEqual(known(at("2026-01-28T00:00:00Z")), [61, 51.5]);
  assert.deepEqual(known(at("2026-02-01")), [61, 51.5, 54.2]);
});

test("hours of the index are used where recorded, days only after them", () => {
  const bars = source.indexBars("BTC", 0, 2e9, 2e9);
  assert.deepEqual(
    bars.map((bar) => [bar.length, bar.close]),
    [
      [HOUR, 36.5],
      [HOUR, 36.6],
      [DAY, 38.2],
    ],
  );
});

test("both ends of a run must lie on the same side of every withheld span", () => {
  const spans = [[at("2025-10-01"), at("2025-11-01")]] as const;
  assert.equal(sameRun(spans, at("2025-09-30"), at("2025-09-30T23:59:59Z")), true);
  assert.equal(sameRun(spans, at("2025-09-30"), at("2025-10-01")), false);
  assert.equal(sameRun(spans, at("2025-09-30"), at("2025-12-01")), false);
  assert.equal(sameRun(spans, at("2025-11-01"), at("2026-04-15")), true);
});

const STATEMENT =
  "Two spans are withheld on purpose and are NOT outages: 2022-11-01..2022-11-30 and everything from 2026-04-16 on.";
const SPANS = [
  [at("2022-11-01"), at("2022-12-01")],
  [at("2026-04-16"), Number.POSITIVE_INFINITY],
];

test("a folder says itself what it withholds: in withheld.csv, else in its PROVENANCE.md, else nothing is", () => {
  const said = (files: Readonly<Record<string, string>>) => withheldIn(folderWith(files));
  const page = { "PROVENANCE.md": `# Data\n\nReal.\n${STATEMENT}\n` };
  assert.deepEqual(said(page), SPANS);
  assert.deepEqual(said({ ...page, "withheld.csv": "from,to\n1970-01-02,172800\n" }), [[86_400, 172_800]]);
  assert.deepEqual(said({ "PROVENANCE.md": "# Data\n" }), []);
  assert.deepEqual(said({}), []);
  assert.throws(() => said({ "PROVENANCE.md": "Some weeks are withheld on purpose.\n" }), {
    code: "BAD_FILE",
    message: /PROVENANCE\.md does not say what is withheld; .*given "Some weeks are .*expected spans as 2022-11-01\.\./,
  });
  assert.throws(() => said({ "withheld.csv": "from,to\n2022-11-01,2022-10-01\n" }), {
    message: /row 2 of .*withheld\.csv .*; field to; given "2022-10-01"; expected a time after that of `from`/,
  });
});

test("the shared recordings withhold two months and everything from the middle of April 2026 on", (t) => {
  const folder = dataFolder();
  if (folder === null) return t.skip("shared data not present: PROVENANCE.md");
  const [november, april] = SPANS;
  assert.deepEqual(withheldIn(folder), [november, [at("2025-10-01"), at("2025-11-01")], april]);
});

const BAD: readonly (readonly [sentence: string, chainText: string, message: RegExp])[] = [
  ["other columns", "ts,name\n", /expected ts,instrument/],
  ["times out of order", chain(row("2026-01-28T04:00:47Z"), row("2026-01-27T04:00:47Z")), /out of order/],
  ["a time that is none", chain(row("soon")), /out of order/],
  ["a row that is none", chain("2026-01-28T04:00:47Z,ETH-27FEB26-3000-C,x,1,,,1,1,,,1,1"), /unreadable row/],
];
for (const [sentence, text, message] of BAD) {
  test(`a chain file with ${sentence} is BAD_FILE and says where`, () => {
    const bad = recordedSource(folderWith({ "options/deribit_chain_2026-01.csv.gz": text }));
    assert.throws(() => bad.board("ETH", at("2026-01-30")), { code: "BAD_FILE", message });
  });
}

test("a candle file with a word for a number is BAD_FILE", () => {
  const files = {
    ...SMALL,
    "ohlcv/binance_usdm_perp_ETHUSDT_1h.csv.gz": "t,open,high,low,close,volume\n1,x,1,1,1,1\n",
  };
  const bad = recordedSource(folderWith(files));
  assert.throws(() => bad.candles("ETH-PERPETUAL", 0, 1, 2), { code: "BAD_FILE", message: /unreadable row/ });
});

test("a folder without chains is BAD_FILE, also when TONSOR_DATA names it", () => {
  const empty = folderWith({});
  assert.throws(() => recordedSource(empty), { code: "BAD_FILE", message: /options\/deribit_chain/ });
  assert.throws(() => openReplaySource({ TONSOR_DATA: empty }), { code: "BAD_FILE" });
});

test("TONSOR_DATA decides which recordings are played, and the choice is said", () => {
  const opened = openReplaySource({ TONSOR_DATA: folderWith(SMALL) });
  assert.deepEqual([opened.name, opened.source.name], ["recorded", "recorded"]);
  assert.match(opened.why, /TONSOR_DATA/);
});

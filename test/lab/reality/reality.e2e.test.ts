import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "../cli/harness.ts";

const [HOUR, DAY] = [3_600, 86_400];
const LAUNCH = Date.UTC(2023, 0, 27) / 1_000;
const [EXCHANGES, END] = [Date.UTC(2024, 10, 14) / 1_000, Date.UTC(2024, 11, 20) / 1_000];
/** Not recorded: what an event of August 2024 is not touched by, and no exchange's book needs. */
const HOLE = [Date.UTC(2024, 7, 7) / 1_000, Date.UTC(2024, 10, 1) / 1_000] as const;
const [AAVE_DAYS, EXCHANGE_DAYS, EMPTY] = [40, 30, 31];

/** Hours of two coins, some thirty borrowers, and liquidations that are as large as the fall within their day. */
function recordings(): string {
  const folder = temporaryFolder();
  for (const name of ["ohlcv", "positions", "liquidations"]) mkdirSync(join(folder, name));
  const write = (path: string, rows: readonly string[]) =>
    writeFileSync(join(folder, path), gzipSync(`${rows.join("\n")}\n`));
  const falls = new Map<number, number>();
  for (const [coin, start] of [
    ["ETH", 1_600],
    ["BTC", 23_000],
  ] as const) {
    const uniform = uniforms(start);
    let price: number = start;
    const hours = Array.from({ length: (END - LAUNCH) / HOUR }, (_, hour) => {
      const open = price;
      const day = Math.floor(hour / 24);
      const drop = day % 7 === 3 && hour % 24 < 6 ? 0.012 : 0;
      price *= 1 + (uniform() - 0.49) * 0.008 - drop * (1 + Math.sin(day));
      falls.set(day, Math.max(falls.get(day) ?? 0, 1 - price / open));
      const row = [LAUNCH + hour * HOUR, open, Math.max(open, price), Math.min(open, price), price, 100];
      return { time: row[0] as number, row: row.join(",") };
    }).filter(({ time }) => time < HOLE[0] || time >= HOLE[1]);
    const rows = hours.map(({ row }) => row);
    write(`ohlcv/binance_spot_${coin}USDT_1h.csv.gz`, ["t,open,high,low,close,volume", ...rows]);
  }
  const positions = Array.from({ length: 30 }, (_, i) => `${1_000 + i},${(1_000 + i) * (0.2 + i / 60)},8000`);
  write("positions/lido_2023-06_b2_v3.csv.gz", ["collateral,debt,threshold", ...positions]);
  const usd = (day: number) => Math.round((falls.get(day) ?? 0) ** 2 * 1e10);
  const aave = Array.from({ length: AAVE_DAYS }, (_, i) => i)
    .filter((i) => i !== EMPTY)
    .map((i) => `${LAUNCH + (13 + i) * DAY},0x${i.toString(16)},${usd(13 + i)}`);
  write("liquidations/aave_v3_top1000_liquidations_2023-02_2024-05.csv.gz", ["t,tx,amount_usd", ...aave]);
  const longs = Array.from({ length: EXCHANGE_DAYS * 6 }, (_, i) => {
    const time = EXCHANGES + i * 4 * HOUR;
    return `${time},${usd(Math.floor((time - LAUNCH) / DAY)) + 1},1`;
  });
  for (const coin of ["ETH", "BTC"]) {
    write(`liquidations/coinglass_cex_${coin}_liquidations_4h.csv.gz`, ["t,long_usd,short_usd", ...longs]);
  }
  return folder;
}

test("the market is fitted, judged and written down, with every figure that the page of fields names", async () => {
  const folder = recordings();
  const { code, out, err } = await lab(`reality --data ${folder} --out ${folder} --json`);
  assert.equal(code, 0, err);
  const found = JSON.parse(out);
  assert.deepEqual(fieldPaths(found), documentedFields("scripts/lab/cli/JSON.md", "reality"));
  const [aave] = found.cases;
  assert.deepEqual(
    found.cases.map(({ name, days }: { name: string; days: readonly unknown[] }) => [name, days.length]),
    [
      ["Aave v3", AAVE_DAYS],
      ["exchange longs ETH", EXCHANGE_DAYS],
      ["exchange longs BTC", EXCHANGE_DAYS],
      ["exchange longs ETH and BTC", EXCHANGE_DAYS],
    ],
  );
  assert.deepEqual([found.aave.count, found.aave.emptyDays], [AAVE_DAYS - 1, 1]);
  assert.equal(found.aave.emptyFalls[0].time, LAUNCH + (13 + EMPTY) * DAY);
  const sum = (half: readonly { recordedUsd: number; modelledUsd: number }[], of: "recordedUsd" | "modelledUsd") =>
    half.reduce((total, row) => total + row[of], 0);
  const early = aave.days.filter(({ time }: { time: number }) => time < aave.judgedFrom);
  assert.equal(early.length, AAVE_DAYS / 2);
  assert.ok(Math.abs(sum(early, "modelledUsd") / sum(early, "recordedUsd") - 1) < 1e-9, "scaled on the first half");
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  const chosen = JSON.parse(text("reality-chosen.json"));
  assert.deepEqual([chosen[0].until, chosen[0].choice], [aave.judgedFrom, aave.choice]);
  assert.equal(text("reality-days.csv").trimEnd().split("\n").length, 1 + AAVE_DAYS + 3 * EXCHANGE_DAYS);
  assert.match(text("reality.csv"), /^Aave v3,market,judged,20,-?0\.\d+,/m);
  assert.match(text("reality.html"), /shaped while all days could be seen, so the second half is not wholly unseen/);
  assert.match(text("reality.html"), /Aave v3: rank correlation -?\d\.\d\d over all days \(0\.7 (NOT )?reached\)/);
});

test("a folder without a recording says which file it lacks", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "ohlcv"));
  const { code, err } = await lab(`reality --data ${folder} --out ${folder}`);
  assert.equal(code, 1);
  assert.match(err, /recorded data not found: \S+aave_v3_top1000_liquidations_2023-02_2024-05\.csv\.gz/);
});

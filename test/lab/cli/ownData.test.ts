import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parse } from "csv-parse/sync";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { depthAt } from "../../../scripts/lab/validation/backtest/depthSeries.ts";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { lab } from "./harness.ts";
import { fileWriter, ownDepthCsv, ownPoolJson, ownPrices, ownPricesCsv } from "./ownFiles.ts";

const HOURS = 24 * 125;
const write = fileWriter();
const prices = write("my.csv", ownPricesCsv(HOURS));
const depth = write("depth.csv", ownDepthCsv(HOURS, 4e6, 4e4, 2_400));
const CAP = "--set supplyCapUsd=5e6,largestBorrowerUsd=1e6";
const json = async (line: string) => {
  const { code, out, err } = await lab(`${line} --json`);
  assert.equal(code, 0, err);
  return JSON.parse(out);
};
type Rule = { readonly rule: string; readonly meanMaintenance: number; readonly breaches: number };
const ruleOf = (result: { readonly rules: readonly Rule[] }, name: string) =>
  result.rules.find(({ rule }) => rule === name) as Rule;

/** What pandas would make of `read_csv(file, index_col=0, parse_dates=True)`: an index of times, and numbers or NaN. */
function readBack(path: string) {
  const [names = [], ...rows] = parse(readFileSync(path, "utf8")) as string[][];
  for (const [time = "", ...cells] of rows) {
    assert.match(time, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/);
    assert.ok(
      cells.every((cell) => cell === "" || Number.isFinite(Number(cell))),
      cells.join(","),
    );
  }
  const column = (name: string) => rows.map((row) => Number(row[names.indexOf(name)] || "NaN"));
  return { names, times: rows.map(([time = ""]) => Date.parse(time) / 1_000), column };
}

describe("a backtest of a market that is nowhere in the code", () => {
  it("takes prices, terms and parameters, and writes every hour", async () => {
    const csv = write("hours.csv", "");
    const report = await json(`backtest MYCOIN --prices ${prices} --ltv 0.6 --lt 0.7 --bonus 0.08 ${CAP} --csv ${csv}`);
    assert.deepEqual([report.asset, report.market, report.changed], ["MYCOIN", null, null]);
    assert.deepEqual(report.deployed, { bonus: 0.08, ltv: 0.6, lt: 0.7, by: "given" });
    assert.ok(report.harness.sound && report.harness.canariesCaught === 3);
    assert.ok(
      Math.abs(ruleOf(report.result, "static").meanMaintenance - 0.3) < 1e-12,
      "the static rule is the one given",
    );
    assert.deepEqual(report.files, [csv]);
    const page = leaves(documentedFields("scripts/lab/cli/JSON.md", "backtest")).filter((path) => path !== "changed");
    const shown = { ...report, harness: { ...report.harness, leaks: ["none"] } };
    delete shown.changed;
    assert.deepEqual(fieldPaths(shown), page);
    const { names, times, column } = readBack(csv);
    assert.deepEqual(names.slice(0, 4), ["time", "price_usd", "volatility", "rung"]);
    assert.ok(times.every((time, i) => i === 0 || time === (times[i - 1] as number) + 3_600));
    assert.equal(times.length, report.harness.hours);
    const start = Date.UTC(2022, 0, 1) / 1_000;
    const hour = ((times[0] as number) - start) / 3_600;
    assert.ok(Math.abs((column("price_usd")[0] as number) - (ownPrices(HOURS)[hour] as number)) < 1e-5);
    assert.ok(column("ours_initial").every((one, i) => one >= (column("ours_maintenance")[i] as number)));
  });

  it("answers to its own depth: what is gone costs, and only from when it is gone", async () => {
    const [flat, thin] = [write("flat.csv", ""), write("thin.csv", "")];
    const even = write("even.csv", ownDepthCsv(HOURS, 4e6, 4e6, HOURS));
    await json(`backtest --prices ${prices} --depth ${even} ${CAP} --csv ${flat}`);
    const report = await json(`backtest --prices ${prices} --depth ${depth} ${CAP} --csv ${thin}`);
    assert.equal(report.asset, "my");
    assert.ok(report.harness.sound, "depth is not known before it is seen");
    const [a, b] = [readBack(flat), readBack(thin)];
    const gone = Date.UTC(2022, 0, 1) / 1_000 + 2_400 * 3_600;
    const [before, after] = [a.column("limit_over_cap"), b.column("limit_over_cap")];
    for (const [i, time] of a.times.entries()) {
      const wanted = (before[i] as number) * (time < gone ? 1 : 0.01);
      assert.ok(Math.abs((after[i] as number) / wanted - 1) < 1e-3, `${time}: ${after[i]} of ${before[i]}`);
    }
    assert.deepEqual(b.column("ours_initial"), a.column("ours_initial"), "depth moves no haircut");
  });
});

it("depth is the live keeper's minimum over 28 days, and nothing later is read", () => {
  const hour = 3_600;
  const times = Float64Array.from({ length: 2_000 }, (_, i) => i * hour);
  const values = times.map((_, i) => (i < 1_000 ? 5e6 : 1e6));
  const share = DEFAULT_MODEL.coldStartDepthShare;
  assert.deepEqual([depthAt({ times, values }, 999 * hour, share).robustUsd], [5e6]);
  assert.equal(depthAt({ times, values }, 1_000 * hour, share).robustUsd, 1e6);
  const risen = { times, values: values.map((usd) => 6e6 - usd) };
  assert.equal(depthAt(risen, 1_000 * hour, share).nowUsd, 5e6);
  assert.equal(depthAt(risen, 1_000 * hour, share).robustUsd, 1e6, "what was seen once is not yet there");
});

describe("assess", () => {
  const pool = write("pool.json", ownPoolJson(4e7));

  it("decides from files alone, with every basis point in the waterfall", async () => {
    const report = await json(`assess MYCOIN --prices ${prices} --pool ${pool} --depth ${depth} --feed 92 ${CAP}`);
    assert.equal(report.market, "MYCOIN");
    for (const side of ["initial", "maintenance"]) {
      const { steps, totalBps } = report.waterfalls[side];
      assert.equal(
        steps.reduce((sum: number, { bps }: { bps: number }) => sum + bps, 0),
        totalBps,
      );
    }
    assert.equal(report.depth.robustUsd, 4e4, "it remembers the depth of the file");
    assert.deepEqual(report.ages, { prices: 0, board: null, pools: [null], depth: 4 * 3_600 - 3_600 });
    const own = fieldPaths(report).filter((path) => path.startsWith("ages."));
    assert.deepEqual(own, documentedFields("scripts/lab/cli/JSON.md", "assess"));
  });

  it("goes by the depth where there is no pool, and says what it does not have", async () => {
    const { out, code } = await lab(`assess MYCOIN --prices ${prices} --depth ${depth} ${CAP} --on-chain 3000,2500`);
    assert.equal(code, 0);
    assert.match(out, /^MYCOIN {3}2022-05-05 23:00 UTC {3}price \$9\d\./);
    assert.match(out, /on chain now {20}30.00 % .* {10}25.00 %/);
    assert.match(out, /feed {6}priceFeed:file +no data +down\n +UNREACHABLE: was not observed/);
  });

  it("has a lender of the size that is set, all of it: the shares that fall due stay as they are", async () => {
    const limits = async (set: string) =>
      (await json(`assess X --prices ${prices} --depth ${depth}${set}`)).exposureLimit;
    const [usual, small] = [await limits(""), await limits(" --set supplyCapUsd=5e6")];
    assert.ok(Math.abs(usual.dueShare - 0.0823) < 1e-4, usual.dueShare);
    assert.ok(Math.abs(small.dueShare / usual.dueShare - 1) < 1e-9);
    assert.equal((await limits(` ${CAP}`)).dueShare, 0.2, "one borrower has a fifth");
    const { out } = await lab(`assess X --prices ${prices} --depth ${depth}`);
    assert.match(out, /on chain now +no limit\n/);
  });

  it("takes the collateral of the pool where no name is given", async () => {
    assert.equal((await json(`assess --prices ${prices} --pool ${pool}`)).market, "A");
  });
});

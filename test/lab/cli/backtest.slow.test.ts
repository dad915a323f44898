import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { startLab } from "../../support/child.ts";
import { dataFolder } from "../../support/data.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const SKIP = "shared data not present";

/** `lab backtest` as a process of its own, over the recordings. */
async function backtested(line: string, folder = temporaryFolder()) {
  const words = `backtest ${line}`.split(" ");
  const data = dataFolder();
  const environment = { PATH: process.env["PATH"], ...(data === null ? {} : { TONSOR_DATA: data }) };
  return startLab(words, environment, folder).ended;
}

test("backtest judges every rule on the same windows, shows progress, and says whether to believe it", async (t) => {
  if (dataFolder() === null) return t.skip(SKIP);
  const { code, out, err } = await backtested("BETH --from 2023-06-01 --to 2023-09-01");
  assert.equal(code, 0, err);
  assert.match(
    out,
    /^BETH {3}2023-06-0\d to 2023-08-3\d {3}24 h windows {3}default parameters\nstatic: LTV 78\.50 %, LT 81/,
  );
  assert.match(out, /, bonus 6\.00 % \(Aave v3 Ethereum\)\nforecast tail: /);
  for (const rule of ["ours", "onChain", "static", "smartLtv", "aloe"]) {
    assert.match(out, new RegExp(`^${rule} +[\\d.]+ % .* [\\d.]+ %$`, "m"));
  }
  assert.match(out, /harness sound: \d+ origins recomputed by the live functions, 0 leaks, 3 of 3 canaries caught/);
  assert.match(err, /^\[\.+\] {3}0 % {2}BETH$/m);
  assert.match(err, /^\[#+\] 100 % {2}leaks and canaries$/m);
});

test("backtest --json has the documented fields, with a change beside, and writes the whole report", async (t) => {
  if (dataFolder() === null) return t.skip(SKIP);
  const folder = temporaryFolder();
  const { code, out, err } = await backtested("beth --set idiosyncratic=0.1 --out out --json", folder);
  assert.equal(code, 0, err);
  const report = JSON.parse(out);
  const { changed, ...rest } = { ...report, harness: { ...report.harness, leaks: ["none"] } };
  const page = leaves(documentedFields("scripts/lab/cli/JSON.md", "backtest"));
  assert.deepEqual(
    fieldPaths(rest),
    page.filter((path) => path !== "changed"),
  );
  assert.deepEqual(fieldPaths(changed), fieldPaths(report.result));
  const [ours] = report.result.rules;
  assert.equal(ours.rule, "ours");
  assert.ok(report.changed.rules[0].meanMaintenance > ours.meanMaintenance, "what no market datum shows costs");
  for (const file of report.files) assert.ok(existsSync(file), file);
  const whole = JSON.parse(readFileSync(join(folder, "out", "backtest.json"), "utf8"));
  assert.deepEqual(whole.made.changes, ["idiosyncratic=0.1"]);
});

test("backtest of a market takes the parameters of that market", async (t) => {
  if (dataFolder() === null) return t.skip(SKIP);
  const { code, out, err } = await backtested("wbtc --to 2024-01-01");
  assert.equal(code, 0, err);
  assert.match(out, /^WBTC {3}20\d\d-\d\d-\d\d to 2023-\d\d-\d\d {3}24 h windows {3}the parameters of WBTC$/m);
});

test("backtest answers wrong words with one error that says what was expected", async () => {
  const cases = [
    ["DOGE", /UNKNOWN_MARKET: nothing is recorded of it\n.*given "DOGE", expected one of WETH, WBTC, ETH, BTC, /],
    ["WETH --from 2023-01-01 --to 2022-01-01", /the span is empty\n.*field --from/],
    ["WETH --from 2022-13-01", /--from has the wrong form/],
    ["WETH --set et=1", /given "et", expected one of eta, /],
    ["WETH --data none", /BAD_FILE: no recorded market data here\n.*field --data/],
    ["WETH --seed -1", /--seed has the wrong form/],
  ] as const;
  for (const [line, pattern] of cases) {
    const { code, out, err } = await backtested(line);
    assert.equal(code, 1, line);
    assert.equal(out, "");
    assert.match(err, pattern);
  }
});

test("backtest says which dates there are when the span has none", async (t) => {
  if (dataFolder() === null) return t.skip(SKIP);
  const { code, err } = await backtested("BETH --from 2031-01-01");
  assert.equal(code, 1);
  assert.match(err, /dates inside the data: BETH from 2023-06-01 to 2023-10-11/);
});

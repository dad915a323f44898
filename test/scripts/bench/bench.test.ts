import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { assess } from "../../../keeper/pipeline.ts";
import { recordedMarkets } from "../../../scripts/bench/model/recordedMarkets.ts";
import { dataFolder } from "../../support/data.ts";

const script = fileURLToPath(new URL("../../../scripts/bench/bench.ts", import.meta.url));

function bench(...args: readonly string[]) {
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

test("an unknown bench or a count that is none is refused with what was expected", () => {
  const unknown = bench("--only", "depht");
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /^no bench is called depht; expected --only of inversion,surface,depth,assess,history/);
  const runs = bench("--only", "depth", "--runs", "many");
  assert.equal(runs.status, 2);
  assert.match(runs.stderr, /^--runs many is no count/);
});

test("a folder without recordings is one clear line, not a stack", () => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-bench-"));
  const found = bench("--only", "surface", "--runs", "1", "--data", folder);
  assert.equal(found.status, 1);
  assert.match(found.stderr, /^surface: .*deribit_chain_2026-02\.csv\.gz cannot be read/);
  assert.doesNotMatch(found.stderr, /at .*\.ts:\d+/);
});

test("the depth bench runs and reports as JSON, with the machine in it", (t) => {
  if (dataFolder() === null) return t.skip("shared data not present: uniswap_v3");
  const { status, stdout } = bench("--only", "depth", "--runs", "1", "--json");
  assert.equal(status, 0);
  const report = JSON.parse(stdout);
  assert.match(report.machine, /Node v\d+/);
  assert.equal(report.benches.depth.length, 16);
  for (const { ms, peer } of report.benches.depth) assert.ok(ms > 0 && peer.ms > 0);
});

test("the markets that are timed are real ones: assessed without a fault of theirs, initial above maintenance", async (t) => {
  const data = dataFolder();
  if (data === null) return t.skip("shared data not present: options, ohlcv, uniswap_v3");
  for (const input of await recordedMarkets(data, 2, false)) {
    const { target, readings, risk } = assess(input);
    assert.ok(target.initial > target.maintenance && target.maintenance > 0.1 && target.initial < 0.4);
    assert.ok(readings.options !== null || readings.transferOptions !== null);
    assert.ok(readings.history !== null && readings.route.flat().length > 0);
    assert.ok((risk.volatility.har ?? 0) > 0.2 && risk.depth.nowUsd > 1e6);
  }
});

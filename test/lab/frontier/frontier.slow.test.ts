import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { startLab } from "../../support/child.ts";
import { startRedis, withoutRedis } from "../../support/redisServer.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "../cli/harness.ts";

const HOUR = 3_600;

/** A folder with one asset: hours from August 2022 to April 2023, with a crash in December and one in February. */
function recordings(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "ohlcv"), { recursive: true });
  const uniform = uniforms(5);
  const start = Date.UTC(2022, 7, 1) / 1_000;
  let price = 1_500;
  const rows = Array.from({ length: 243 * 24 }, (_, hour) => {
    const day = Math.floor(hour / 24);
    const crash = (day === 130 || day === 200) && hour % 24 < 5 ? 0.92 : 1;
    const open = price;
    price *= crash * (1 + (uniform() - 0.498) * 0.012);
    const [high, low] = [Math.max(open, price), Math.min(open, price)];
    return [start + hour * HOUR, open, high, low, price, 100 + 50 * uniform()].join(",");
  });
  const text = `t,open,high,low,close,volume\n${rows.join("\n")}\n`;
  writeFileSync(join(folder, "ohlcv", "binance_spot_ETHUSDT_1h.csv.gz"), gzipSync(text));
  return folder;
}

/** Runs with a `sweep-worker` process that has one of two threads; without Redis as it is. */
async function overRedis<Result>(folder: string, run: () => Promise<Result>): Promise<Result> {
  if (withoutRedis() !== false) return run();
  const redis = await startRedis();
  const variables = { PATH: process.env["PATH"], REDIS_URL: redis.url };
  const worker = startLab(["sweep-worker", "--workers", "1", "--data", folder, "--json"], variables);
  process.env["REDIS_URL"] = redis.url;
  try {
    await worker.until(({ out }) => out.includes('"ready"'), "a worker that is ready");
    return await run();
  } finally {
    delete process.env["REDIS_URL"];
    worker.kill("SIGTERM");
    const { code, out } = await worker.ended;
    await redis.close();
    assert.equal(code, 0);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(fieldPaths(events[0]), ["code", "data", "event", "workers"]);
    assert.ok(events.slice(1).every(({ event, key, ms }) => event === "done" && key.includes("ETH volume") && ms > 0));
  }
}

test("a frontier chooses on early data, then judges every rule, alike on one thread and over Redis", async () => {
  const folder = recordings();
  const run = async (name: string, workers: number) => {
    const out = join(folder, name);
    const {
      code,
      out: text,
      err,
    } = await lab(
      `frontier --assets ETH --data ${folder} --out ${out} --workers ${workers} --depths volume --assumptions firstJudge --json`,
    );
    assert.equal(code, 0, err);
    return { out, found: JSON.parse(text) };
  };
  const alone = await run("alone", 1);
  const shared = await overRedis(folder, () => run("shared", withoutRedis() === false ? 1 : 2));
  assert.deepEqual({ ...shared.found, files: [] }, { ...alone.found, files: [] });
  assert.match(alone.found.digest, /^[0-9a-f]{64}$/);
  // Less than a year has no interval.
  const documented = documentedFields("scripts/lab/cli/JSON.md", "frontier").filter((field) => {
    return !field.startsWith("rows[].againstStatic.");
  });
  assert.deepEqual(fieldPaths(alone.found), documented);
  assert.deepEqual([alone.found.reproduction.length, alone.found.assumptions.topUpShare], [16, 0]);
  const { choices, rows } = alone.found;
  assert.deepEqual(
    choices.map((one: { depth: string }) => one.depth),
    ["volume"],
  );
  assert.ok(
    choices.every((one: { rule: string }) => one.rule !== "foresight"),
    "what looks ahead is never chosen",
  );
  const chosen = JSON.parse(readFileSync(join(alone.out, "chosen.json"), "utf8"));
  assert.deepEqual([chosen.choices, chosen.until], [choices, Date.UTC(2023, 0, 1) / 1_000]);
  for (const span of ["before 2023", "from 2023"]) {
    const at = (rule: string) =>
      rows.find((row: { span: string; depth: string; rule: string; targetLtv: number }) => {
        return row.span === span && row.depth === "volume" && row.rule === rule && row.targetLtv === 0.76;
      });
    assert.ok(at("foresight").badDebtBps <= at("static").badDebtBps, `${span}: foresight is the limit`);
    assert.equal(at("static").caused, 0);
    assert.equal(at("static").badDebtAtEqualDebtBps, at("static").badDebtBps);
    assert.equal(at("staticHalf").fixedLimitBps, at("staticHalf").badDebtBps, "a constant limit is its own twin");
    assert.ok(at("staticTenth").meanDebtUsd < at("staticHalf").meanDebtUsd);
    // Between the two constant limits beside its own debt, at the same mean LTV.
    const [low, high, limited] = [at("staticHalf"), at("static"), at("limitLowers")];
    assert.ok(low.meanDebtUsd < limited.meanDebtUsd && limited.meanDebtUsd < high.meanDebtUsd);
    const share = (limited.meanDebtUsd - low.meanDebtUsd) / (high.meanDebtUsd - low.meanDebtUsd);
    const twin = low.badDebtBps + share * (high.badDebtBps - low.badDebtBps);
    assert.ok(Math.abs(limited.fixedLimitBps - twin) < 1e-9, `${limited.fixedLimitBps} against ${twin}`);
    const { crash, recovery, calm } = at("onChain").regimes;
    const inAll = crash.badDebtBps + recovery.badDebtBps + calm.badDebtBps;
    assert.ok(Math.abs(crash.share + recovery.share + calm.share - 1) < 1e-9);
    assert.ok(Math.abs(inAll - at("onChain").badDebtBps) < 1e-6, "all bad debt is of some regime");
    assert.ok(at("limitLowers").meanDebtUsd < at("static").meanDebtUsd);
  }
  const csv = readFileSync(join(alone.out, "frontier.csv"), "utf8").trimEnd().split("\n");
  assert.equal(csv.length, rows.length + 1);
  assert.ok(existsSync(join(alone.out, "frontier.html")));
});

test("a family of depth that is not known is refused by name", async () => {
  const { err } = await lab("frontier --depths volume,deep");
  assert.match(
    err,
    /field --depths, given "deep", expected some of constant, volume, turnover, halved, collapse, recorded/,
  );
});

test("an asset that is not recorded is refused by name", async () => {
  const { code, err } = await lab("frontier --assets ETH,DOGE");
  assert.equal(code, 1);
  assert.match(err, /field --assets, given "DOGE", expected some of ETH, BTC, /);
});

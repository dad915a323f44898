import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderFrontier } from "../../../scripts/lab/cli/render/frontier.ts";
import { frontierPage } from "../../../scripts/lab/frontier/page.ts";
import { documentedFields } from "../../cli/fieldPaths.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "../cli/harness.ts";
import { fileWriter, ownDepthCsv, ownPricesCsv } from "../cli/ownFiles.ts";

const write = fileWriter();
const HOURS = 24 * 180;
const prices = write("pebble.csv", ownPricesCsv(HOURS));
const depth = write("depth.csv", ownDepthCsv(HOURS, 4e6, 4e5, 2_640));

test("every rule is judged on a collateral of one's own, on its own depth, from a cut on that leaves both halves", async () => {
  const out = temporaryFolder();
  const words = `--prices ${prices} --depth ${depth} --depths recorded --class long-tail --ltv 0.5 --lt 0.6`;
  const {
    code,
    out: said,
    err,
  } = await lab(
    `frontier ${words} --cut 2022-05-15 --memory-days 120 --set nu=3,minimumGap=0.05 --workers 1 --out ${out} --json`,
  );
  assert.equal(code, 0, err);
  const found = JSON.parse(said);
  assert.equal(found.cut, Date.UTC(2022, 4, 15) / 1_000);
  assert.equal(found.assumptions.memoryDays, 120);
  assert.deepEqual(found.assumptions.changes, { degreesOfFreedom: 3, minimumGap: 0.05 });
  const fixed = found.rows.find(({ rule }: { readonly rule: string }) => rule === "static");
  assert.ok(Math.abs(fixed.meanThreshold - fixed.targetLtv - 0.05) < 1e-6, "the gap that was set is kept");
  assert.ok(documentedFields("scripts/lab/cli/JSON.md", "frontier").includes("cut"));
  const spans = new Set(found.rows.map((row: { readonly span: string }) => row.span));
  assert.deepEqual([...spans], ["before 2022-05-15", "from 2022-05-15"]);
  for (const { asset, class: group, depth: family } of found.rows) {
    assert.deepEqual([asset, group, family], ["pebble", "long-tail", "recorded"]);
  }
  const lent = found.rows.filter(({ rule }: { readonly rule: string }) => rule === "deployed");
  assert.ok(
    lent.length === 2 && lent.every(({ targetLtv }: { targetLtv: number }) => Math.abs(targetLtv - 0.5) < 1e-9),
  );
  assert.equal(readFileSync(join(out, "own", "pebble", "prices.csv"), "utf8"), readFileSync(prices, "utf8"));
  const page = readFileSync(join(out, "frontier.html"), "utf8");
  assert.match(page, /On data before 2022-05-15 alone/);
  assert.match(page, /parameter minimumGap, changed<\/th><td[^>]*>0\.05</);
  const limited = (fixedLimitBps: number | null) =>
    frontierPage({ ...found, rows: found.rows.map((row: object) => ({ ...row, badDebtBps: 2, fixedLimitBps })) });
  assert.match(limited(1), /With its limit it has more than [^.]* in 2 of 2, less in 0\. /);
  assert.match(limited(3), /With its limit it has more than [^.]* in 0 of 2, less in 2\. /);
  assert.match(limited(2), /in 0 of 2, less in 0\. /);
  assert.match(limited(null), /in 0 of 0, less in 0\. /);
  assert.doesNotMatch(page, /without a choice/);
  const late = found.rows.filter(({ span }: { readonly span: string }) => span === "from 2022-05-15");
  const reason = /Judged without a choice, because (.*): pebble recorded\./;
  const why = (rows: unknown) => reason.exec(frontierPage({ ...found, rows, choices: [] }))?.[1];
  assert.equal(why(late), "their prices or recorded books begin after the cut");
  assert.equal(why(found.rows), "no rule offers the middle LTV before it");
  const calm = found.rows.map((row: object) => ({ ...row, badDebtBps: 0.049 }));
  assert.match(frontierPage({ ...found, rows: calm }), /In 2 of them no rule loses .* of any: 1 of the 1 on data that/);
  assert.match(
    frontierPage({ ...found, rows: calm }),
    /<summary>2 in which no rule loses as much as 0\.05 bp<\/summary>/,
  );
  assert.match(renderFrontier({ ...found, rows: calm }), /from 2022-05-15 +recorded +65 % +no rule loses as much/);
  const wild = found.rows.map((row: object) => ({ ...row, badDebtBps: 0.05 }));
  assert.doesNotMatch(frontierPage({ ...found, rows: wild }), /<summary>\d+ in which/);
  assert.match(frontierPage({ ...found, rows: wild }), /In 0 of them no rule loses/);
});

test("a cut that leaves nothing to choose on or to judge is refused with the days that do", async () => {
  const cut = await lab(`frontier --prices ${prices} --cut 2023-01-01 --out ${temporaryFolder()}`);
  assert.match(cut.err, /field --cut, given "2023-01-01", expected from 2022-05-01 to 2022-05-30: 90 days and a month/);
  const short = write("short.csv", ownPricesCsv(24 * 120));
  const early = await lab(`frontier --prices ${short} --out ${temporaryFolder()}`);
  assert.match(
    early.err,
    /expected prices of more than 150 days: 90 to learn from, a month to choose on and one to judge/,
  );
  const idle = await lab(`frontier --prices ${prices} --workers 0 --out ${temporaryFolder()}`);
  assert.match(idle.err, /nobody would do the work\n {2}field --workers, given 0, expected 1 to 64; 0, all work left/);
});

test("prices of standard input are judged as those of a file", () => {
  const run = (given: string, input: Buffer) => {
    const words = ["--prices", given, "--depths", "constant", "--workers", "1", "--json", "--out", temporaryFolder()];
    const options = { input, encoding: "utf8", maxBuffer: 2 ** 26 } as const;
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["scripts/lab/main.ts", "frontier", ...words],
      options,
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout).rows.map(({ asset: _asset, ...row }: { readonly asset: string }) => row);
  };
  const [piped, read] = [run("-", readFileSync(prices)), run(prices, Buffer.alloc(0))];
  assert.ok(piped.length > 0);
  assert.deepEqual(piped, read);
});

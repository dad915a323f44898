import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startProgram } from "../../support/child.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("the worked example runs on its own files, with no recordings anywhere, and takes what is there instead", async () => {
  const folder = temporaryFolder();
  const environment = { PATH: process.env["PATH"], TONSOR_DATA: "/nowhere" };
  const mine = `time,depth_usd\n2024-01-01,${3_000_000}\n2024-01-02,${3_000_000}\n`;
  writeFileSync(join(folder, "depth.csv"), mine);
  const { code, out, err } = await startProgram("scripts/lab/examples/ownMarket.ts", [folder], environment, folder)
    .ended;
  assert.equal(code, 0, err);
  assert.match(out, /^ {2}2024-03-30 to 2024-05-28, harness sound: true$/m);
  assert.match(out, /^ {2}static: \d+ windows beyond its haircut, .*mean maintenance haircut 30\.00 %$/m);
  assert.equal(out.match(/^ {2}\$[\d,]+ bad debt, \$[\d,]+ liquidated, \$[\d,]+ lent on average/gm)?.length, 2);
  const steps = [...out.matchAll(/^ {4}.* (-?\d+) bp$/gm)].map(([, bps]) => Number(bps));
  const [, initial] = /^ {2}initial haircut ([\d.]+) %/m.exec(out) ?? [];
  assert.equal(
    steps.reduce((sum, bps) => sum + bps, 0),
    Math.round(Number(initial) * 100),
    "the waterfall adds up",
  );
  assert.equal(readFileSync(join(folder, "hours.csv"), "utf8").split("\n").length, 1_455);
  assert.equal(readFileSync(join(folder, "depth.csv"), "utf8"), mine, "a file that is there is kept");
});

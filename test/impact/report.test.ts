import assert from "node:assert/strict";
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type ImpactFacts, pruneImpact, writeImpact } from "../../keeper/impact/report.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** Reports kept of batches that sent nothing. */
const MOST_HELD = 100;

const FACTS: ImpactFacts = {
  evidence: null,
  calldataHash: null,
  time: 1_770_000_000,
  blockNumber: 7n,
  budget: { maxDebtUsd: 1, maxDebtPercent: 2 },
  books: [],
  problems: ["positions are too old"],
  markets: [],
};

test("of what is held tick after tick the newest reports stay, and every one of what was sent", async () => {
  const folder = join(temporaryFolder(), "impact");
  await writeImpact(folder, "0xe1", FACTS);
  for (let tick = 1; tick <= MOST_HELD + 3; tick++) await writeImpact(folder, `tick-${tick}`, FACTS);
  const names = readdirSync(folder);
  assert.equal(names.length, 2 * (MOST_HELD + 1));
  for (const there of ["0xe1.json", "0xe1.md", `tick-${MOST_HELD + 3}.md`, "tick-4.json"])
    assert.ok(names.includes(there));
  for (const gone of ["tick-3.json", "tick-3.md"]) assert.ok(!names.includes(gone));
});

test("reports older than the retention are removed, and a folder that was never made is none", async () => {
  const folder = join(temporaryFolder(), "impact");
  assert.equal(await pruneImpact(folder, FACTS.time), 0);
  await writeImpact(folder, "0xe1", FACTS);
  await writeImpact(folder, "0xe2", FACTS);
  for (const ending of ["json", "md"]) utimesSync(join(folder, `0xe1.${ending}`), FACTS.time - 1, FACTS.time - 1);
  assert.equal(await pruneImpact(folder, FACTS.time), 2);
  assert.deepEqual(readdirSync(folder).sort(), ["0xe2.json", "0xe2.md"]);
});

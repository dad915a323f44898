import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { SCENARIOS } from "../../../scripts/lab/stress/registry.ts";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { startLab } from "../../support/child.ts";
import { calmBundle, storeBundle } from "../../support/storedEvidence.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const NOW = 1_770_000_000;
const folder = temporaryFolder();
let file = "";
before(async () => {
  file = join(folder, `${await storeBundle(folder, calmBundle(NOW))}.json.gz`);
});

/** `lab stress` as a process of its own; FILE stands for the stored evidence. */
async function stressed(line: string) {
  const words = `stress ${line}`.split(" ").map((word) => (word === "FILE" ? file : word));
  return startLab(words, { PATH: process.env["PATH"] }, folder).ended;
}

function book(content: unknown): string {
  const path = join(folder, "positions.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** Ether at 3000 dollars: one position that only a fall reaches, one that maintenance alone will, one that nothing does. */
const POSITIONS = {
  schema: "tonsor.positions.v1",
  source: "test",
  time: NOW,
  positions: [
    { protocol: "p", account: "falls", market: "WETH", collateralUsd: 1_000_000, debtUsd: 700_000 },
    { protocol: "p", account: "ramp", market: "WETH", collateralAmount: 100, debtUsd: 260_000 },
    { protocol: "p", account: "safe", market: "WETH", collateralUsd: 1_000_000, debtUsd: 100_000 },
    { protocol: "p", account: "other", market: "WBTC", collateralUsd: 1_000_000, debtUsd: 990_000 },
  ],
};

test("stress shows every scenario of the registry, with both haircuts and what the contract shows later", async () => {
  const { code, out, err } = await stressed("WETH --evidence FILE");
  assert.equal(code, 0, err);
  for (const [name, { summary }] of Object.entries(SCENARIOS)) {
    assert.match(out, new RegExp(`^${name} +[\\d.]+ % +[\\d.]+ % +[\\d.]+ % +12\\.0\\d %`, "m"));
    assert.ok(out.includes(`    ${summary}\n`), summary);
  }
  assert.match(out, /^price-falls .* 12\.06 % +[\d.]+ % +13\.50 %$/m);
  assert.deepEqual(
    out.split("\n").filter((line) => line.length > 100),
    [],
  );
});

test("stress --book tells what the price alone liquidates from what the ramp will", async () => {
  const line = `WETH --evidence FILE --scenario as-it-is,price-falls --book ${book(POSITIONS)} --json`;
  const { code, out, err } = await stressed(line);
  assert.equal(code, 0, err);
  const report = JSON.parse(out);
  assert.deepEqual(report.book, {
    ...{ source: "test", time: NOW, positions: 3, collateralUsd: 2_300_000, debtUsd: 1_060_000 },
  });
  const [calm, fallen] = report.scenarios;
  const none = { positions: 0, debtUsd: 0 };
  const ramp = { positions: 1, debtUsd: 260_000 };
  assert.deepEqual(calm.liquidatable, { byPrice: none, afterHour: none, afterDay: ramp, atTarget: ramp });
  const both = { positions: 2, debtUsd: 960_000 };
  assert.deepEqual(fallen.liquidatable, { byPrice: both, afterHour: both, afterDay: both, atTarget: both });
  // A fault is shown by a scenario that has one.
  const late = JSON.parse((await stressed(`WETH --evidence FILE --book ${book(POSITIONS)} --json`)).out);
  assert.deepEqual(fieldPaths(late), leaves(documentedFields("scripts/lab/cli/JSON.md", "stress")));
});

test("stress answers wrong words with one error that says what was expected", async () => {
  const cases = [
    [
      "WETH --evidence FILE --scenario price-rises",
      /unknown scenario\n.*given "price-rises", expected some of as-it-is, /,
    ],
    ["DOGE --evidence FILE", /UNKNOWN_MARKET: unknown market\n.*given "DOGE", expected one of WETH, WBTC/],
    ["WETH --evidence book.json", /BAD_ARGUMENT: not a file of evidence\n.*<hash>\.json\.gz/],
    [`WETH --evidence 0x${"ab".repeat(32)}.json.gz`, /EVIDENCE_MISSING: no evidence 0xabab/],
    ["WETH --evidence FILE --book none.json", /BAD_FILE: positions cannot be read/],
    ["DOGE", /UNKNOWN_MARKET: unknown market\n.*expected one of WETH, WBTC/],
  ] as const;
  for (const [line, pattern] of cases) {
    const { code, out, err } = await stressed(line);
    assert.equal(code, 1, line);
    assert.equal(out, "");
    assert.match(err, pattern);
  }
  const empty = book({ ...POSITIONS, positions: POSITIONS.positions.slice(3) });
  const { code, err } = await stressed(`WETH --evidence FILE --book ${empty}`);
  assert.equal(code, 1);
  assert.match(err, /the book has no position of this market/);
});

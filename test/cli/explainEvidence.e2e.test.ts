import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { startTonsor } from "../support/child.ts";
import { calmBundle, storeBundle } from "../support/storedEvidence.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const folder = temporaryFolder();
const bundle = calmBundle(1_770_000_000);
const hash = await storeBundle(folder, bundle);
const file = join(folder, `${hash}.json.gz`);
/** In a folder without configuration, record or journal, and with no chain anywhere. */
const explain = (...words: string[]) =>
  startTonsor(["explain", ...words], { PATH: process.env["PATH"], RPC_URL: "http://127.0.0.1:9" }, folder).ended;

test("a number is explained from a file of evidence alone, with what was recorded", async () => {
  const { code, out, err } = await explain("weth", "--evidence", file);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, new RegExp(`^WETH {3}.*\\n=+\\n\\nevidence ${hash}\\n {2}model version \\d; recorded: initial `));
  assert.match(out, /; decided again: same\n/);
  assert.match(out, /^Maintenance haircut, from the model$/m);
});

test("the same bytes under another name, unpacked and with a line end behind, say the same", async () => {
  const plain = join(folder, "batch.json");
  writeFileSync(plain, `${gunzipSync(readFileSync(file)).toString("utf8")}\n`);
  const { code, out, err } = await explain("WETH", "--evidence", plain, "--json");
  assert.equal(code, 0, err);
  const { evidence, decision, waterfalls } = JSON.parse(out);
  const recorded = bundle.markets.find(({ name }) => name === "WETH")?.decision;
  assert.deepEqual([evidence.hash, evidence.cause], [hash, "same"]);
  assert.deepEqual([evidence.initialBps, decision.initialBps], [recorded?.initialBps, recorded?.initialBps]);
  const { steps, totalBps } = waterfalls.initial;
  assert.equal(
    steps.reduce((sum: number, step: { bps: number }) => sum + step.bps, 0),
    totalBps,
  );
});

test("a recorded number that does not follow from its inputs is said to be unexplained", async () => {
  const [weth, ...others] = bundle.markets;
  assert.ok(weth !== undefined);
  const lie = { ...weth, decision: { ...weth.decision, initialBps: weth.decision.initialBps + 1 } };
  const lied = await storeBundle(folder, { ...bundle, markets: [lie, ...others] });
  const { code, out } = await explain("WETH", "--evidence", join(folder, `${lied}.json.gz`));
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^evidence ${lied}\\n.*\\s.*decided again:\\s+UNEXPLAINED$`, "m"));
});

test("a file whose parts are not beside it is refused with the part and where it was looked for", async () => {
  const alone = join(temporaryFolder(), "batch.json.gz");
  writeFileSync(alone, readFileSync(file));
  const { code, err } = await explain("WETH", "--evidence", alone);
  assert.equal(code, 1);
  assert.match(err, /EVIDENCE_MISSING: .*batch\.json\.gz: no evidence [0-9a-f]{64}.*\n.*parts\/[0-9a-f]{64}\.json\.gz/);
});

test("a file that is no evidence is refused with what it should be", async () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["DOGE", file, /UNKNOWN_MARKET: .*\n {2}field market, given "DOGE", expected one of WETH, WBTC\n/],
    [
      "WETH",
      join(folder, "none"),
      /BAD_FILE: .*none cannot be read\n {2}field --evidence, given "no such file", expected a file/,
    ],
    [
      "WETH",
      join(folder, "text"),
      /EVIDENCE_MISMATCH: .*text: evidence is not UTF-8 JSON\n {2}field --evidence, given "t,close", expected a file of evidence/,
    ],
    ["WETH", folder, /BAD_FILE: .* cannot be read\n {2}field --evidence, given "a folder"/],
    [
      "WETH",
      join(folder, "other.json"),
      /EVIDENCE_MISMATCH: .*other\.json: evidence is not of the schema\n {2}field \$/,
    ],
    [
      "WETH",
      join(folder, `${hash.replace(/.$/, (last) => (last === "0" ? "1" : "0"))}.json`),
      /was changed\n {2}field hash/,
    ],
  ];
  writeFileSync(join(folder, "text"), "t,close\n");
  writeFileSync(join(folder, "other.json"), "{}");
  writeFileSync(cases[5]?.[1] ?? "", gunzipSync(readFileSync(file)));
  for (const [market, path, message] of cases) {
    const { code, out, err } = await explain(market, "--evidence", path);
    assert.deepEqual([code, out], [1, ""], path);
    assert.match(err, message);
  }
});

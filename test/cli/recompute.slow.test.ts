import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EvidenceBundle, MarketEvidence } from "../../keeper/evidence/schema.ts";
import { assess } from "../../keeper/pipeline.ts";
import { startTonsor } from "../support/child.ts";
import { calmBundle, storeBundle } from "../support/storedEvidence.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { documentedFields, fieldPaths, leaves } from "./fieldPaths.ts";

const NOW = 1_770_000_000;

/** `tonsor recompute` as a process of its own, over a state folder with this evidence. */
async function recomputed(bundles: readonly EvidenceBundle[], words = "", state = temporaryFolder()) {
  for (const bundle of bundles) await storeBundle(join(state, "evidence"), bundle);
  const line = ["recompute", ...words.split(" ").filter((word) => word !== "")];
  const ended = await startTonsor(line, { PATH: process.env["PATH"], TONSOR_STATE: state }, state).ended;
  const json = () => JSON.parse(ended.out);
  return { ...ended, json };
}

function withMarket(bundle: EvidenceBundle, name: string, change: (market: MarketEvidence) => MarketEvidence) {
  return { ...bundle, markets: bundle.markets.map((market) => (market.name === name ? change(market) : market)) };
}

const oneBpLess = (market: MarketEvidence): MarketEvidence => ({
  ...market,
  decision: { ...market.decision, initialBps: market.decision.initialBps - 1 },
});

test("recompute finds the present code's own evidence as recorded, value for value, and shows its progress", async () => {
  const { code, out, err } = await recomputed([calmBundle(NOW), calmBundle(NOW + 3_600, 2)]);
  assert.equal(code, 0, out + err);
  assert.match(out, /^4 decisions of 2 batches decided again by model version \d+\nall as recorded, value for value\n/);
  assert.match(out, /^WETH +2 +0 +0 +0 +\+0 bp +\+0 bp$/m);
  assert.match(err, /^\[#+\] 100 % {2}deciding again what was sent$/m);
});

test("recompute ends with 1 when the same version and parameters give another basis point", async () => {
  const { code, json } = await recomputed([withMarket(calmBundle(NOW), "WETH", oneBpLess)], "--json");
  assert.equal(code, 1);
  const { ok, differences, markets } = json();
  assert.equal(ok, false);
  assert.deepEqual(
    differences.map((one: { market: string; cause: string; initialChangeBps: number }) => [
      one.market,
      one.cause,
      one.initialChangeBps,
    ]),
    [["WETH", "unexplained", 1]],
  );
  assert.equal(markets.find((one: { market: string }) => one.market === "WBTC").same, 1);
});

test("recompute explains a difference of evidence of another model version and ends with 0", async () => {
  const bundle = withMarket({ ...calmBundle(NOW), modelVersion: 1 }, "WETH", oneBpLess);
  const { code, out } = await recomputed([bundle]);
  assert.equal(code, 0, out);
  assert.match(out, /every difference is explained/);
  assert.match(
    out,
    /2026-02-02 02:40 UTC {2}WETH {4}another model version\n {4}initial [\d.]+ % -> [\d.]+ % \(\+1 bp\)/,
  );
});

test("recompute shows an exposure limit that alone comes out otherwise", async () => {
  const lower = (market: MarketEvidence): MarketEvidence => {
    return { ...market, decision: { ...market.decision, limit: market.decision.limit - 1 } };
  };
  const { code, out } = await recomputed([withMarket(calmBundle(NOW), "WETH", lower)]);
  assert.equal(code, 1);
  assert.match(out, /1 differ unexplained/);
  assert.match(out.replace(/\s+/g, " "), /exposure limit [\d,.]+[kM]? -> [\d,.]+[kM]? tokens/);
});

test("recompute reads evidence that model version 3 wrote, and says that another version decided", async () => {
  const state = temporaryFolder();
  const hash = "0x0905162db88e98fb546b25ee12307c3aa802cd8168a5e9669f283221af205889";
  mkdirSync(join(state, "evidence"));
  copyFileSync(new URL("../evidence/form3.json.gz", import.meta.url), join(state, "evidence", `${hash}.json.gz`));
  const { code, json } = await recomputed([], "--json", state);
  assert.equal(code, 0);
  const [found] = json().differences;
  assert.deepEqual([found.evidence, found.modelVersion, found.cause], [hash, 3, "version"]);
  assert.deepEqual([found.recorded.initialBps, found.recorded.exposureLimitTokens], [6_644, 9_000]);
});

test("recompute names the parameters that governance changed since, and by how much they move each haircut", async () => {
  // Recorded under a higher bonus: the present parameters give less.
  const bundle = withBonus(calmBundle(NOW), 0.08);
  const { code, json, out } = await recomputed([bundle], "--json");
  assert.equal(code, 0, out);
  const [difference, ...others] = json().differences;
  assert.deepEqual(others, []);
  assert.equal(difference.cause, "parameters");
  assert.deepEqual(difference.parameters, ["model.liquidationBonus 0.08 -> 0.05"]);
  assert.ok(difference.maintenanceChangeBps < -100, `${difference.maintenanceChangeBps}`);
  const page = leaves(documentedFields("keeper/cli/JSON.md", "recompute"));
  const shown = fieldPaths({ ...json(), unreadable: [{ evidence: "0x", problem: "changed" }] });
  assert.deepEqual(shown, page);
});

test("recompute --from and --to take the batches decided between them alone", async () => {
  const bundles = [calmBundle(NOW), withMarket(calmBundle(NOW + 3_600, 2), "WETH", oneBpLess)];
  const state = temporaryFolder();
  const before = await recomputed(bundles, `--to ${NOW + 3_600}`, state);
  assert.equal(before.code, 0, before.out);
  assert.match(before.out, /^2 decisions of 1 batches/);
  const after = await recomputed([], "--from 2026-02-02T03:00:00Z", state);
  assert.equal(after.code, 1);
  const none = await recomputed([], "--from 2026-03-01", state);
  assert.equal(none.code, 1);
  assert.match(none.err, /no evidence of that span\n.*expected a span that meets 2026-02-02T02:40:00.000Z to /);
});

test("recompute counts a changed file as a difference that nothing explains, and goes on with the others", async () => {
  const state = temporaryFolder();
  await storeBundle(join(state, "evidence"), calmBundle(NOW));
  writeFileSync(join(state, "evidence", `0x${"ab".repeat(32)}.json.gz`), "no gzip");
  const { code, out } = await recomputed([], "", state);
  assert.equal(code, 1);
  assert.match(out, /^2 decisions of 1 batches/);
  assert.match(out, /NOT as recorded: 0 differ unexplained, 1 files cannot be read/);
  assert.match(out, /^0xababab\.\.abab: evidence 0x(ab)+ cannot\s+be unpacked$/m);
});

test("recompute says in one error what is wrong with its words", async () => {
  for (const [words, pattern] of [
    ["", /BAD_FILE: no evidence to recompute\n.*field --evidence/],
    ["--from yesterday", /BAD_ARGUMENT: --from has the wrong form\n.*given "yesterday", expected 2026-02-05, /],
    ["--to 2026-02-30", /given "2026-02-30"/],
    ["--evidence", /missing value of an option of tonsor recompute/],
  ] as const) {
    const { code, err, out } = await recomputed([], words);
    assert.equal(code, 1, words);
    assert.equal(out, "");
    assert.match(err, pattern);
  }
});

/** The bundle as a keeper whose governance had another bonus would have written it. */
function withBonus(bundle: EvidenceBundle, liquidationBonus: number): EvidenceBundle {
  return withMarket(bundle, "WETH", (market) => {
    const parameters = { ...market.parameters, model: { ...market.parameters.model, liquidationBonus } };
    return { ...market, parameters, decision: decisionOf({ ...market, parameters }, bundle.now) };
  });
}

function decisionOf({ parameters, observed, history, onChain }: MarketEvidence, now: number) {
  const { decision } = assess({ now, market: parameters, observed, history, onChain });
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  return { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
}

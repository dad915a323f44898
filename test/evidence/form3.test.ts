import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { presentCode } from "../../keeper/audit/recompute.ts";
import { type AppliedBatch, type Entry, limitOf } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeBundle, hashEvidence } from "../../keeper/evidence/bundle.ts";
import { canonicalBytes } from "../../keeper/evidence/canonical.ts";
import { recomputeBundle } from "../../keeper/evidence/recompute.ts";
import { verifyBundle } from "../../keeper/evidence/verify.ts";
import { MODEL_VERSION } from "../../keeper/pipeline.ts";
import { SHIPPED } from "../support/shipped.ts";

const PRESENT = presentCode({ marketFiles: SHIPPED });

/**
 * Evidence that the code of model version 3 wrote: ether whose price history could not be read, 1550 bp in flight, and a bound
 * that governance had lowered to 9000 tokens below the 12 000 stored.
 */
const bytes = new Uint8Array(gunzipSync(readFileSync(new URL("form3.json.gz", import.meta.url))));
const HASH = "0x0905162db88e98fb546b25ee12307c3aa802cd8168a5e9669f283221af205889";
/** What that code sent with it. */
const SENT: Entry = {
  ...{ marketId: 1, generation: 16, initialBps: 6_644, maintenanceTargetBps: 1_200, limit: limitOf(9_000) },
  ...{ confidence: 23, sources: 51, asOf: 1_769_999_940, orTighter: true },
};
const evidence = { root: bytes, parts: new Map<string, Uint8Array>() };
const bundle = decodeBundle(evidence);
const [market] = bundle.markets;
assert.ok(market);
const applied: AppliedBatch = {
  ...{ chainId: bundle.chainId, contract: bundle.contract, transactionHash: HASH, blockNumber: 12n, sequence: 1n },
  ...{ evidence: HASH, modelVersion: 3, writer: market.onChain.writer.account },
  ...{ entries: [SENT], skipped: [], tightened: [] },
};

test("evidence of form 3 hashes as it did, and is read with what it left unsaid", () => {
  assert.equal(hashEvidence(bytes), HASH);
  assert.equal(bundle.modelVersion, 3);
  const { limit, highestLimit, raised, pending } = market.onChain;
  assert.deepEqual(
    [limit, highestLimit, raised, pending?.limit],
    [limitOf(12_000), limitOf(9_000), 0, limitOf(12_000)],
  );
  assert.equal(market.decision.limit, limitOf(9_000), "as its entry said");
  const { initialBps, maintenanceTargetBps, confidence, sources } = market.decision;
  assert.deepEqual([initialBps, maintenanceTargetBps, confidence, sources], [6_644, 1_200, 23, 51]);
});

test("its parameters are read by their present names, and those that nothing reads any more are gone", () => {
  type Raw = { markets: { parameters: { model: Record<string, unknown> } }[] };
  const raw = (JSON.parse(new TextDecoder().decode(bytes)) as Raw).markets[0]?.parameters.model ?? {};
  const read: Record<string, unknown> = { ...market.parameters.model };
  assert.equal(read["depthShare"], raw["initialDepthShare"]);
  assert.equal(read["liquidationWindowHours"], 4);
  for (const [name, value] of Object.entries(read)) {
    if (name in raw) assert.deepEqual(value, raw[name], name);
  }
  const gone = Object.keys(raw).filter((name) => !(name in read));
  assert.deepEqual(gone.sort(), [
    ...["impactCoefficient", "initialDepthShare", "initialVolatilityMultiple", "participation", "reactionHours"],
    ...["stressVolumeShare", "stressWeight"],
  ]);
});

test("what is wrong in it is refused as in any other: another byte, a field that form 3 had not, one that is missing", () => {
  const text = new TextDecoder().decode(bytes);
  const refused = (other: string, pattern: RegExp) => {
    assert.notEqual(other, text);
    assert.throws(
      () => decodeBundle({ ...evidence, root: new TextEncoder().encode(other) }),
      (error) => error instanceof TonsorError && error.code === "EVIDENCE_MISMATCH" && pattern.test(error.message),
    );
  };
  refused(text.replace('"modelVersion":3', '"modelVersion":3.0'), /canonical form/);
  refused(text.replace('"highestLimit"', '"highestLimits"'), /schema/);
  const surprise = JSON.parse(text) as { markets: { decision: Record<string, unknown> }[] };
  Object.assign(surprise.markets[0]?.decision ?? {}, { surprise: 1 });
  refused(new TextDecoder().decode(canonicalBytes(surprise)), /schema/);
  refused(JSON.stringify({ markets: [null, {}], schema: "tonsor.evidence.v3" }), /schema/);
});

test("recompute says of it that another model version decided", () => {
  const [again] = recomputeBundle(bundle, PRESENT);
  assert.deepEqual([again?.cause, again?.recorded.initialBps], ["version", 6_644]);
  assert.notEqual(again?.byCode.initialBps, 6_644);
  assert.equal(again?.byCode.limit, limitOf(9_000), "without a price history the limit stays, at its lowered bound");
});

test("verify says plainly which version wrote it and which decides, and what differs first", () => {
  const said = verifyBundle(evidence, HASH, applied, PRESENT);
  assert.match(
    said.ok ? "" : said.difference,
    new RegExp(
      `^written by model version 3 and decided again by version ${MODEL_VERSION}, whose numbers may differ: only the code ` +
        "of version 3 can verify it; market WETH \\(1\\), evidence: initialBps is 6644, recomputed \\d+$",
    ),
  );
});

test("what no model version explains is said without it: another hash, another contract, a market without evidence", () => {
  const difference = (change: Partial<AppliedBatch>, hash: `0x${string}` = HASH) => {
    const said = verifyBundle(evidence, hash, { ...applied, ...change }, PRESENT);
    return said.ok ? "" : said.difference;
  };
  assert.match(difference({}, `0x${"0".repeat(64)}`), /^the evidence hashes to /);
  assert.match(difference({ chainId: 1 }), /^chain id: /);
  assert.match(
    difference({ entries: [SENT, { ...SENT, marketId: 2 }] }),
    /^market 2 is on chain but not in the evidence$/,
  );
});

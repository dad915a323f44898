import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBundle } from "../../keeper/evidence/bundle.ts";
import { hashEvidence } from "../../keeper/evidence/hash.ts";
import { type Assess, verifyBundle } from "../../keeper/evidence/verify.ts";
import { appliedOf, assess, sampleBundle } from "./sampleBundle.ts";

const bundle = sampleBundle();
const bytes = encodeBundle(bundle);
const applied = appliedOf(bundle);
const difference = (result: ReturnType<typeof verifyBundle>) => (result.ok ? "" : result.difference);

test("an honest batch verifies and names its markets", () => {
  const result = verifyBundle(bytes, applied.evidence, applied, assess);
  assert.equal(result.ok, true);
  assert.deepEqual(result.ok && result.markets, ["WETH"]);
});

test("another hash on chain is the first thing said", () => {
  const result = verifyBundle(bytes, `0x${"00".repeat(32)}`, applied, assess);
  assert.match(difference(result), /^the evidence hashes to 0x[0-9a-f]{64}, the chain says 0x0{64}$/);
});

for (const field of ["initialBps", "maintenanceTargetBps", "asOf", "confidenceBps", "sources"] as const) {
  test(`a ${field} on chain that does not follow from the inputs is named with both values`, () => {
    const [update] = applied.updates;
    assert.ok(update);
    const changed = { ...applied, updates: [{ ...update, [field]: update[field] + 1 }] };
    const said = difference(verifyBundle(bytes, applied.evidence, changed, assess));
    assert.equal(said, `market WETH (1), chain: ${field} is ${update[field] + 1}, recomputed ${update[field]}`);
  });

  test(`a ${field} stated in the evidence that does not follow from the inputs is named`, () => {
    const [market] = bundle.markets;
    assert.ok(market);
    const lied = sampleBundle({ decision: { ...market.decision, [field]: market.decision[field] - 1 } });
    const said = difference(verifyBundle(encodeBundle(lied), appliedOf(lied).evidence, appliedOf(lied), assess));
    assert.match(said, new RegExp(`market WETH \\(1\\), evidence: ${field} is `));
  });
}

for (const [what, change] of [
  ["chain id", { chainId: 1 }],
  ["contract", { contract: `0x${"11".repeat(20)}` }],
  ["sequence", { sequence: 8n }],
  ["model version", { modelVersion: 2 }],
] as const) {
  test(`evidence for another ${what} is refused`, () => {
    const said = difference(verifyBundle(bytes, applied.evidence, { ...applied, ...change }, assess));
    assert.match(said, new RegExp(`^${what}: the evidence says `));
  });
}

test("a market on chain without evidence, and evidence without a market on chain, are both named", () => {
  const [update] = applied.updates;
  assert.ok(update);
  const more = { ...applied, updates: [update, { ...update, marketId: 2 }] };
  assert.equal(
    difference(verifyBundle(bytes, applied.evidence, more, assess)),
    "market 2 is on chain but not in the evidence",
  );
  const less = { ...applied, updates: [] };
  assert.match(difference(verifyBundle(bytes, applied.evidence, less, assess)), /on chain 0 times/);
});

test("a bundle that names a market twice, or puts another market's state under its name, is refused", () => {
  const [market] = bundle.markets;
  assert.ok(market);
  const verdict = (lie: typeof bundle) =>
    difference(verifyBundle(encodeBundle(lie), appliedOf(lie).evidence, appliedOf(lie), assess));
  assert.equal(verdict({ ...bundle, markets: [market, market] }), "the evidence names a market twice");
  const foreign = { ...market, onChain: { ...market.onChain, marketId: 2 } };
  assert.match(verdict({ ...bundle, markets: [foreign] }), /the parts of its evidence are about different markets/);
  const renamed = { ...market, parameters: { ...market.parameters, name: "WBTC" } };
  assert.match(verdict({ ...bundle, markets: [renamed] }), /the parts of its evidence are about different markets/);
});

test("an update applied twice on chain is not covered by one entry of evidence", () => {
  const twice = { ...applied, updates: [...applied.updates, ...applied.updates] };
  assert.match(difference(verifyBundle(bytes, applied.evidence, twice, assess)), /on chain 2 times/);
});

test("a market that the contract skipped is still recomputed against the evidence", () => {
  const skipped = {
    ...applied,
    updates: [],
    skipped: [{ marketId: 1, reason: "STEP_TOO_LARGE", given: 1n, allowed: 0n }],
  };
  assert.equal(verifyBundle(bytes, applied.evidence, skipped, assess).ok, true);
});

test("a recomputation that would have held says so", () => {
  const hold: Assess = (input) => {
    const again = assess(input);
    return { ...again, decision: { ...again.decision, action: "hold", reasons: ["DEAD_BAND"] } };
  };
  assert.match(
    difference(verifyBundle(bytes, applied.evidence, applied, hold)),
    /nothing was to be sent \(DEAD_BAND\)/,
  );
});

test("inputs changed together with the hash are caught by the recomputation", () => {
  const [market] = bundle.markets;
  assert.ok(market);
  const doctored = sampleBundle({
    parameters: { ...market.parameters, model: { ...market.parameters.model, stressVolatility: 1.4 } },
    decision: market.decision,
  });
  const swapped = encodeBundle(doctored);
  const said = difference(verifyBundle(swapped, hashEvidence(swapped), applied, assess));
  assert.match(said, /maintenanceTargetBps is \d+, recomputed \d+/);
});

test("an error of the pipeline itself is not mistaken for a difference", () => {
  const broken: Assess = () => {
    throw new RangeError("pipeline");
  };
  assert.throws(() => verifyBundle(bytes, applied.evidence, applied, broken), RangeError);
});

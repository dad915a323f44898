import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "../../keeper/domain/decision.ts";
import { type Reasoning, verifyBundle } from "../../keeper/evidence/verify.ts";
import { fitBatch } from "../../keeper/policy/loosening.ts";
import { packed } from "../support/packed.ts";
import { appliedOf, assess, CONTRACT, reasoning, sampleBundle, WRITER } from "./sampleBundle.ts";

const bundle = sampleBundle();
const evidence = packed(bundle);
const applied = appliedOf(bundle);
const difference = (result: ReturnType<typeof verifyBundle>) => (result.ok ? "" : result.difference);

test("an honest batch verifies and names its markets", () => {
  const result = verifyBundle(evidence, applied.evidence, applied, reasoning);
  assert.equal(result.ok, true);
  assert.deepEqual(result.ok && result.bundle, bundle);
  assert.deepEqual(result.ok && result.entries, applied.entries, "the exposure limit too");
});

test("a hash in another case is the same", () => {
  const upper = `0x${applied.evidence.slice(2).toUpperCase()}` as const;
  assert.equal(verifyBundle(evidence, upper, applied, reasoning).ok, true);
});

test("another hash on chain is the first thing said", () => {
  const result = verifyBundle(evidence, `0x${"00".repeat(32)}`, applied, reasoning);
  assert.match(difference(result), /^the evidence hashes to 0x[0-9a-f]{64}, the chain says 0x0{64}$/);
});

for (const field of ["initialBps", "maintenanceTargetBps", "limit", "asOf", "confidence", "sources"] as const) {
  test(`a ${field} on chain that does not follow from the inputs is named with both values`, () => {
    const [entry] = applied.entries;
    assert.ok(entry);
    const before = entry[field];
    const changed = { ...applied, entries: [{ ...entry, [field]: before + 1 }] };
    const said = difference(verifyBundle(evidence, applied.evidence, changed, reasoning));
    assert.equal(said, `market WETH (1), chain: ${field} is ${before + 1}, recomputed ${before}`);
  });

  test(`a ${field} stated in the evidence that does not follow from the inputs is named`, () => {
    const [market] = bundle.markets;
    assert.ok(market);
    const lied = sampleBundle({ decision: { ...market.decision, [field]: market.decision[field] - 1 } });
    const said = difference(verifyBundle(packed(lied), appliedOf(lied).evidence, appliedOf(lied), reasoning));
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
    const said = difference(verifyBundle(evidence, applied.evidence, { ...applied, ...change }, reasoning));
    assert.match(said, new RegExp(`^${what}: the evidence says `));
  });
}

test("a market on chain without evidence, and evidence without a market on chain, are both named", () => {
  const [entry] = applied.entries;
  assert.ok(entry);
  const more = { ...applied, entries: [entry, { ...entry, marketId: 2 }] };
  assert.equal(
    difference(verifyBundle(evidence, applied.evidence, more, reasoning)),
    "market 2 is on chain but not in the evidence",
  );
  const less = { ...applied, entries: [] };
  assert.match(difference(verifyBundle(evidence, applied.evidence, less, reasoning)), /on chain 0 times/);
});

test("a bundle that names a market twice, or puts another market's state under its name, is refused", () => {
  const [market] = bundle.markets;
  assert.ok(market);
  const verdict = (lie: typeof bundle) =>
    difference(verifyBundle(packed(lie), appliedOf(lie).evidence, appliedOf(lie), reasoning));
  assert.equal(verdict({ ...bundle, markets: [market, market] }), "the evidence names a market twice");
  const foreign = { ...market, onChain: { ...market.onChain, marketId: 2 } };
  assert.match(verdict({ ...bundle, markets: [foreign] }), /the parts of its evidence are about different markets/);
  const renamed = { ...market, parameters: { ...market.parameters, name: "WBTC" } };
  assert.match(verdict({ ...bundle, markets: [renamed] }), /the parts of its evidence are about different markets/);
});

test("a generation on chain that is not the one read before is named with both values", () => {
  const entries = applied.entries.map((entry) => ({ ...entry, generation: 16 }));
  const said = difference(verifyBundle(evidence, applied.evidence, { ...applied, entries }, reasoning));
  assert.equal(said, "market WETH (1), chain: generation is 16, recomputed 17");
});

test("a batch without the flag that lets a tightening through is not one of the keeper's", () => {
  const entries = applied.entries.map((entry) => ({ ...entry, orTighter: false }));
  const said = difference(verifyBundle(evidence, applied.evidence, { ...applied, entries }, reasoning));
  assert.equal(said, "market WETH (1), chain: orTighter is false, recomputed true");
});

test("of the time of the data the minute is on chain, its seconds in the evidence alone", () => {
  const [entry] = applied.entries;
  const [market] = bundle.markets;
  assert.ok(entry && market);
  assert.deepEqual([entry.asOf % 60, market.decision.asOf % 60], [0, 20]);
  const exact = { ...applied, entries: [{ ...entry, asOf: market.decision.asOf }] };
  assert.match(difference(verifyBundle(evidence, applied.evidence, exact, reasoning)), /chain: asOf is /);
});

test("a batch that the hot key carried for a signer quorum has that key's own number", () => {
  const [market] = bundle.markets;
  assert.ok(market);
  const quorum = sampleBundle({
    onChain: { ...market.onChain, writer: { ...market.onChain.writer, account: CONTRACT, power: "QUORUM" } },
    decision: market.decision,
  });
  const verdict = (change: Partial<typeof applied>) =>
    difference(
      verifyBundle(packed(quorum), appliedOf(quorum).evidence, { ...appliedOf(quorum), ...change }, reasoning),
    );
  assert.equal(verdict({ writer: WRITER, sequence: 900n }), "");
  assert.equal(verdict({ writer: CONTRACT }), "");
  assert.equal(verdict({ writer: CONTRACT, sequence: 900n }), "sequence: the evidence says 7, the chain says 900");
});

test("another key's batch does not verify by the evidence of a hot key, whatever its number", () => {
  for (const sequence of [7n, 900n]) {
    const byAnother = { ...applied, writer: CONTRACT, sequence } as const;
    const said = difference(verifyBundle(evidence, applied.evidence, byAnother, reasoning));
    assert.equal(said, `writer: the evidence says ${WRITER}, the chain says ${CONTRACT}`);
  }
  const lower = { ...applied, writer: WRITER.toLowerCase() as typeof WRITER, sequence: 900n };
  const said = difference(verifyBundle(evidence, applied.evidence, lower, reasoning));
  assert.equal(said, "sequence: the evidence says 7, the chain says 900");
});

test("a batch is recomputed as a whole: a market's share of the budgets rests on its neighbours", () => {
  const [market] = bundle.markets;
  assert.ok(market);
  const writer = { ...market.onChain.writer, aggregateBps: 100, spentBps: 0 };
  const loosening: Reasoning = {
    ...reasoning,
    assess(input) {
      const again = assess(input);
      const initialBps = input.onChain.storedInitialBps - 48;
      return { ...again, decision: { ...again.decision, initialBps, reasons: ["LOOSEN"] } };
    },
  };
  const markets = [1, 2].map((marketId) => {
    const name = marketId === 1 ? "WETH" : "WBTC";
    const onChain = { ...market.onChain, marketId, spentBps: 0, writer };
    const parameters = { ...market.parameters, name };
    const again = loosening.assess({ ...market, now: bundle.now, market: parameters, onChain });
    return { ...market, name, marketId, parameters, onChain, decision: again.decision };
  });
  const { decisions } = fitBatch(markets);
  assert.deepEqual(
    decisions.map(({ initialBps }) => market.onChain.storedInitialBps - initialBps),
    [45, 45],
  );
  const stated = markets.map(({ decision: _, ...rest }, index) => ({ ...rest, decision: decided(decisions[index]) }));
  const whole = { ...bundle, markets: stated };
  const verdict = (one: typeof whole, batch = appliedOf(one)) =>
    verifyBundle(packed(one), batch.evidence, batch, loosening);
  const verified = verdict(whole);
  assert.deepEqual(
    verified.ok && verified.assessments.map(({ decision }) => decision.initialBps),
    decisions.map(({ initialBps }) => initialBps),
    "people are shown what was fitted",
  );
  const alone = { ...whole, markets: stated.slice(0, 1) };
  assert.match(difference(verdict(alone)), /market WETH \(1\), evidence: initialBps is 2055, recomputed 2052/);
  const torn = {
    ...whole,
    markets: [stated[0], { ...stated[1], onChain: { ...markets[1]?.onChain, writer: { ...writer, spentBps: 1 } } }],
  };
  assert.match(difference(verdict(torn as typeof whole)), /read of contracts in different states/);
});

function decided(decision: Decision | undefined) {
  assert.ok(decision);
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  return { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
}

test("an entry applied twice on chain is not covered by one entry of evidence", () => {
  const twice = { ...applied, entries: [...applied.entries, ...applied.entries] };
  assert.match(difference(verifyBundle(evidence, applied.evidence, twice, reasoning)), /on chain 2 times/);
});

test("a market that the contract skipped is still recomputed against the evidence", () => {
  const skipped = { ...applied, skipped: [{ marketId: 1, reason: "STEP_TOO_LARGE", given: 1, allowed: 0 }] };
  assert.equal(verifyBundle(evidence, applied.evidence, skipped, reasoning).ok, true);
});

test("a recomputation that would have held says so", () => {
  const hold: Reasoning = {
    ...reasoning,
    assess(input) {
      const again = assess(input);
      return { ...again, decision: { ...again.decision, action: "hold", reasons: ["DEAD_BAND"] } };
    },
  };
  assert.match(
    difference(verifyBundle(evidence, applied.evidence, applied, hold)),
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
  const swapped = packed(doctored);
  const said = difference(verifyBundle(swapped, swapped.hash, applied, reasoning));
  assert.match(said, /maintenanceTargetBps is \d+, recomputed \d+/);
});

test("an error of the pipeline itself is not mistaken for a difference", () => {
  const broken: Reasoning = {
    ...reasoning,
    assess() {
      throw new RangeError("pipeline");
    },
  };
  assert.throws(() => verifyBundle(evidence, applied.evidence, applied, broken), RangeError);
});

test("a difference is said to be of another model version where the reasoning is another, and only there", () => {
  const [entry] = applied.entries;
  assert.ok(entry);
  const lied = { ...applied, entries: [{ ...entry, limit: entry.limit + 1 }] };
  const plain = `market WETH (1), chain: limit is ${entry.limit + 1}, recomputed ${entry.limit}`;
  assert.equal(difference(verifyBundle(evidence, applied.evidence, lied, reasoning)), plain);
  const later = { ...reasoning, modelVersion: 2 };
  const said = difference(verifyBundle(evidence, applied.evidence, lied, later));
  assert.ok(
    said.startsWith("written by model version 1 and decided again by version 2, ") && said.endsWith(plain),
    said,
  );
  assert.equal(verifyBundle(evidence, applied.evidence, applied, later).ok, true, "what comes out the same verifies");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderDecisionHeader, renderDecisionLine } from "../../../keeper/cli/render/decisionLine.ts";
import { renderExplain } from "../../../keeper/cli/render/explain.ts";
import { renderRecompute } from "../../../keeper/cli/render/recompute.ts";
import { renderStatus } from "../../../keeper/cli/render/status.ts";
import { renderVerify } from "../../../keeper/cli/render/verification.ts";
import { arrivalStatus } from "../../../keeper/dashboard/arrivals.ts";
import type { Explanation } from "../../../keeper/dashboard/status.ts";
import { limitOf, NO_LIMIT, tokensOf } from "../../../keeper/domain/contract.ts";
import { anExplanation } from "../../dashboard/explanations.ts";
import { aBook, aVerification, aWeighing, EVIDENCE } from "../outcomes.ts";

/** A market that governance gave no limit. */
function unlimited(): Explanation {
  const found = anExplanation();
  assert.ok(found.onChain !== null);
  const limit = { because: "as much sells in time", value: NO_LIMIT, at: null };
  return { ...found, onChain: { ...found.onChain, limit: NO_LIMIT }, arrivals: { ...found.arrivals, limit } };
}

test("a market without an exposure limit has 'no limit' wherever limits are shown, and no power of ten", () => {
  const tokens = Number(tokensOf(NO_LIMIT));
  const book = aBook();
  book.decided(unlimited());
  const numbers = { initialBps: 2_217, maintenanceTargetBps: 1_668, exposureLimitTokens: tokens };
  const markets = [{ market: "WETH", onChain: numbers, recomputed: numbers }];
  const batch = { signers: [], evidenceHash: EVIDENCE, difference: null, notes: [], markets };
  const values = { initialBps: 2_217, maintenanceTargetBps: 1_668, asOf: 1, confidence: 31, sources: 35 };
  const hold = { action: "hold" as const, reasons: [] };
  const entry = {
    ...{
      market: "WETH",
      evidence: EVIDENCE as `0x${string}`,
      time: 0,
      sequence: 1n,
      modelVersion: 4,
    },
    ...{ cause: "unexplained" as const, recorded: { ...values, limit: NO_LIMIT }, parameters: [] },
    byCode: { ...values, ...hold, limit: limitOf(12_000) },
    now: { ...values, ...hold, limit: limitOf(12_000) },
  };
  const found = { folder: "", from: null, to: null, modelVersion: 4, batches: 1, entries: [entry], unreadable: [] };
  const pages = [
    renderDecisionLine({ explanation: unlimited(), transaction: null }),
    renderStatus(book.snapshot()),
    renderVerify({ ...aVerification(), batches: [batch] }),
    renderRecompute(found as unknown as Parameters<typeof renderRecompute>[0], false),
    renderExplain({ ...unlimited(), positions: aWeighing() }),
    arrivalStatus(unlimited())?.exposureLimit.words ?? "",
  ];
  for (const page of pages) {
    assert.match(page, /no limit/, page);
    assert.doesNotMatch(page, /\de\+|no limit tokens/, page);
  }
  assert.match(pages[3] ?? "", /exposure limit no limit -> 12,000 tokens/);
});

test("a decision line keeps its columns where there is no limit", () => {
  const line = renderDecisionLine({ explanation: unlimited(), transaction: null });
  const [, titles = ""] = renderDecisionHeader().split("\n");
  assert.equal(line.indexOf("no limit") + "no limit".length, titles.indexOf("limit") + "limit".length);
});

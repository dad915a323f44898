import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { renderDoctor } from "../../../keeper/cli/render/checks.ts";
import { renderDecisionHeader, renderDecisionLine } from "../../../keeper/cli/render/decisionLine.ts";
import { renderExplain } from "../../../keeper/cli/render/explain.ts";
import { painter } from "../../../keeper/cli/render/layout.ts";
import { renderStatus } from "../../../keeper/cli/render/status.ts";
import { renderVerify } from "../../../keeper/cli/render/verification.ts";
import { quote } from "../../../scripts/lab/cli/quoteReport.ts";
import { renderDepth } from "../../../scripts/lab/cli/render/depth.ts";
import { renderQuote } from "../../../scripts/lab/cli/render/quote.ts";
import { renderSurface } from "../../../scripts/lab/cli/render/surface.ts";
import { anExplanation } from "../../dashboard/explanations.ts";
import { aBook, aVerification, aWeighing } from "../outcomes.ts";
import { busyStatus, CHECKS, depthReport, inTrouble, SURFACE } from "./pageSamples.ts";

const FAULT = "not read: Aave: POOL_MOVED: the pool of 0x2f39 is 0x87870, not 0x3333";

/** Every page of the command line, as a person sees it. Read the page in `pages/` before you change it. */
const PAGES: Readonly<Record<string, () => string>> = {
  "explain-calm": () => renderExplain({ ...anExplanation(), positions: aWeighing() }),
  "explain-trouble": () => renderExplain({ ...inTrouble(), positions: { ...aWeighing(), why: FAULT } }),
  "status-replay": () => renderStatus(aBook().snapshot()),
  "status-busy": () => renderStatus(busyStatus()),
  doctor: () => renderDoctor(CHECKS),
  "verify-good": () => renderVerify(aVerification()),
  "verify-bad": () => renderVerify(aVerification(false)),
  "decision-lines": () =>
    [
      renderDecisionHeader(),
      renderDecisionLine({ explanation: anExplanation(), transaction: null }),
      renderDecisionLine({
        explanation: inTrouble(),
        transaction: { hash: `0x${"5c".repeat(32)}`, status: "CONFIRMED" },
      }),
    ].join("\n"),
  quote: () => renderQuote(quote({ volatility: 0.6, depthUsd: 60e6, largestBorrowerUsd: 20e6 })),
  surface: () => renderSurface(SURFACE),
  "depth-exact": () => renderDepth(depthReport("0")),
  "depth-rounded": () => renderDepth(depthReport("764")),
};

const folder = new URL("pages/", import.meta.url);

for (const [name, render] of Object.entries(PAGES)) {
  test(`the page ${name} is what pages/${name}.txt shows`, () => {
    assert.equal(`${render()}\n`, readFileSync(new URL(`${name}.txt`, folder), "utf8"));
  });
}

test("every page in the folder is one that is rendered", () => {
  const files = readdirSync(folder).sort();
  assert.deepEqual(
    files,
    Object.keys(PAGES)
      .map((name) => `${name}.txt`)
      .sort(),
  );
});

test("colour marks what is bad, what warns and what is quiet, and nothing in a plain page", () => {
  const paint = painter(true);
  const line = (explanation: Parameters<typeof renderExplain>[0]) =>
    renderDecisionLine({ explanation, transaction: null }, true);
  const plain = (explanation: Parameters<typeof renderExplain>[0]) =>
    renderDecisionLine({ explanation, transaction: null });
  assert.equal(line(inTrouble()), paint("warning", plain(inTrouble())));
  assert.equal(line(anExplanation()), paint("quiet", plain(anExplanation())));
  const calm = anExplanation({ action: "submit" });
  assert.equal(line(calm), plain(calm));
  assert.ok(renderVerify(aVerification(false), true).startsWith(paint("bad", "NOT verified")));
  assert.ok(renderVerify(aVerification(), true).startsWith(paint("good", "verified: ").slice(0, 5)));
  const doctor = renderDoctor(CHECKS, true);
  for (const [style, state] of [
    ["good", "ok    "],
    ["warning", "warn  "],
    ["bad", "fail  "],
  ] as const) {
    assert.ok(doctor.includes(paint(style, state)), state);
  }
  const explained = renderExplain(anExplanation(), true);
  for (const [style, state] of [
    ["good", "ok"],
    ["warning", "degraded"],
    ["bad", "down"],
  ] as const) {
    assert.ok(explained.includes(paint(style, state)), state);
  }
  assert.ok(renderStatus(aBook().snapshot(), true).startsWith(paint("good", "keeper running")));
});

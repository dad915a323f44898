import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { Output } from "../../../keeper/cli/output.ts";
import { decisionLog } from "../../../keeper/cli/render/cycle.ts";
import { renderDecisionHeader, renderDecisionLine } from "../../../keeper/cli/render/decisionLine.ts";
import { anExplanation, crash } from "../../dashboard/explanations.ts";
import { aCycle, HASH } from "../outcomes.ts";

const transaction = { hash: HASH, status: "CONFIRMED" } as const;

test("a decision is one line with every figure of the story", () => {
  assert.equal(
    renderDecisionLine({ explanation: anExplanation({ action: "submit" }), transaction }),
    "01-28 04:00 WETH    $3,004.50  56.9 %   47.0 %  58.7 %   $6.24 M   22.17  16.68   22.00  16.50   12,000 submit TIGHTEN               0x5c5c5c..5c5c",
  );
});

test("every line and the header keep to 150 columns, with long markets and prices too", () => {
  const wide = anExplanation({ market: "WSTETHLONG", priceUsd: 1_234_567.89, volatility: 9.99 });
  const lines = [
    ...crash().map((explanation) => renderDecisionLine({ explanation, transaction })),
    renderDecisionHeader(),
  ];
  for (const line of [
    ...lines.flatMap((text) => text.split("\n")),
    renderDecisionLine({ explanation: wide, transaction }),
  ]) {
    assert.ok(line.length <= 150, `${line.length}: ${line}`);
    assert.ok(!line.includes("\n"));
  }
});

test("titles stand over their columns", () => {
  const [groups = "", titles = ""] = renderDecisionHeader().split("\n");
  const line = renderDecisionLine({ explanation: anExplanation(), transaction: null });
  assert.equal(titles.indexOf("reason"), line.indexOf("DEAD_BAND"));
  assert.equal(titles.indexOf("market"), line.indexOf("WETH"));
  assert.ok(groups.indexOf("target, %") < groups.indexOf("on chain, %"));
});

test("a market without price or without a place on chain still has its line", () => {
  const explanation = { ...anExplanation({ priceUsd: null }), onChain: null };
  assert.match(renderDecisionLine({ explanation, transaction: null }), /no price.* - +- hold/);
});

test("colour adds nothing but colour", () => {
  const entry = { explanation: anExplanation(), transaction: null };
  assert.equal(stripVTControlCharacters(renderDecisionLine(entry, true)), renderDecisionLine(entry));
});

test("of several chains each cycle names its own, of one none does", () => {
  const said: string[] = [];
  const writer = (json: boolean): Output => ({
    ...{ json, colour: false, result() {} },
    event: (value) => said.push(JSON.stringify(value).slice(0, 15)),
    note: (text) => said.push(text.slice(0, 15)),
    progress: () => () => {},
  });
  const cycle = { ...aCycle(), entries: [], failures: [] };
  decisionLog(writer(false))(cycle, 8453);
  decisionLog(writer(true))(cycle, 8453);
  decisionLog(writer(false))(cycle);
  decisionLog(writer(true))(cycle);
  assert.deepEqual(said, ["chain 8453:", '{"chainId":8453', '{"time":1769572']);
});

test("the header comes first and again after forty lines", () => {
  const notes: string[] = [];
  const output: Output = {
    ...{ json: false, colour: false, result() {}, event() {} },
    note: (text) => notes.push(text),
    progress: () => () => {},
  };
  const log = decisionLog(output);
  for (let cycle = 0; cycle < 41; cycle += 1) log({ ...aCycle(), failures: [] });
  const lines = notes.filter((note) => !/^ {2}(initial|maintenance) /.test(note));
  assert.ok(lines.length < notes.length, "numbers under way have lines of their own");
  const headers = lines.flatMap((note, index) => (note === renderDecisionHeader() ? [index] : []));
  assert.deepEqual(headers, [0, 41]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { renderExplain } from "../../../keeper/cli/render/explain.ts";
import type { Explanation } from "../../../keeper/dashboard/status.ts";
import type { ClaimReading } from "../../../keeper/domain/risk.ts";
import { anExplanation, crash } from "../../dashboard/explanations.ts";

const text = renderExplain(anExplanation());

test("no line is wider than 100 columns, calm or in a crash", () => {
  for (const explanation of [anExplanation(), ...crash()]) {
    for (const line of renderExplain(explanation).split("\n"))
      assert.ok([...line].length <= 100, `${line.length}: ${line}`);
  }
});

test("colour adds nothing but colour", () => {
  assert.equal(stripVTControlCharacters(renderExplain(anExplanation(), true)), text);
  assert.notEqual(renderExplain(anExplanation(), true), text);
  assert.equal(stripVTControlCharacters(text), text);
});

test("it names the market, the moment, the price, the age of the data and the confidence", () => {
  assert.match(
    text,
    /^WETH {3}2026-01-28 04:00 UTC {3}price \$3,004\.50 {3}oldest datum 12 min old {3}confidence 0\.93\n/,
  );
});

test("of a claim its rate, what of it counts and its discount are said in one line", () => {
  const said = (claim: ClaimReading) => {
    const { assessment, ...rest } = anExplanation();
    return renderExplain({ ...rest, assessment: { ...assessment, readings: { ...assessment.readings, claim } } });
  };
  const claim = { rate: 1.25, believedRate: 1.2023, discount: 0.0382, history: null };
  assert.match(
    said(claim),
    /^ {2}a claim at a rate of 1\.250000, of which 1\.202300 counts: 3\.82 % below its claim$/m,
  );
  const unknown = { rate: null, believedRate: null, discount: null, history: null };
  assert.match(said(unknown), /^ {2}a claim: how far below its claim is not known$/m);
  assert.doesNotMatch(text, /a claim/);
});

test("every source has an age, a state and its faults", () => {
  assert.match(text, /options {3}deribit:ETH:options +4 min old {3}degraded\n +WIDE x14: spread above 30 % of mid/);
  assert.match(text, /pool {6}uniswapV3:WETH-USDC-500 +12 s old {3}ok/);
  assert.match(text, /history {3}deribit:ETH:history +no data +down\n +UNREACHABLE: connection refused/);
});

test("volatility is shown by source with the rung of the ladder and what binds", () => {
  assert.match(text, /options surface, at the horizon +56\.9 % +█+/);
  assert.match(text, /used, after floors and multiplier +58\.7 %/);
  assert.match(
    text,
    /ladder L1 \(options surface with realised volatility\), multiplier 1\.00; what binds: the floor of\s+implied volatility/,
  );
});

test("a source that had nothing to say is told apart from a zero", () => {
  assert.match(renderExplain(without("implied")), /options surface, at the horizon +- {2}nothing to say/);
});

test("horizon and loss say what set them, and what initial follows", () => {
  assert.match(text, /maintenance: 24\.0 h; price loss 10\.74 % at a volatility of 71\.0 %, from the Student-t tail/);
  assert.match(text, /initial: 24\.0 h; price loss 10\.74 % at a volatility of 64\.6 %/);
  assert.match(text, /initial follows today's volatility/);
});

test("the exposure limit is shown from the model to the chain, with what sells, what falls due and the rule", () => {
  const section = text.slice(text.indexOf("Exposure limit\n")).split("\n\n")[0] ?? "";
  assert.match(section, /target, from the model +60,593 tokens {2}\$182\.05 M/);
  assert.match(section, /proposed, after limits +12,000 tokens {2}follows: governance maximum/);
  assert.match(section, /on chain now +12,000 tokens/);
  const why =
    /\$14\.98 M sell within 4 h .*; when the price falls by 25\.16 %, 8\.23 % of what a lender holds falls due/;
  assert.match(section.replaceAll(/\s+/g, " "), why);
  assert.match(renderExplain(anExplanation({ priceUsd: null })), /target, from the model +no price {2}\$182\.05 M/);
});

test("both waterfalls show every step with its basis points and origin, and their exact sum", () => {
  for (const [side, total] of [
    ["Maintenance", "1,668"],
    ["Initial", "2,217"],
  ] as const) {
    const section = text.slice(text.indexOf(`${side} haircut, from the model`));
    const body = section.slice(0, section.indexOf("\n\n"));
    const steps = [...body.matchAll(/([+-][\d,]+) bp/g)].map((match) => Number(match[1]?.replaceAll(",", "")));
    assert.equal(
      steps.reduce((sum, step) => sum + step, 0),
      Number(total.replace(",", "")),
      side,
    );
    assert.match(body, new RegExp(`sum +${total} bp`));
    assert.match(body, /liquidation bonus.*\n +1\/\(1 \+ 5\.00 %\), paid to liquidators/);
  }
});

test("it goes from target to proposal to decision to the chain, with the adjustments in words", () => {
  assert.match(text, /target, from the model +22\.17 % {2}\(LTV 77\.83 %\) +16\.68 % {2}\(LT 83\.32 %\)/);
  assert.match(text, /on chain now +22\.00 % {2}\(LTV 78\.00 %\) +16\.50 % {2}\(LT 83\.50 %\)/);
  assert.match(text, /initial: dead band: 22\.29 % -> 22\.17 % \(-12 bp\)/);
  assert.match(
    text,
    /hold: write nothing .*, exposure\n {2}limit 12,000 tokens\)\n {4}DEAD_BAND +the change is smaller than the dead band/,
  );
  assert.match(text, /maintenance moves to 16\.68 % at no\s+more than 300 bp in 30 days/);
});

test("a market that is not listed yet, and one without a price, are said so", () => {
  assert.match(renderExplain({ ...anExplanation(), onChain: null }), /on chain now +not listed +not listed/);
  assert.match(renderExplain(anExplanation({ priceUsd: null })), /no price/);
});

test("a stale value on chain is said to be stale, with what follows from it", () => {
  const explanation = anExplanation();
  const { onChain } = explanation;
  assert.ok(onChain !== null);
  const stale = { ...explanation, onChain: { ...onChain, asOf: onChain.asOf - 864_000 } };
  assert.match(renderExplain(stale).replaceAll(/\s+/g, " "), /stale: initial tightens, maintenance does not move/);
});

test("a maintenance that is at its target, or moves down to it, is said so", () => {
  const explanation = anExplanation();
  const { onChain } = explanation;
  assert.ok(onChain !== null);
  const at = (maintenanceTargetBps: number) =>
    renderExplain({ ...explanation, onChain: { ...onChain, maintenanceTargetBps } }).replaceAll(/\s+/g, " ");
  assert.match(
    at(onChain.maintenanceBps),
    /mode NORMAL; maintenance is at its target; loosening left in this window 50 bp/,
  );
  assert.match(at(onChain.maintenanceBps - 1), /maintenance moves to 16\.49 % at no more than 3000 bp in 30 days/);
  assert.match(at(onChain.maintenanceBps + 1), /maintenance moves to 16\.51 % at no more than 300 bp in 30 days/);
});

test("a value is stale only once it is older than the ttl", () => {
  const explanation = anExplanation();
  const { onChain, assessment } = explanation;
  assert.ok(onChain !== null);
  const old = (seconds: number) =>
    renderExplain({ ...explanation, onChain: { ...onChain, asOf: assessment.now - seconds } }).replaceAll(/\s+/g, " ");
  assert.match(old(onChain.limits.ttlHours * 3_600), /24\.0 h old \(fresh\)/);
  assert.match(old(onChain.limits.ttlHours * 3_600 + 1), /24\.0 h old \(stale: /);
});

function without(source: "implied"): Explanation {
  const { assessment, ...rest } = anExplanation();
  const volatility = { ...assessment.risk.volatility, [source]: null };
  return { ...rest, assessment: { ...assessment, risk: { ...assessment.risk, volatility } } };
}

test("a tripped writer and a class that a guardian holds are said in words, in place of what is left to loosen", () => {
  const { onChain, ...rest } = anExplanation();
  assert.ok(onChain !== null);
  const tripped = { ...onChain, writer: { ...onChain.writer, tightenOnly: true } };
  for (const changed of [tripped, { ...onChain, classHeldUntil: rest.assessment.now + 1 }]) {
    const said = renderExplain({ ...rest, onChain: changed }).replaceAll(/\s+/g, " ");
    assert.match(said, /; nothing may loosen: the writer has tripped, or a guardian holds the class; value /);
    assert.doesNotMatch(said, /loosening left/);
  }
});

import { sourceHealth } from "../../dashboard/sourceHealth.ts";
import type { Explanation } from "../../dashboard/status.ts";
import { NEVER_LAPSES } from "../../domain/contract.ts";
import { type OnChainMarket, REASONS, type Reason } from "../../domain/decision.ts";
import { bpsPercent, moment, price, signedBps, span } from "../../domain/format.ts";
import { haircutToBpsUp } from "../../domain/units.ts";
import { sensitivity, whatWouldMove } from "../../model/explain/sensitivity.ts";
import { aggregateLeftBps, windowLeftBps } from "../../policy/loosening.ts";
import { left, type Paint, painter, right, WIDTH, wrap } from "./layout.ts";
import { REACH_BPS, reachLines, sensitivityLines } from "./moveLines.ts";
import { depthLines, horizonLines, volatilityLines } from "./riskLines.ts";
import { waterfallLines } from "./waterfall.ts";

/** The whole reasoning about one market as text, at most 100 columns wide, readable without colour. */
export function renderExplain(explanation: Explanation, colour = false): string {
  const paint = painter(colour);
  const { assessment, waterfalls, model } = explanation;
  const section = (title: string, lines: readonly string[]): string[] => [paint("heading", title), ...lines, ""];
  return [
    ...headline(explanation, paint),
    ...section("Decision", decisionLines(explanation)),
    ...section("Haircuts", haircutLines(explanation, paint)),
    ...section("Sources", sourceLines(explanation, paint)),
    ...section("Volatility, percent a year", volatilityLines(assessment.risk, paint)),
    ...section("Depth", depthLines(assessment.risk)),
    ...section("Horizon and loss", horizonLines(assessment)),
    ...section("Maintenance haircut, from the model", waterfallLines(waterfalls.maintenance, "maintenance", paint)),
    ...section("Initial haircut, from the model", waterfallLines(waterfalls.initial, "initial", paint)),
    ...section("What moves the model's haircuts", sensitivityLines(sensitivity(assessment.risk, model))),
    ...section("What would have to happen", reachLines(whatWouldMove(assessment.risk, model, REACH_BPS), REACH_BPS)),
  ].join("\n");
}

function headline({ assessment }: Explanation, paint: Paint): string[] {
  const { market, now, readings, risk } = assessment;
  const facts = [
    moment(now),
    `price ${price(readings.priceUsd)}`,
    `oldest datum ${span(Math.max(0, now - readings.asOf))} old`,
    `confidence ${risk.confidence.toFixed(2)}`,
  ];
  return [`${paint("heading", market)}   ${facts.join("   ")}`, "=".repeat(WIDTH), ""];
}

function decisionLines({ assessment }: Explanation): string[] {
  const { action, reasons, initialBps, maintenanceTargetBps } = assessment.decision;
  const values = `initial ${bpsPercent(initialBps)}, maintenance target ${bpsPercent(maintenanceTargetBps)}`;
  const verb = action === "submit" ? `submit: write ${values}` : `hold: write nothing (it would have been ${values})`;
  return [`  ${verb}`, ...reasons.flatMap((reason) => reasonLines(reason))];
}

function reasonLines(reason: Reason): string[] {
  const [first = "", ...rest] = wrap(REASONS[reason], WIDTH, 22);
  return [`    ${left(reason, 18)}${first.trimStart()}`, ...rest];
}

function haircutLines({ assessment, onChain }: Explanation, paint: Paint): string[] {
  const { target, proposed, decision } = assessment;
  const row = (name: string, initial: string, maintenance: string): string =>
    `  ${left(name, 32)}${paint("initial", left(initial, 32))}${paint("maintenance", maintenance)}`.trimEnd();
  const both = (name: string, initial: number, maintenance: number): string =>
    row(name, `${bpsPercent(initial)}  (LTV ${bpsPercent(10_000 - initial)})`, lt(maintenance));
  const lines = [
    row("", "initial", "maintenance"),
    both("target, from the model", haircutToBpsUp(target.initial), haircutToBpsUp(target.maintenance)),
    both("proposed, after limits", proposed.initialBps, proposed.maintenanceTargetBps),
    both("decided", decision.initialBps, decision.maintenanceTargetBps),
    onChain === null
      ? row("on chain now", "not listed", "not listed")
      : both("on chain now", onChain.initialBps, onChain.maintenanceBps),
  ];
  for (const { side, rule, fromBps, toBps } of proposed.adjustments) {
    const change = `${bpsPercent(fromBps)} -> ${bpsPercent(toBps)} (${signedBps(toBps - fromBps)})`;
    lines.push(...wrap(`${side}: ${rule}: ${change}`, WIDTH, 4));
  }
  if (onChain !== null) lines.push(...chainLines(onChain, assessment.now));
  return lines;
}

function lt(maintenance: number): string {
  return `${bpsPercent(maintenance)}  (LT ${bpsPercent(10_000 - maintenance)})`;
}

function chainLines(chain: OnChainMarket, now: number): string[] {
  const { profile } = chain;
  const speed =
    chain.maintenanceTargetBps >= chain.maintenanceBps ? profile.tightenSpeedBpsPerDay : profile.loosenSpeedBpsPerDay;
  const moves =
    chain.maintenanceTargetBps === chain.maintenanceBps
      ? "maintenance stands at its target"
      : `maintenance moves to ${bpsPercent(chain.maintenanceTargetBps)} at no more than ${speed} bp a day`;
  const age = Math.max(0, now - chain.asOf);
  const stale = age > profile.ttlSeconds ? "stale: initial tightens, maintenance stands still" : "fresh";
  const room = `loosening left in this window ${windowLeftBps(chain)} bp, of all markets ${aggregateLeftBps(chain.door)} bp`;
  const budget = chain.door.tightenOnly ? "the breaker has tripped: tightening only" : room;
  const pending = chain.pending === null ? "" : `; in flight: initial ${bpsPercent(chain.pending.initialBps)}`;
  return wrap(
    `chain: class ${chain.classId}, mode ${modeWords(chain)}; ${moves}; ${budget}; value ${span(age)} old (${stale})${pending}`,
    WIDTH,
    4,
  );
}

function modeWords({ mode, modeUntil }: OnChainMarket): string {
  return mode === "NORMAL" || modeUntil >= NEVER_LAPSES ? mode : `${mode} until ${moment(modeUntil)}`;
}

function sourceLines({ assessment }: Explanation, paint: Paint): string[] {
  const lines = sourceHealth(assessment).flatMap(({ source, role, ageSeconds, state, faults }) => {
    const age = ageSeconds === null ? "none" : span(ageSeconds);
    const style = state === "ok" ? "good" : state === "degraded" ? "warning" : "bad";
    const head = `  ${left(role, 10)}${left(source, 44)}${right(age, 10)} old   ${paint(style, state)}`;
    const details = faults.map(({ code, detail, count }) => `${code}${count === null ? "" : ` x${count}`}: ${detail}`);
    return [
      ageSeconds === null ? head.replace("none old", "no data ") : head,
      ...details.flatMap((line) => wrap(line, WIDTH, 12)),
    ];
  });
  return lines.length === 0 ? ["  none"] : lines;
}

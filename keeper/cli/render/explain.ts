import { arrivalStatus } from "../../dashboard/arrivals.ts";
import { marketStatus, positionsStatus } from "../../dashboard/marketStatus.ts";
import { sourceHealth } from "../../dashboard/sourceHealth.ts";
import type { ExplainedEvidence, Explanation } from "../../dashboard/status.ts";
import { agesFrom, HOUR_SECONDS } from "../../domain/calendar.ts";
import { NEVER_LAPSES, tokensOf } from "../../domain/contract.ts";
import {
  type Assessment,
  type HaircutBreakdown,
  type OnChainMarket,
  REASONS,
  type Reason,
} from "../../domain/decision.ts";
import { bpsPercent, moment, percent, price, signedBps, span, usd } from "../../domain/format.ts";
import { haircutToBpsUp } from "../../domain/numbers.ts";
import type { ClaimReading, Risk } from "../../domain/risk.ts";
import { REACH_BPS, sensitivity, whatWouldMove } from "../../model/explain/sensitivity.ts";
import { aggregateLeftBps, windowLeftBps } from "../../policy/loosening.ts";
import { reachLines, sensitivityLines, waterfallLines } from "./haircut.ts";
import { bar, left, type Paint, painter, right, WIDTH, wrap } from "./layout.ts";
import { limitLines, limitWords } from "./limit.ts";
import { positionLines } from "./positions.ts";
import { bindingWords, CAUSES, LADDER_WORDS } from "./words.ts";

/** The whole reasoning about one market as text, at most 100 columns wide, readable without colour. */
export function renderExplain(
  explanation: Explanation,
  colour = false,
  evidence: ExplainedEvidence | null = null,
): string {
  const paint = painter(colour);
  const { assessment, waterfalls, model, positions } = explanation;
  const books = positions === undefined ? [] : positionLines(positionsStatus(positions, assessment), 2);
  const section = (title: string, lines: readonly string[]): string[] => [paint("heading", title), ...lines, ""];
  return [
    ...headline(explanation, paint),
    ...(evidence === null ? [] : [...evidenceLines(evidence), ""]),
    ...section("Decision", decisionLines(explanation)),
    ...section("Haircuts", haircutLines(explanation, paint)),
    ...section("Exposure limit", limitLines(explanation)),
    ...(books.length === 0 ? [] : section("Lenders' books", books)),
    ...section("Sources", sourceLines(explanation, paint)),
    ...section("Volatility, percent a year", volatilityLines(assessment, paint)),
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

function evidenceLines({ hash, modelVersion, recorded, cause }: ExplainedEvidence): string[] {
  const values = `recorded: ${numberWords(recorded)}`;
  const line = `model version ${modelVersion}; ${values}; decided again: ${CAUSES[cause]}`;
  return [`evidence ${hash}`, ...wrap(line, WIDTH, 2)];
}

function decisionLines(explanation: Explanation): string[] {
  const { assessment } = explanation;
  const { action, reasons } = assessment.decision;
  const values = numberWords(assessment.decision);
  const verb = action === "submit" ? `submit: write ${values}` : `hold: write nothing (it would have been ${values})`;
  return [
    ...wrap(verb, WIDTH, 2),
    ...reasons.flatMap((reason) => reasonLines(reason)),
    ...arrivalLines(arrivalStatus(explanation)),
  ];
}

/** On chain now, why, and when it meets what the model asks for: a sentence for each of the three numbers. */
function arrivalLines(arrivals: ReturnType<typeof arrivalStatus>): string[] {
  if (arrivals === null) return [];
  const { initial, maintenance, exposureLimit } = arrivals;
  const rows = { "initial on chain": initial, "maintenance on chain": maintenance, "limit on chain": exposureLimit };
  return Object.entries(rows).flatMap(([name, { words }]) => wrap(`${name}: ${words}`, WIDTH, 2));
}

function numberWords({ initialBps, maintenanceTargetBps, limit }: ExplainedEvidence["recorded"]): string {
  const haircuts = `initial ${bpsPercent(initialBps)}, maintenance target ${bpsPercent(maintenanceTargetBps)}`;
  return `${haircuts}, exposure limit ${limitWords(limit)}`;
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
  const { limits, writer } = chain;
  const speed =
    chain.maintenanceTargetBps >= chain.maintenanceBps
      ? limits.tightenSpeedBpsPer30Days
      : limits.loosenSpeedBpsPer30Days;
  const moves =
    chain.maintenanceTargetBps === chain.maintenanceBps
      ? "maintenance is at its target"
      : `maintenance moves to ${bpsPercent(chain.maintenanceTargetBps)} at no more than ${speed} bp in 30 days`;
  const age = Math.max(0, now - chain.asOf);
  const stale =
    now - agesFrom(chain) > limits.ttlHours * HOUR_SECONDS
      ? "stale: initial tightens, maintenance does not move"
      : "fresh";
  const room = `loosening left in this window ${windowLeftBps(chain)} bp, of all markets ${aggregateLeftBps(writer)} bp`;
  const budget =
    writer.tightenOnly || chain.classHeldUntil > now
      ? "nothing may loosen: the writer has tripped, or a guardian holds the class"
      : room;
  const pending = chain.pending === null ? "" : `; in flight: ${numberWords(chain.pending)}`;
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
  const lines = sourceHealth(assessment).flatMap(({ source, role, ageSeconds, state, used, faults }) => {
    const age = ageSeconds === null ? "none" : span(ageSeconds);
    const style = state === "ok" ? "good" : state === "degraded" ? "warning" : "bad";
    const words = used || state === "down" ? state : state === "ok" ? "check" : `${state}, check only`;
    const head = `  ${left(role, 10)}${left(source, 44)}${right(age, 10)} old   ${paint(style, words)}`;
    const details = faults.map(({ code, detail, count }) => `${code}${count === null ? "" : ` x${count}`}: ${detail}`);
    return [
      ageSeconds === null ? head.replace("none old", "no data ") : head,
      ...details.flatMap((line) => wrap(line, WIDTH, 12)),
    ];
  });
  return lines.length === 0 ? ["  none"] : lines;
}

const BAR = 36;

/** Volatility by source with bars, the rung of the ladder, and which floor binds. */
function volatilityLines({ risk: { volatility }, target }: Assessment, paint: Paint): string[] {
  const { level, multiplier, pooled, used, binding, longRun, historyDays } = volatility;
  const counted = target.maintenanceTerms.volatility;
  const rows: readonly (readonly [string, number | null])[] = [
    ["options surface, at the horizon", volatility.implied],
    ["options, risk-neutral tail", volatility.riskNeutral],
    ["volatility index", volatility.index],
    ...(volatility.transferImplied === null
      ? []
      : [["options of the listed underlying", volatility.transferImplied] as const]),
    ["realised, log-HAR forecast", volatility.har],
    ["realised, EWMA", volatility.ewma],
    ["realised, long run", longRun],
    ...(historyDays === undefined || counted === longRun
      ? []
      : [[`${historyDays} days of it and a typical year`, counted] as const]),
    ["pooled", pooled],
    ["used, after floors and multiplier", used],
  ];
  const full = Math.max(...rows.map(([, value]) => value ?? 0));
  const lines = rows.map(([name, value]) => {
    const drawn = value === null ? "nothing to say" : bar(0, value, full, BAR);
    return `  ${left(name, 36)}${right(percent(value, 1), 9)}  ${value === null ? paint("quiet", drawn) : drawn}`.trimEnd();
  });
  const words = `ladder ${level} (${LADDER_WORDS[level] ?? level}), multiplier ${multiplier.toFixed(2)}; what binds: ${bindingWords(binding)}`;
  return [...lines, ...wrap(words, WIDTH, 4)];
}

/** Depth now and after the manipulation-resistant minimum. */
function depthLines({ depth, dailyVolumeUsd }: Risk): string[] {
  return [
    `  ${left("sellable now", 36)}${right(usd(depth.nowUsd), 12)}  at an average slippage of ${percent(depth.maxSlippage)} or less`,
    `  ${left("counted, after the minimum over time", 36)}${right(usd(depth.robustUsd), 12)}`,
    ...wrap(`what binds: ${bindingWords(depth.binding)}`, WIDTH, 4),
    `  ${left("history behind it", 36)}${right(span(depth.historyHours * HOUR_SECONDS), 12)}`,
    `  ${left("median daily volume", 36)}${right(usd(dailyVolumeUsd), 12)}`,
  ];
}

/** Horizon and price loss of both haircuts, and what initial follows. */
function horizonLines({ readings: { claim }, target }: Assessment): string[] {
  const side = (name: string, terms: HaircutBreakdown): string[] => {
    const loss = `price loss ${percent(terms.loss)} at a volatility of ${percent(terms.volatility, 1)}, from ${bindingWords(terms.lossBinding)}`;
    return wrap(`${name}: ${terms.horizonHours.toFixed(1)} h; ${loss}`, WIDTH, 2);
  };
  return [
    ...side("maintenance", target.maintenanceTerms),
    ...side("initial", target.initialTerms),
    ...wrap(`initial follows ${bindingWords(target.initialBinding)}`, WIDTH, 2),
    ...(claim === undefined ? [] : wrap(claimWords(claim), WIDTH, 2)),
  ];
}

function claimWords({ rate, believedRate, discount }: ClaimReading): string {
  const held = rate !== null && believedRate !== null && believedRate < rate;
  const counted = held ? `, of which ${believedRate.toPrecision(7)} counts` : "";
  const by = rate === null ? "" : ` at a rate of ${rate.toPrecision(7)}${counted}`;
  const below = discount === null ? "how far below its claim is not known" : `${percent(discount)} below its claim`;
  return `a claim${by}: ${below}`;
}

/** The whole reasoning about one market with stable field names; fields and units in JSON.md. */
export function explainJson(explanation: Explanation, evidence: ExplainedEvidence | null = null) {
  const { readings, risk, target, proposed, decision } = explanation.assessment;
  const status = marketStatus(explanation);
  const { depth, volatility } = risk;
  return {
    ...{ ...status, positions: positionsStatus(explanation.positions, explanation.assessment) },
    evidence:
      evidence === null
        ? null
        : {
            ...{ hash: evidence.hash, modelVersion: evidence.modelVersion, cause: evidence.cause },
            initialBps: evidence.recorded.initialBps,
            maintenanceTargetBps: evidence.recorded.maintenanceTargetBps,
            exposureLimitTokens: Number(tokensOf(evidence.recorded.limit)),
          },
    volatility: { ...status.volatility, pooled: volatility.pooled, multiplier: volatility.multiplier },
    depth: {
      maxSlippage: depth.maxSlippage,
      nowUsd: depth.nowUsd,
      robustUsd: depth.robustUsd,
      binding: depth.binding,
      historyHours: depth.historyHours,
    },
    tail: { historical: risk.tail.historical, riskNeutral: risk.tail.riskNeutral },
    dailyVolumeUsd: risk.dailyVolumeUsd,
    oracleDeviation: risk.oracleDeviation,
    claim: {
      rate: readings.claim?.rate ?? null,
      believedRate: readings.claim?.believedRate ?? null,
      discount: readings.claim?.discount ?? null,
    },
    sensitivities: sensitivity(risk, explanation.model),
    reach: whatWouldMove(risk, explanation.model, REACH_BPS),
    maintenance: breakdown(target.maintenanceTerms),
    initial: { binding: target.initialBinding, ...breakdown(target.initialTerms) },
    proposed: {
      initialBps: proposed.initialBps,
      maintenanceTargetBps: proposed.maintenanceTargetBps,
      adjustments: proposed.adjustments.map(({ side, rule, fromBps, toBps }) => ({ side, rule, fromBps, toBps })),
    },
    decision: {
      ...status.decision,
      initialBps: decision.initialBps,
      maintenanceTargetBps: decision.maintenanceTargetBps,
      exposureLimitTokens: Number(tokensOf(decision.limit)),
      asOf: decision.asOf,
      confidence: decision.confidence,
      sources: decision.sources,
      breaker: decision.breaker,
    },
  };
}

function breakdown(part: HaircutBreakdown) {
  const { haircut, liquidationThreshold, volatility, horizonHours, tailMultiple, loss, lossBinding } = part;
  const { oracleError, idiosyncratic, depeg = null, bonus } = part;
  return {
    ...{ haircut, liquidationThreshold, volatility, horizonHours, tailMultiple, loss, lossBinding },
    ...{ oracleError, idiosyncratic, depeg, bonus },
  };
}

import { tokensOf } from "../../domain/contract.ts";
import { bpsPercent, limitTokens, percent, price, shortHash, usd } from "../../domain/format.ts";
import { haircutToBpsUp } from "../../domain/numbers.ts";
import type { CycleEntry } from "../../operations/summary.ts";
import { left, painter, right } from "./layout.ts";

/** Columns: group over the title, title, width, side. Together at most 150 columns. */
const COLUMNS: readonly (readonly [string, string, number, "left" | "right"])[] = [
  ["", "time UTC", 11, "left"],
  ["", "market", 6, "left"],
  ["", "price", 10, "right"],
  ["volatility a year", "implied", 7, "right"],
  ["", "realised", 8, "right"],
  ["", "used", 7, "right"],
  ["", "depth", 9, "right"],
  ["target, %", "initial", 7, "right"],
  ["", "maint.", 6, "right"],
  ["on chain, % and tokens", "initial", 7, "right"],
  ["", "maint.", 6, "right"],
  ["", "limit", 8, "right"],
  ["", "action", 6, "left"],
  ["", "reason", 21, "left"],
  ["", "transaction", 14, "left"],
];

/** The header over the decision lines: groups, titles and a rule, without a newline at the end. */
export function renderDecisionHeader(colour = false): string {
  const paint = painter(colour);
  const groups = groupLine();
  const titles = row(COLUMNS.map(([, title]) => title));
  const rule = row(COLUMNS.map(([, , width]) => "-".repeat(width)));
  return [paint("quiet", groups), paint("heading", titles), paint("quiet", rule)].join("\n");
}

/**
 * One decision on one line of at most 150 columns: volatility by source and depth, target and on-chain haircuts in
 * percent, exposure limit in tokens, action, reason codes, transaction. On chain is what was read before acting.
 */
export function renderDecisionLine({ explanation, transaction }: CycleEntry, colour = false): string {
  const paint = painter(colour);
  const { assessment, onChain } = explanation;
  const { volatility, depth } = assessment.risk;
  const { target, decision } = assessment;
  const line = row([
    new Date(assessment.now * 1000).toISOString().slice(5, 16).replace("T", " "),
    assessment.market,
    price(assessment.readings.priceUsd),
    percent(volatility.implied ?? volatility.index, 1),
    percent(volatility.har ?? volatility.ewma, 1),
    percent(volatility.used, 1),
    usd(depth.robustUsd),
    bare(haircutToBpsUp(target.initial)),
    bare(haircutToBpsUp(target.maintenance)),
    onChain === null ? "-" : bare(onChain.initialBps),
    onChain === null ? "-" : bare(onChain.maintenanceBps),
    onChain === null ? "-" : limitTokens(Number(tokensOf(onChain.limit))),
    decision.action,
    decision.reasons.join(" "),
    transaction === null ? "" : shortHash(transaction.hash),
  ]);
  if (decision.breaker) return paint("warning", line);
  return decision.action === "hold" ? paint("quiet", line) : line;
}

function bare(bps: number): string {
  return bpsPercent(bps).replace(" %", "");
}

function groupLine(): string {
  let line = "";
  let column = 0;
  for (const [group, , width] of COLUMNS) {
    if (group !== "") line = line.padEnd(column) + group;
    column += width + 1;
  }
  return line;
}

function row(cells: readonly string[]): string {
  const padded = COLUMNS.map(([, , width, side], index) => (side === "left" ? left : right)(cells[index] ?? "", width));
  return padded.join(" ").trimEnd();
}

/** @import { CalibrationStatus, LenderStatus, SeriesPoint, SourceHealth, TransactionStatus } from "../status.ts" */
import { element, explorerLink, mark, table } from "./dom.js";
import { bpsPercent, moment, percent, price, shortHash, span, tokens } from "./format.js";

const TONES = { ok: "good", degraded: "warning", down: "bad" };

/** @type {Record<string, [words: string, tone: string]>} */
const STATUSES = {
  PLANNED: ["planned", "warning"],
  SENT: ["sent", "warning"],
  UNKNOWN: ["unknown", "bad"],
  CONFIRMED: ["confirmed", "good"],
  REVERTED: ["reverted", "bad"],
  DROPPED: ["dropped", "bad"],
  SUPERSEDED: ["superseded", "warning"],
};

/** @param {readonly SourceHealth[]} sources */
export function sourcesTable(sources) {
  if (sources.length === 0) return element("p", { class: "quiet" }, "No source has answered yet.");
  const columns = [
    { title: "Source" },
    { title: "Role" },
    { title: "Age", number: true },
    { title: "State" },
    { title: "Faults" },
  ];
  const rows = sources.map(({ source, role, ageSeconds, state, used, faults }) => [
    element("code", {}, source),
    role,
    ageSeconds === null ? "none" : span(ageSeconds),
    mark(stateWords(state, used), TONES[state]),
    faults.length === 0 ? element("span", { class: "quiet" }, "none") : faultList(faults),
  ]);
  return table("Health of the sources", columns, rows);
}

/** @param {SourceHealth["state"]} state @param {boolean} used */
function stateWords(state, used) {
  if (state === "down") return "not usable";
  return `${used ? "in use" : "check only"}${state === "degraded" ? ", with faults" : ""}`;
}

/** @param {SourceHealth["faults"]} faults */
function faultList(faults) {
  const items = faults.map(({ code, detail, count }) => {
    return element("li", {}, element("code", {}, count === null ? code : `${code} ×${count}`), ` ${detail}`);
  });
  return element("ul", { class: "faults" }, ...items);
}

/** How the promises behind the haircuts of all markets were kept. @param {readonly CalibrationStatus[]} rows */
export function calibrationTable(rows) {
  if (rows.every(({ windows }) => windows === 0)) {
    return element("p", { class: "quiet" }, "No horizon is over yet: the first ends after the first full day.");
  }
  const columns = [
    ...[{ title: "Market" }, { title: "Haircut" }, { title: "Horizons", number: true }],
    ...[
      { title: "Exceeded", number: true },
      { title: "Promised", number: true },
    ],
    ...[{ title: "Evidence", number: true }, { title: "Promise" }],
  ];
  const cells = rows.map(({ market, haircut, windows, exceeded, promised, evidence }) => [
    ...[market, haircut, String(windows), String(exceeded), percent(promised), percent(evidence)],
    evidence >= 1 ? mark("broken", "bad") : mark("kept", "good"),
  ]);
  return table("How often the price fell by more than was promised", columns, cells);
}

/** What lenders have of a market beside what the contract says, at a time. @param {readonly LenderStatus[]} rows @param {number} time */
export function lendersTable(rows, time) {
  const columns = [
    ...[{ title: "Lender" }, { title: "Has", number: true }, { title: "Contract says", number: true }],
    ...[{ title: "State" }, { title: "Differs for" }, { title: "Next in" }, { title: "Why" }],
  ];
  /** @param {LenderStatus["has"]} of */
  const numbers = (of) => {
    if (of === null) return "not read";
    const cap = of.supplyCap === null ? "no cap" : tokens(of.supplyCap);
    return `${bpsPercent(of.ltvBps)} / ${bpsPercent(of.thresholdBps)}, ${cap}`;
  };
  /** @param {number | null} from @param {number | null} to */
  const lasting = (from, to) => (from === null || to === null ? "-" : span(Math.max(0, to - from)));
  const cells = rows.map(({ lender, has, says, state, since, nextAt, words }) => [
    ...[lender, numbers(has), numbers(says)],
    mark(state, since === null ? "good" : "warning"),
    ...[lasting(since, time), lasting(time, nextAt), element("span", { class: "said" }, words)],
  ]);
  return table("What lenders have of this market", columns, cells);
}

const NEWEST = 8;

/** The newest transactions, and the number of older ones. @param {readonly TransactionStatus[]} transactions @param {string | null | undefined} explorer */
export function transactionsTable(transactions, explorer) {
  if (transactions.length === 0) return element("p", { class: "quiet" }, "Nothing has been sent yet.");
  const older = transactions.length - NEWEST;
  const more = older > 0 ? `${older} older at /api/status and with tonsor status --json.` : "";
  return element(
    "div",
    {},
    transactionRows(transactions.slice(0, NEWEST), explorer),
    element("p", { class: "quiet" }, more),
  );
}

/** @param {readonly TransactionStatus[]} transactions @param {string | null | undefined} explorer */
function transactionRows(transactions, explorer) {
  const columns = [
    { title: "Time" },
    { title: "Batch", number: true },
    { title: "Markets" },
    { title: "Transaction" },
    { title: "Status" },
    { title: "Evidence" },
  ];
  const rows = transactions.map(({ time, sequence, markets, hash, status, evidenceHash }) => [
    moment(time),
    String(sequence),
    markets.length > 3 ? `${markets.slice(0, 2).join(", ")} and ${markets.length - 2} more` : markets.join(", "),
    explorerLink(explorer, "tx", hash, shortHash(hash)),
    mark(...(STATUSES[status] ?? [status, "warning"])),
    element("a", { href: `/evidence/${evidenceHash}`, title: evidenceHash }, shortHash(evidenceHash)),
  ]);
  return table("Last transactions, newest first", columns, rows);
}

/** Points of the table; the rest is in the CSV. */
const MOST_POINTS = 500;

/** @param {readonly SeriesPoint[]} points */
export function pointsTable(points) {
  const number = true;
  const columns = [
    { title: "Time" },
    { title: "Price", number },
    { title: "Volatility a year", number },
    { title: "Initial, target", number },
    { title: "Initial, on chain", number },
    { title: "Maintenance, target", number },
    { title: "Maintenance, on chain", number },
    { title: "Limit, target", number },
    { title: "Limit, on chain", number },
  ];
  const rows = points
    .slice(-MOST_POINTS)
    .toReversed()
    .map((point) => [
      moment(point.time),
      price(point.priceUsd),
      percent(point.volatility),
      bpsPercent(point.targetInitialBps),
      bpsPercent(point.onChainInitialBps),
      bpsPercent(point.targetMaintenanceBps),
      bpsPercent(point.onChainMaintenanceBps),
      inTokens(point.targetExposureLimitTokens),
      inTokens(point.onChainExposureLimitTokens),
    ]);
  return table("Haircuts, limit, volatility and price, newest first", columns, rows);
}

/** @param {number | null} amount */
function inTokens(amount) {
  return amount === null ? "no value" : tokens(amount);
}

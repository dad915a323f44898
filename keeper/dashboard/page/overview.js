/** @import { MarketStatus, StatusSnapshot } from "../status.ts" */
/** @import { Market } from "./state.js" */
import { element, mark } from "./dom.js";
import { bpsPercent, moment, percent, price, span, tokens, usd } from "./format.js";
import { limitUsed, marketState, NONE, worstState } from "./state.js";

const KINDS = { recorded: "Recorded data", generated: "Generated sample", replay: "Replay", live: "Live data" };

/** When the figures were read. @param {StatusSnapshot} snapshot */
export function stateLine({ keeper, time }) {
  return [element("span", {}, `${moment(time)} UTC`), element("span", {}, `${keeper.cycles} cycles`)];
}

/**
 * How the keeper is, in one place: its state and, in the words of `/ready` and of alerts, what is not as it should be.
 * @param {StatusSnapshot} snapshot
 */
export function banner(snapshot) {
  const { state, message, tone } = worstState(snapshot);
  return [mark(state, tone), element("span", {}, message)];
}

/** Which data is played, and how far. @param {StatusSnapshot} snapshot */
export function dataBanner({ data, replay }) {
  const words = element("p", {}, element("strong", {}, KINDS[data.kind]), ` ${data.label}`);
  if (replay === null) return [words];
  const { from, to, clock, speed } = replay;
  const share = to > from ? Math.min(1, Math.max(0, (clock - from) / (to - from))) : 1;
  const progress = element("progress", { max: 1, value: share.toFixed(4), "aria-label": "Progress of the replay" });
  const facts = element(
    "p",
    { class: "quiet" },
    `${moment(clock)} UTC, ${Math.round(share * 100)} % played, ${span(speed)} per second`,
  );
  return [words, element("div", { class: "progress" }, progress, facts)];
}

/** The figures of one market now. @param {Market} market @param {number} time */
export function overviewTiles(market, time) {
  const { onChain, target, volatility, arrivals } = market;
  return [
    tile("Initial", "initial", bpsPercent(onChain?.initialBps ?? null), [
      onChain === null ? "not listed on chain" : `LTV ${bpsPercent(10_000 - onChain.initialBps)}`,
      `target ${bpsPercent(target.initialBps)}`,
      ...(arrivals === null ? [] : [arrivals.initial.words]),
    ]),
    tile("Maintenance", "maintenance", bpsPercent(onChain?.maintenanceBps ?? null), [
      onChain === null ? "not listed on chain" : `LT ${bpsPercent(10_000 - onChain.maintenanceBps)}`,
      `target ${bpsPercent(target.maintenanceBps)}`,
      ...(arrivals === null ? [] : [arrivals.maintenance.words]),
    ]),
    limitTile(market),
    tile("Volatility used", "volatility", percent(volatility.used), [
      `implied ${impliedWords(volatility.implied ?? volatility.index)}`,
      `realised ${percent(volatility.har ?? volatility.ewma)}, ladder ${volatility.level}`,
    ]),
    tile("Price", "price", price(market.priceUsd), [
      `depth ${usd(market.depthUsd)}`,
      `confidence ${market.confidence.toFixed(2)}`,
    ]),
    decisionTile(market, time),
  ];
}

/** The exposure limit on chain, what the model asks for, and why. @param {Market} market */
function limitTile(market) {
  const { exposureLimit, onChain, arrivals, positions } = market;
  const { targetUsd, targetTokens, sellableUsd, windowHours, dueShare, fall } = exposureLimit;
  const asked = targetTokens === null ? usd(targetUsd) : `${tokens(targetTokens)} tokens, ${usd(targetUsd)}`;
  return tile("Exposure limit", "limit", onChain === null ? "no value" : tokens(onChain.exposureLimitTokens), [
    onChain === null ? "not listed on chain" : "tokens",
    `target ${asked}`,
    `${usd(sellableUsd)} sell in ${windowHours} h; a fall of ${percent(fall)} makes ${percent(dueShare)} due`,
    ...(arrivals === null ? [] : [arrivals.exposureLimit.words]),
    `used ${limitUsed(market)?.words ?? NONE}, value at risk ${positions.atRiskUsd === null ? NONE : usd(positions.atRiskUsd)}`,
  ]);
}

/** @param {number | null} implied */
function impliedWords(implied) {
  return implied === null ? "none" : percent(implied);
}

/** @param {MarketStatus} market @param {number} time */
function decisionTile(market, time) {
  const { decision, onChain } = market;
  const verb = decision.action === "submit" ? "Updated" : "Held";
  const why = decision.reasons.map(({ code, means }) => element("p", {}, element("code", {}, code), ` ${means}`));
  const age = onChain === null ? "" : `Data on chain is ${span(Math.max(0, time - onChain.asOf))} old`;
  const state = marketState(market).map(({ words, tone }) => element("p", {}, mark(words, tone)));
  return element(
    "article",
    { class: "tile decision" },
    element("h3", {}, "Last decision"),
    element("p", { class: "value" }, verb),
    ...why,
    element("p", { class: "quiet" }, age),
    ...state,
  );
}

/** @param {string} title @param {string} series @param {string} value @param {readonly string[]} notes */
function tile(title, series, value, notes) {
  const haircut =
    series === "initial" || series === "maintenance" ? [element("span", { class: "long" }, " haircut")] : [];
  const heading = element("h3", {}, element("i", { class: `swatch ${series}` }), title, ...haircut);
  return element(
    "article",
    { class: `tile ${series}` },
    heading,
    element("p", { class: "value" }, value),
    ...notes.map((note) => element("p", { class: "quiet" }, note)),
  );
}

/** @import { Market } from "./state.js" */
import { element, mark, table } from "./dom.js";
import { bpsPercent, moment, tokens, usd } from "./format.js";
import { arrivalOf, limitUsed, marketState, NONE } from "./state.js";

const RANK = { bad: 0, warning: 1, good: 2 };
/** So many names are said, then their number. */
const MOST_NAMES = 3;

/**
 * Every market in a row, those in trouble first.
 * @param {readonly Market[]} markets @param {string} selected
 */
export function marketsTable(markets, selected) {
  const columns = [
    ...[{ title: "Market" }, { title: "State" }, { title: "Initial", number: true }],
    ...[
      { title: "Maintenance", number: true },
      { title: "Exposure limit", number: true },
    ],
    ...[{ title: "What binds" }, { title: "Target met" }],
    ...[
      { title: "Value at risk", number: true },
      { title: "Limit used", number: true },
    ],
  ];
  const worst = (/** @type {Market} */ market) => RANK[marketState(market)[0]?.tone ?? "good"];
  const sorted = markets.toSorted((a, b) => worst(a) - worst(b));
  return table(
    "Every market",
    columns,
    sorted.map((market) => row(market, market.market === selected)),
  );
}

/** @param {Market} market @param {boolean} isSelected */
function row(market, isSelected) {
  const { onChain, target, exposureLimit, positions } = market;
  const { targetTokens } = exposureLimit;
  const arrival = arrivalOf(market);
  const used = limitUsed(market);
  const current = isSelected ? { "aria-current": "true" } : {};
  return [
    element("a", { href: `#${encodeURIComponent(market.market)}`, ...current }, market.market),
    element("div", {}, ...marketState(market).map(({ words, tone }) => element("div", {}, mark(words, tone)))),
    pair(onChain === null ? NONE : bpsPercent(onChain.initialBps), bpsPercent(target.initialBps)),
    pair(onChain === null ? NONE : bpsPercent(onChain.maintenanceBps), bpsPercent(target.maintenanceBps)),
    pair(
      onChain === null ? NONE : tokens(onChain.exposureLimitTokens),
      targetTokens === null ? NONE : tokens(targetTokens),
    ),
    arrival?.binds ?? NONE,
    arrival?.meets ?? NONE,
    positions.atRiskUsd === null ? NONE : element("span", weighed(market), usd(positions.atRiskUsd)),
    used === null ? NONE : mark(used.words, used.tone),
  ];
}

/** @param {Market} market @returns {Record<string, string>} */
function weighed({ positions: { time } }) {
  return time === null ? {} : { title: `as of ${moment(time)} UTC` };
}

/** @param {string} now @param {string} target */
function pair(now, target) {
  return element("div", {}, now, element("small", {}, element("span", { class: "hidden" }, "target "), target));
}

/** Why figures are missing, each reason with its markets. @param {readonly Market[]} markets */
export function whyUnknown(markets) {
  /** @type {Map<string, string[]>} */
  const reasons = new Map();
  const add = (/** @type {string} */ why, /** @type {string} */ name) =>
    reasons.set(why, [...(reasons.get(why) ?? []), name]);
  for (const { market, onChain, positions, priceUsd } of markets) {
    if (onChain === null) add("the contract does not list it", market);
    if (positions.why !== null) add(`no value at risk and share: ${positions.why}`, market);
    else if (positions.collateralTokens === null) add("no share of the limit: there was no price", market);
    if (priceUsd === null) add("no target in tokens: there is no price", market);
  }
  return [...reasons].map(([why, names]) => {
    const which = names.length > MOST_NAMES ? `${names.length} markets` : names.join(", ");
    return element("p", { class: "quiet" }, `${NONE} ${which}: ${why}.`);
  });
}

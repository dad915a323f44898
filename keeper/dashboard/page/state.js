/** @import { MarketStatus, StatusSnapshot } from "../status.ts" */
import { moment, percent, span } from "./format.js";

/** @typedef {StatusSnapshot["markets"][number]} Market */

/** What is not known. */
export const NONE = "\u2014";

/**
 * How a market is, the worst first; one green entry where nothing is out of the ordinary.
 * @param {MarketStatus} market
 * @returns {{ words: string, tone: "good" | "warning" | "bad" }[]}
 * @example marketState(calm) // [{ words: "normal", tone: "good" }]
 */
export function marketState({ onChain, dataState }) {
  /** @type {ReturnType<typeof marketState>} */
  const found = [];
  if (onChain === null) found.push({ words: "not listed", tone: "bad" });
  if (onChain?.stale) found.push({ words: "stale: initial closed", tone: "bad" });
  if (dataState === "HALTED") found.push({ words: "data HALTED", tone: "bad" });
  if (onChain !== null && onChain.mode !== "NORMAL") {
    const until = onChain.modeUntil === null ? "until lifted" : `until ${moment(onChain.modeUntil)}`;
    found.push({ words: `${onChain.mode} ${until}`, tone: "warning" });
  }
  if (onChain?.tightenOnly) found.push({ words: "tighten-only", tone: "warning" });
  if (dataState !== "NORMAL" && dataState !== "HALTED") found.push({ words: `data ${dataState}`, tone: "warning" });
  return found.length > 0 ? found : [{ words: "normal", tone: "good" }];
}

/**
 * The number of a market that takes longest to meet the model, the rule that it follows, and how long all three take.
 * @param {MarketStatus} market
 * @returns {{ binds: string, meets: string } | null} null before it is listed
 * @example arrivalOf(calm) // { binds: "initial: today's volatility asks for it", meets: "met" }
 */
export function arrivalOf({ arrivals, time }) {
  if (arrivals === null) return null;
  const far = (/** @type {{ isAtRest: boolean, at: number | null }} */ one) =>
    one.isAtRest ? 0 : (one.at ?? Number.POSITIVE_INFINITY);
  const [[name, last]] = /** @type {[[string, typeof arrivals.initial]]} */ (
    Object.entries({
      initial: arrivals.initial,
      maintenance: arrivals.maintenance,
      limit: arrivals.exposureLimit,
    }).toSorted((a, b) => far(b[1]) - far(a[1]))
  );
  const binds = `${name}: ${last.because}`;
  if (last.isAtRest) return { binds, meets: "met" };
  return { binds, meets: last.at === null ? "not while held" : `in ${span(Math.max(0, last.at - time))}` };
}

/**
 * Share of the exposure limit on chain that the known positions hold.
 * @param {Market} market
 * @returns {{ words: string, tone: "good" | "bad" } | null} null where that is not known
 * @example limitUsed(withHalfOfIt) // { words: "50 %", tone: "good" }
 */
export function limitUsed({ positions: { collateralTokens }, onChain }) {
  if (collateralTokens === null || onChain === null) return null;
  const limit = onChain.exposureLimitTokens;
  const tone = collateralTokens > limit ? "bad" : "good";
  if (limit > 0) return { words: percent(collateralTokens / limit), tone };
  return collateralTokens > 0 ? { words: "the limit is 0", tone } : { words: percent(0), tone };
}

const RANK = { good: 0, warning: 1, bad: 2 };
const TONES = /** @type {const} */ ({ good: "good", warning: "warning", critical: "bad" });
/** So many markets are named. */
const MOST_SAID = 3;

/**
 * The worst of all that is said: in the keeper's words, the same as of `/ready` and alerts, unless a market is worse than the
 * keeper knows; then its words come first, so that nothing out of the ordinary stands under green.
 * @param {Pick<StatusSnapshot, "keeper" | "markets">} snapshot
 * @returns {{ state: string, message: string, tone: "good" | "warning" | "bad" }}
 */
export function worstState({ keeper, markets }) {
  const own = TONES[keeper.severity];
  const worse = markets.flatMap((market) => {
    const first = marketState(market)[0];
    return first !== undefined && RANK[first.tone] > RANK[own] ? [{ ...first, market: market.market }] : [];
  });
  const sorted = worse.toSorted((a, b) => RANK[b.tone] - RANK[a.tone]);
  const said = sorted.slice(0, MOST_SAID).map(({ market, words }) => `${market} ${words}`);
  const more = sorted.length > MOST_SAID ? [`and ${sorted.length - MOST_SAID} more markets`] : [];
  const message = [...said, ...more, keeper.message].join("; ");
  return { state: keeper.state, message, tone: sorted[0]?.tone ?? own };
}

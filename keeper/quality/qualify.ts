import type { MarketHistory } from "../domain/decision.ts";
import type { Fault } from "../domain/fault.ts";
import type { Observation, Observed, OptionBoard, PriceFeedAnswer, PriceHistory } from "../domain/observation.ts";
import { isClaimOnDebt, type MarketParameters } from "../domain/parameters.ts";
import { type Quarantined, type Readings, SOURCE_BITS } from "../domain/risk.ts";
import { sourcesOf } from "../domain/sourceNames.ts";
import { type Estimates, estimatesAt } from "../model/estimates.ts";
import { type Asked, againstMemory, ask, confidence } from "./acceptance.ts";
import {
  agreeBooks,
  crossCheck,
  indexPrice,
  MAJORITY,
  quarantineAfter,
  quarantineFaults,
  type Verdict,
  verdictsOn,
} from "./agreement.ts";
import { agreeBoards } from "./boardAgreement.ts";
import { judgeRate, pricesOfOne, readClaim } from "./claim.ts";
import { judgedHistory } from "./histories.ts";

/**
 * Readings of one market: every observation is accepted or held back with a named fault; nothing is repaired here. Each
 * source is judged by itself (`ask`), boards of several venues against each other (`agreeBoards`), pools against their own
 * past (`againstMemory`), prices against one another (`crossCheck`), books against the price (`agreeBooks`). A source that
 * disagreed stays out for a time (`quarantineAfter`): boards and books are set aside, a feed goes on to count with its deviation;
 * each costs agreement, so nothing loosens meanwhile.
 * Of a claim, board and candles are of what it is a claim on: they are held against pools and feed by its exchange rate
 * (`judgeRate`), and what lies below it is its discount, which is a risk and no fault.
 *
 * `asOf` is the event time of the oldest *live* datum accepted: boards, pools and books; of feed and history, which are late by
 * construction, only where nothing else is there.
 * @param observed everything asked for this market, in any order: the result does not depend on it
 * @param before sources in quarantine after the last cycle  @param estimates at `now`, shared with other markets
 * @param rates exchange rates remembered of the last week
 */
export function qualify(
  observed: readonly Observed[],
  market: MarketParameters,
  now: number,
  before: readonly Quarantined[] = [],
  estimates: Estimates = estimatesAt(now),
  rates: MarketHistory["rates"] = [],
): Readings {
  const asked = askAll(observed, market, now);
  const options = agreedBoards(asked.options, market, before, estimates);
  const transfer = agreedBoards(asked.transferOptions, market, before, estimates);
  const [ownBoard = null, ...otherOptions] = options.accepted;
  const pools = boundedRoute(asked, market, estimates);

  const feed = asked.feed.accepted;
  const live = { options: ownBoard, transferOptions: transfer.middle, route: pools.route, feed };
  const judged = judgeRate(acceptedOf(asked.rates)[0] ?? null, rates, market);
  const candles = judgedHistory(
    [asked.history, ...asked.otherHistories],
    pricesOfOne(live, market, judged.units),
    market,
    estimates,
  );
  const transferIndex = transfer.middle === null ? [] : [indexPrice(transfer.middle)];
  const transferCandles = judgedHistory(asked.transferHistory, transferIndex, market, estimates);
  const prices = crossCheck({ ...live, history: candles.history }, market, judged.units);
  const claim = readClaim({ ...live, feed: prices.feed }, judged, asked, market, estimates);
  const agreedBooks = agreeBooks(acceptedOf(asked.books), prices.priceUsd, market.quality.maxPriceDisagreement);
  const isPriced = prices.priceUsd !== null;
  const quarantine = quarantined(market, now, before, [
    ...options.verdicts,
    ...transfer.verdicts,
    ...(isPriced ? verdictsOn(acceptedOf(asked.books), agreedBooks.faults) : []),
    ...(isPriced && feed !== null ? verdictsOn([feed], prices.faults) : []),
  ]);
  const books = agreedBooks.accepted.filter((book) => !isOut(quarantine.out, book));

  const faults = [
    ...[...faultsOf(asked.options), ...options.faults, ...faultsOf(asked.transferOptions), ...transfer.faults],
    ...faultsOf([...asked.index, asked.history, ...asked.route.flat(), ...asked.memories]),
    ...pools.faults,
    ...faultsOf([asked.feed, ...asked.books, ...asked.otherHistories, ...asked.transferHistory]),
    ...[...candles.faults, ...transferCandles.faults, ...claim.faults],
    ...[...prices.faults, ...agreedBooks.faults, ...quarantine.faults],
  ];
  const board = ownBoard ?? transfer.middle;
  const index = asked.index[0]?.accepted ?? null;
  // A source whose price is no price, or not the others' price, does not count as live.
  const disagree = prices.faults.length + agreedBooks.faults.length + quarantine.faults.length;
  const wrong = options.wrong + transfer.wrong + disagree;
  return {
    asOf: asOf(now, [board, ...otherOptions, ...pools.route.flat(), ...books], [prices.feed, prices.history]),
    priceUsd: prices.priceUsd,
    options: ownBoard,
    ...(otherOptions.length > 0 ? { otherOptions } : {}),
    index,
    history: prices.history,
    transferOptions: transfer.middle,
    // One object where both are one history: it is read once.
    transferHistory:
      market.sources.transferHistory === market.sources.history ? prices.history : transferCandles.history,
    route: pools.route,
    ...(market.books === undefined ? {} : { books }),
    feed: prices.feed,
    ...claim.part,
    ...setAside(feed, prices.feed, candles.history, prices.history),
    faults,
    ...(quarantine.out.length > 0 ? { quarantine: quarantine.out } : {}),
    confidence: confidenceIn(Object.values(asked).flat(2), wrong, board, market, now),
    sources: sourceBits({
      options: ownBoard !== null,
      index: index !== null,
      history: prices.history !== null,
      transfer: transfer.middle !== null,
      pools: pools.route.every((hop) => hop.length > 0),
      books: books.length > 0 && books.length === market.books?.markets.length,
      feed: prices.feed !== null,
    }),
  };
}

/** Every source of a market, judged by itself. */
type AskedAll = ReturnType<typeof askAll>;

function askAll(observed: readonly Observed[], market: MarketParameters, now: number) {
  const { maxAgeSeconds, maxFutureSeconds } = market.quality;
  const asking =
    <K extends Observation["kind"]>(kinds: readonly K[], age: number) =>
    (source: string) =>
      ask(observed, kinds, source, { now, maxAgeSeconds: age, maxFutureSeconds });
  const board = asking(["optionBoard"], maxAgeSeconds.options);
  const candles = asking(["priceHistory"], maxAgeSeconds.history);
  const pool = asking(["pool", "stableSwapPool", "cryptoSwapPool"], maxAgeSeconds.pool);
  const names = sourcesOf(market);
  return {
    options: names.options.map(board),
    transferOptions: names.transferOptions.map(board),
    index: names.index.map(asking(["volatilityIndex"], maxAgeSeconds.index)),
    history: candles(names.history),
    otherHistories: names.otherHistories.map(candles),
    route: names.route.map((hop) => hop.map(pool)),
    memories: names.memories.map(asking(["poolMemory"], maxAgeSeconds.pool)),
    feed: asking(["priceFeed"], maxAgeSeconds.feed)(names.feed),
    books: names.books.map(asking(["orderBook"], market.books?.maxAgeSeconds ?? 0)),
    transferHistory: names.transferHistory.map(candles),
    rates: names.rates.map(asking(["exchangeRate"], maxAgeSeconds.pool)),
    ratioHistory: names.ratioHistory.map(candles),
  };
}

function acceptedOf<T extends Observation>(asked: readonly Asked<T>[]): readonly T[] {
  return asked.flatMap(({ accepted }) => accepted ?? []);
}

function faultsOf(asked: readonly Asked[]): readonly Fault[] {
  return asked.flatMap(({ faults }) => faults);
}

/** Boards of one currency that agree and are not in quarantine. */
type BoardsStep = ReturnType<typeof agreeBoards> & {
  readonly verdicts: readonly Verdict[];
  /** How many were set aside, or are one of two that contradict each other. */
  readonly wrong: number;
};

function agreedBoards(
  asked: readonly Asked<OptionBoard>[],
  market: MarketParameters,
  before: readonly Quarantined[],
  estimates: Estimates,
): BoardsStep {
  const boards = acceptedOf(asked);
  const agreed = agreeBoards(boards, market.quality, estimates);
  // Of two that differ neither is right by majority.
  const verdicts = boards.length >= MAJORITY ? verdictsOn(boards, agreed.faults) : [];
  const { out } = quarantined(market, estimates.now, before, verdicts);
  const trusted = boards.filter((board) => !isOut(out, board));
  const isWhole = trusted.length === 0 || agreed.accepted.every((board) => trusted.includes(board));
  const { accepted, middle } = isWhole ? agreed : agreeBoards(trusted, market.quality, estimates);
  const wrong = new Set(agreed.faults.map((found) => found.source)).size;
  return { accepted, middle, faults: agreed.faults, verdicts, wrong };
}

/** The accepted pools by hop, with no more liquidity than they had over their window where a market asks for that. */
function boundedRoute(asked: AskedAll, { poolMemory }: MarketParameters, { bounded }: Estimates) {
  const route = asked.route.map(acceptedOf);
  return poolMemory === undefined
    ? { route, faults: [] }
    : againstMemory(route, acceptedOf(asked.memories), poolMemory, bounded);
}

/** Sources in quarantine with these verdicts, and a fault for each that agrees by now. */
function quarantined(
  { quality }: MarketParameters,
  now: number,
  before: readonly Quarantined[],
  verdicts: readonly Verdict[],
): { readonly out: readonly Quarantined[]; readonly faults: readonly Fault[] } {
  const rules = quality.quarantine;
  if (rules === undefined) return { out: [], faults: [] };
  const known = new Map(verdicts);
  const out = quarantineAfter(before, known, now, rules);
  return { out, faults: quarantineFaults(out, known, now, rules) };
}

function isOut(out: readonly Quarantined[], { source }: Observation): boolean {
  return out.some(([name]) => name === source);
}

/** Confidence in what was asked; a claim on the debt has no options whose age and strikes count. */
function confidenceIn(
  asked: readonly Asked[],
  wrong: number,
  board: OptionBoard | null,
  market: MarketParameters,
  now: number,
): number {
  const live = asked.filter(({ accepted }) => accepted !== null).length - wrong;
  if (board !== null) return confidence(live, asked.length, Math.max(0, now - board.eventTime), strikesOf(board));
  return isClaimOnDebt(market)
    ? confidence(live, asked.length, 0, Number.POSITIVE_INFINITY)
    : confidence(live, asked.length, 60, 0);
}

/** Time of the oldest live datum, or of the oldest other one where there is none; never later than now. */
function asOf(now: number, live: readonly (Observation | null)[], other: readonly (Observation | null)[]): number {
  const times = (all: readonly (Observation | null)[]) => all.flatMap((one) => one?.eventTime ?? []);
  const oldest = times(live).length > 0 ? times(live) : times(other);
  return Math.floor(Math.min(now, ...oldest));
}

/** What is whole and fresh and is not used, because the others contradict it. */
function setAside(
  feedSeen: PriceFeedAnswer | null,
  feed: PriceFeedAnswer | null,
  historySeen: PriceHistory | null,
  history: PriceHistory | null,
): Pick<Readings, "setAside"> {
  const lostFeed = feed === null && feedSeen !== null ? { feed: feedSeen } : {};
  const lostHistory = history === null && historySeen !== null ? { history: historySeen } : {};
  const lost = { ...lostFeed, ...lostHistory };
  return Object.keys(lost).length === 0 ? {} : { setAside: lost };
}

/** Distinct strikes of a board's nearest expiry. */
function strikesOf({ quotes }: OptionBoard): number {
  const nearest = quotes.reduce((least, { expiry }) => Math.min(least, expiry), Number.POSITIVE_INFINITY);
  return new Set(quotes.filter(({ expiry }) => expiry === nearest).map(({ strike }) => strike)).size;
}

function sourceBits(present: Partial<Record<keyof typeof SOURCE_BITS, boolean>>): number {
  const names = Object.keys(present) as (keyof typeof SOURCE_BITS)[];
  return names.reduce((bits, name) => bits | (present[name] ? SOURCE_BITS[name] : 0), 0);
}

import { DAY_SECONDS } from "../domain/calendar.ts";
import { type Fault, fault } from "../domain/fault.ts";
import type {
  Observation,
  Observed,
  OptionBoard,
  PriceFeedAnswer,
  PriceHistory,
  RoutePool,
} from "../domain/observation.ts";
import type { MarketParameters, PoolMemoryParameters } from "../domain/parameters.ts";
import { type Quarantined, type Readings, SOURCE_BITS } from "../domain/risk.ts";
import { keepsMemory, PREFERRED_VENUE, sourceName } from "../domain/sourceNames.ts";
import { remembered } from "../model/numerics/remembered.ts";
import { againstMemory } from "./againstMemory.ts";
import { agreeBoards, MAJORITY } from "./boardAgreement.ts";
import { agreeBooks } from "./bookAgreement.ts";
import { confidence } from "./confidence.ts";
import { crossCheck } from "./crossCheck.ts";
import { fresh } from "./freshness.ts";
import { implausibility } from "./plausible.ts";
import { quarantineAfter, quarantineFaults } from "./quarantine.ts";
import { select, selectPool } from "./select.ts";

/** How long a late history is still used, seconds. */
const LATE_HISTORY_SECONDS = DAY_SECONDS;

/**
 * Readings of one market: every observation is accepted or held back with a named fault; nothing is repaired here.
 *
 * Boards of several venues are held against each other first (`agreeBoards`).
 *
 * `asOf` is the event time of the oldest *live* datum accepted: the options boards used for volatility and the pools.
 * The price history is an estimation window (its last candle is up to an interval old by construction) and the feed is
 * read at the pools' block, so neither bounds `asOf` unless nothing else is there.
 * @param observed everything asked for this market, in any order: the result does not depend on it
 * A source that disagreed stays out for a time (`quarantineAfter`): boards and books are set aside, a feed goes on to count
 * with its deviation. Each costs agreement, so nothing loosens meanwhile.
 * @param now Unix seconds
 * @param before sources in quarantine after the last look
 */
export function qualify(
  observed: readonly Observed[],
  market: MarketParameters,
  now: number,
  before: readonly Quarantined[] = [],
): Readings {
  const { sources, quality } = market;
  const faults: Fault[] = [];
  const counter = { live: 0, expected: 0 };
  const take = <T extends Observation>(one: Observed<T> | null, source: string, maxAgeSeconds: number): T | null => {
    counter.expected += 1;
    const limits = { maxAgeSeconds, maxFutureSeconds: quality.maxFutureSeconds };
    const result = fresh(one, now, limits);
    if (one === null) faults.push(fault("UNREACHABLE", source, "was not observed"));
    faults.push(...result.faults);
    const implausible = result.accepted === null ? null : implausibility(result.accepted);
    if (implausible !== null) faults.push(implausible);
    if (result.accepted === null || implausible !== null) return null;
    counter.live += 1;
    return result.accepted;
  };
  const verdicts = new Map<string, boolean>();
  const judge = (sources: readonly { readonly source: string }[], against: readonly Fault[]): void => {
    const accused = new Set(against.filter(({ code }) => code === "DISAGREES").map((found) => found.source));
    for (const { source } of sources) verdicts.set(source, !accused.has(source));
  };
  const rules = quality.quarantine;
  const quarantine = () => (rules === undefined ? [] : quarantineAfter(before, verdicts, now, rules));
  const isOut = (source: string) => quarantine().some(([name]) => name === source);
  const boards = (currency: string) => {
    const venues = sources.optionVenues ?? [PREFERRED_VENUE];
    const names = venues.map((venue) => sourceName.board(currency, venue));
    const taken = names.flatMap(
      (name) => take(select(observed, "optionBoard", name), name, quality.maxAgeSeconds.options) ?? [],
    );
    const agreed = agreeBoards(taken, quality, now);
    faults.push(...agreed.faults);
    // Set aside, or one of two that contradict each other.
    counter.live -= new Set(agreed.faults.map((found) => found.source)).size;
    // Of two that differ neither is right by majority.
    if (taken.length >= MAJORITY) judge(taken, agreed.faults);
    const standing = taken.filter((board) => !isOut(board.source));
    const isWhole = agreed.accepted.every((board) => standing.includes(board));
    return isWhole || standing.length === 0 ? agreed : agreeBoards(standing, quality, now);
  };
  const candles = (instrument: string) => {
    const source = sourceName.history(instrument);
    const one = select(observed, "priceHistory", source);
    const usable = take(one, source, quality.maxAgeSeconds.history);
    return usable ?? lateHistory(one, quality.maxAgeSeconds.history, now);
  };

  const [options = null, ...otherOptions] = sources.options === null ? [] : boards(sources.options).accepted;
  const transferOptions = sources.transferFrom === null ? null : boards(sources.transferFrom).middle;
  const listed = sources.options ?? sources.transferFrom;
  const index =
    listed === null
      ? null
      : take(
          select(observed, "volatilityIndex", sourceName.index(listed)),
          sourceName.index(listed),
          quality.maxAgeSeconds.index,
        );
  const candlesSeen = candles(sources.history);
  const sameHistory = sources.transferHistory === null || sources.transferHistory === sources.history;
  const routeSeen = sources.route.map((hop) =>
    hop
      .map((name) =>
        take(selectPool(observed, sourceName.pool(name)), sourceName.pool(name), quality.maxAgeSeconds.pool),
      )
      .filter((pool): pool is RoutePool => pool !== null),
  );
  const window = market.poolMemory;
  const remembering = window === undefined ? [] : sources.route.flat().filter(keepsMemory);
  const memories = remembering.flatMap((name) => {
    const source = sourceName.memory(name, window as PoolMemoryParameters);
    return take(select(observed, "poolMemory", source), source, quality.maxAgeSeconds.pool) ?? [];
  });
  const { route, faults: memoryFaults } =
    window === undefined ? { route: routeSeen, faults: [] } : againstMemory(routeSeen, memories, window);
  faults.push(...memoryFaults);
  const feedSeen = take(
    select(observed, "priceFeed", sourceName.feed(sources.priceFeed)),
    sourceName.feed(sources.priceFeed),
    quality.maxAgeSeconds.feed,
  );

  const booksSeen = (market.books?.markets ?? []).flatMap((name) => {
    const source = sourceName.book(name);
    return take(select(observed, "orderBook", source), source, market.books?.maxAgeSeconds ?? 0) ?? [];
  });

  const seen = { options, transferOptions, history: candlesSeen, route, feed: feedSeen };
  const checked = crossCheck(seen, market);
  const { priceUsd, history, feed } = checked;
  const { accepted: agreedBooks, faults: bookFaults } = agreeBooks(booksSeen, priceUsd, quality.maxPriceDisagreement);
  if (priceUsd !== null) judge(booksSeen, bookFaults);
  if (priceUsd !== null && feedSeen !== null) judge([feedSeen], checked.faults);
  const books = agreedBooks.filter((book) => !isOut(book.source));
  const out = quarantine();
  const outFaults = rules === undefined ? [] : quarantineFaults(out, verdicts, now, rules);
  const transferHistory =
    sources.transferHistory === null ? null : sameHistory ? history : candles(sources.transferHistory);

  const volatilityBoard = options ?? transferOptions;
  const pools = route.flat();
  const boardTimes = [volatilityBoard, ...otherOptions].map((board) => board?.eventTime);
  const live = [...boardTimes, ...[...pools, ...books].map((one) => one.eventTime)].filter((t) => t !== undefined);
  const fallback = [feed?.eventTime, history?.eventTime].filter((t) => t !== undefined);
  const asOf = Math.min(now, ...(live.length > 0 ? live : fallback));
  const complete = route.every((hop) => hop.length > 0);
  const boardAge = volatilityBoard === null ? 60 : Math.max(0, now - volatilityBoard.eventTime);

  return {
    asOf: Math.floor(asOf),
    priceUsd,
    options,
    ...(otherOptions.length > 0 ? { otherOptions } : {}),
    index,
    history,
    transferOptions,
    transferHistory,
    route,
    ...(market.books === undefined ? {} : { books }),
    feed,
    ...setAside(feedSeen, feed, candlesSeen, history),
    faults: [...faults, ...checked.faults, ...bookFaults, ...outFaults],
    ...(out.length > 0 ? { quarantine: out } : {}),
    // A source whose price is no price, or not the others' price, does not count as live.
    confidence: confidence(
      counter.live - checked.faults.length - bookFaults.length - outFaults.length,
      counter.expected,
      boardAge,
      strikesOf(volatilityBoard),
    ),
    sources:
      (options === null ? 0 : SOURCE_BITS.options) |
      (index === null ? 0 : SOURCE_BITS.index) |
      (history === null ? 0 : SOURCE_BITS.history) |
      (transferOptions === null ? 0 : SOURCE_BITS.transfer) |
      (complete ? SOURCE_BITS.pools : 0) |
      (books.length > 0 && books.length === market.books?.markets.length ? SOURCE_BITS.books : 0) |
      (feed === null ? 0 : SOURCE_BITS.feed),
  };
}

/** What was whole and fresh and is not used, because the others contradict it. */
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

/**
 * A history whose newest candle is late, while it is less than a day late: the fault stands, nothing loosens on it, but a
 * volume and a long-run volatility of months do not become unknown because a server was down for an hour.
 */
function lateHistory(one: Observed<PriceHistory> | null, maxAgeSeconds: number, now: number): PriceHistory | null {
  const late = one?.observation ?? null;
  if (late === null || !(now - late.eventTime > maxAgeSeconds)) return null;
  return now - late.eventTime <= maxAgeSeconds + LATE_HISTORY_SECONDS && implausibility(late) === null ? late : null;
}

/** Distinct strikes of the nearest expiry that has any; 0 without a board. */
function strikesOf(board: Readings["options"]): number {
  return board === null ? 0 : strikesOfBoard(board);
}

const strikesOfBoard = remembered((board: OptionBoard): number => {
  const perExpiry = new Map<number, Set<number>>();
  for (const quote of board.quotes) {
    const strikes = perExpiry.get(quote.expiry) ?? new Set<number>();
    strikes.add(quote.strike);
    perExpiry.set(quote.expiry, strikes);
  }
  const nearest = [...perExpiry.keys()].sort((a, b) => a - b)[0];
  return nearest === undefined ? 0 : (perExpiry.get(nearest)?.size ?? 0);
});

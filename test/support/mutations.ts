import type {
  Candle,
  Observation,
  Observed,
  OptionBoard,
  OptionQuote,
  PoolState,
  PriceFeedAnswer,
  PriceHistory,
  VolatilityIndex,
} from "../../keeper/domain/observation.ts";

/** One way in which what a source says can be wrong although it parses; applied to every source of its kind. */
export type Mutation = {
  readonly name: string;
  /** Kind of the source it corrupts. */
  readonly kind: Observation["kind"];
  readonly change: (observed: Observed) => Observed;
};

type Kinds = {
  optionBoard: OptionBoard;
  volatilityIndex: VolatilityIndex;
  priceHistory: PriceHistory;
  pool: PoolState;
  priceFeed: PriceFeedAnswer;
};

function mutation<K extends keyof Kinds>(
  name: string,
  kind: K,
  change: (observation: Kinds[K]) => Kinds[K] | null,
): Mutation {
  return {
    name,
    kind,
    change(one) {
      if (one.observation?.kind !== kind) return one;
      const observation = change(one.observation as Kinds[K]);
      if (observation !== null) return { ...one, observation };
      return { ...one, observation, faults: [{ code: "UNREACHABLE", source: one.source, detail: "mutated" }] };
    },
  };
}

/** The mutation applied to the sources of its kind, the others untouched. */
export function mutated(observed: readonly Observed[], mutations: readonly Mutation[]): readonly Observed[] {
  return observed.map((one) => mutations.reduce((seen, { change }) => change(seen), one));
}

const quotes = (name: string, change: (quote: OptionQuote, index: number) => OptionQuote) =>
  mutation(`options: ${name}`, "optionBoard", (board) => ({ ...board, quotes: board.quotes.map(change) }));

const candles = (name: string, change: (candle: Candle, index: number, all: readonly Candle[]) => Candle) =>
  mutation(`history: ${name}`, "priceHistory", (history) => ({ ...history, candles: history.candles.map(change) }));

const scaledCandle = ([time, open, high, low, close, volume]: Candle, price: number, size: number): Candle => [
  time,
  open * price,
  high * price,
  low * price,
  close * price,
  volume * size,
];

/** Prices in coin follow the volatility nearly in proportion out of the money: a board wrong as a whole, and coherent. */
const wholeBoard = (factor: number) =>
  quotes(`every price and volatility x${factor}`, (quote) => {
    const { kind, strike, forwardUsd } = quote;
    const outside = kind === "call" ? strike > forwardUsd : strike < forwardUsd;
    if (!outside) return quote;
    const scaled = (price: number | null) => (price === null ? null : price * factor);
    return {
      ...quote,
      bidCoin: scaled(quote.bidCoin),
      askCoin: scaled(quote.askCoin),
      markCoin: quote.markCoin * factor,
      markIv: quote.markIv === null ? null : quote.markIv * factor,
    };
  });

const BOARDS: readonly Mutation[] = [
  mutation("options: gone", "optionBoard", () => null),
  mutation("options: empty", "optionBoard", (board) => ({ ...board, quotes: [] })),
  mutation("options: five minutes old", "optionBoard", (board) => ({ ...board, eventTime: board.eventTime - 300 })),
  mutation("options: an hour ahead", "optionBoard", (board) => ({ ...board, eventTime: board.eventTime + 3_600 })),
  mutation("options: time is NaN", "optionBoard", (board) => ({ ...board, eventTime: Number.NaN })),
  mutation("options: index +30 %", "optionBoard", (board) => ({ ...board, indexUsd: board.indexUsd * 1.3 })),
  mutation("options: index -30 %", "optionBoard", (board) => ({ ...board, indexUsd: board.indexUsd * 0.7 })),
  mutation("options: index zero", "optionBoard", (board) => ({ ...board, indexUsd: 0 })),
  mutation("options: index NaN", "optionBoard", (board) => ({ ...board, indexUsd: Number.NaN })),
  mutation("options: index x1e9", "optionBoard", (board) => ({ ...board, indexUsd: board.indexUsd * 1e9 })),
  mutation("options: only the nearest strikes", "optionBoard", (board) => ({
    ...board,
    quotes: board.quotes.filter(({ strike, forwardUsd }) => Math.abs(strike / forwardUsd - 1) < 0.02),
  })),
  mutation("options: only far expiries", "optionBoard", (board) => ({
    ...board,
    quotes: board.quotes.filter(({ expiry }) => expiry > board.eventTime + 60 * 86_400),
  })),
  mutation("options: calls only", "optionBoard", (board) => ({
    ...board,
    quotes: board.quotes.filter(({ kind }) => kind === "call"),
  })),
  mutation("options: every record twice, unequal", "optionBoard", (board) => ({
    ...board,
    quotes: board.quotes.flatMap((quote) => [quote, { ...quote, markCoin: quote.markCoin * 0.5 }]),
  })),
  mutation("options: strikes doubled up", "optionBoard", (board) => ({
    ...board,
    quotes: board.quotes.map((quote, i) => ({ ...quote, strike: board.quotes[i - (i % 4)]?.strike ?? quote.strike })),
  })),
  quotes("volatility NaN", (quote) => ({ ...quote, markIv: Number.NaN })),
  quotes("volatility zero", (quote) => ({ ...quote, markIv: 0 })),
  quotes("volatility in percent", (quote) => ({ ...quote, markIv: (quote.markIv ?? 0) * 100 })),
  quotes("volatility / 100", (quote) => ({ ...quote, markIv: (quote.markIv ?? 0) / 100 })),
  quotes("prices zero", (quote) => ({ ...quote, bidCoin: 0, askCoin: 0, markCoin: 0 })),
  quotes("prices NaN", (quote) => ({ ...quote, bidCoin: Number.NaN, askCoin: Number.NaN, markCoin: Number.NaN })),
  quotes("prices x1e9", (quote) => ({ ...quote, bidCoin: 1e9, askCoin: 1e9, markCoin: 1e9 })),
  quotes("crossed", (quote) => ({ ...quote, bidCoin: quote.askCoin, askCoin: quote.bidCoin })),
  quotes("forwards zero", (quote) => ({ ...quote, forwardUsd: 0 })),
  quotes("forwards +30 %", (quote) => ({ ...quote, forwardUsd: quote.forwardUsd * 1.3 })),
  quotes("forwards -30 %", (quote) => ({ ...quote, forwardUsd: quote.forwardUsd * 0.7 })),
  quotes("strikes zero", (quote) => ({ ...quote, strike: 0 })),
  quotes("every other record NaN", (quote, i) => (i % 2 === 0 ? quote : { ...quote, markCoin: Number.NaN })),
  quotes("puts at half price", (quote) =>
    quote.kind === "call" ? quote : { ...quote, markCoin: quote.markCoin / 2, bidCoin: (quote.bidCoin ?? 0) / 2 },
  ),
  wholeBoard(0.1),
  wholeBoard(0.5),
  wholeBoard(0.7),
];

const HISTORIES: readonly Mutation[] = [
  mutation("history: gone", "priceHistory", () => null),
  mutation("history: empty", "priceHistory", (history) => ({ ...history, candles: [] })),
  mutation("history: three hours old", "priceHistory", (history) => ({
    ...history,
    eventTime: history.eventTime - 10_800,
    candles: history.candles.slice(0, -3),
  })),
  mutation("history: a day ahead", "priceHistory", (history) => ({
    ...history,
    eventTime: history.eventTime + 86_400,
  })),
  mutation("history: a hole of ten days", "priceHistory", (history) => ({
    ...history,
    candles: history.candles.filter((_, i, all) => i < all.length - 480 || i >= all.length - 240),
  })),
  mutation("history: only the last 60 days", "priceHistory", (history) => ({
    ...history,
    candles: history.candles.slice(-1_440),
  })),
  mutation("history: only the last day", "priceHistory", (history) => ({
    ...history,
    candles: history.candles.slice(-24),
  })),
  mutation("history: backwards", "priceHistory", (history) => ({
    ...history,
    candles: [...history.candles].reverse(),
  })),
  candles("prices x100", (candle) => scaledCandle(candle, 100, 1)),
  candles("prices / 100", (candle) => scaledCandle(candle, 0.01, 1)),
  candles("prices x1e9", (candle) => scaledCandle(candle, 1e9, 1)),
  candles("last month x100", (candle, i, all) => (i < all.length - 720 ? candle : scaledCandle(candle, 100, 1))),
  candles("last price +30 %", (candle, i, all) => (i < all.length - 1 ? candle : scaledCandle(candle, 1.3, 1))),
  candles("every price NaN", (candle) => scaledCandle(candle, Number.NaN, 1)),
  candles("every price zero", (candle) => scaledCandle(candle, 0, 1)),
  candles("every tenth price zero", (candle, i) => (i % 10 === 0 ? scaledCandle(candle, 0, 1) : candle)),
  candles("volume zero", (candle) => scaledCandle(candle, 1, 0)),
  candles("volume NaN", (candle) => scaledCandle(candle, 1, Number.NaN)),
  candles("volume of a month x1e9", (candle, i, all) => (i < all.length - 720 ? candle : scaledCandle(candle, 1, 1e9))),
  ...[1, 3, 30, 400].map((days) =>
    candles(`frozen for ${days} days`, (candle, i, all) => {
      const from = Math.max(0, all.length - 24 * days);
      const price = all.at(-1)?.[4] ?? 0;
      return i < from ? candle : [candle[0], price, price, price, price, candle[5]];
    }),
  ),
  candles("ranges and moves / 10 for a month", (candle, i, all) => {
    if (i < all.length - 720) return candle;
    const last = all.at(-1)?.[4] ?? 0;
    const near = (price: number) => last * (price / last) ** 0.1;
    return [candle[0], near(candle[1]), near(candle[2]), near(candle[3]), near(candle[4]), candle[5]];
  }),
];

const INDICES: readonly Mutation[] = [
  mutation("index: gone", "volatilityIndex", () => null),
  mutation("index: empty", "volatilityIndex", (index) => ({ ...index, closes: [] })),
  mutation("index: stale", "volatilityIndex", (index) => ({ ...index, eventTime: index.eventTime - 200_000 })),
  ...[Number.NaN, 0, 0.1, 0.5, 1e9].map((factor) =>
    mutation(`index: x${factor}`, "volatilityIndex", (index) => ({
      ...index,
      closes: index.closes.map(([time, vol]) => [time, vol * factor] as const),
    })),
  ),
  mutation("index: fresh and half", "volatilityIndex", (index) => ({
    ...index,
    closes: index.closes.map(([time, vol], i, all) => [i < all.length - 1 ? time : index.eventTime, vol / 2] as const),
  })),
];

const POOLS: readonly Mutation[] = [
  mutation("pool: gone", "pool", () => null),
  mutation("pool: ten minutes old", "pool", (pool) => ({ ...pool, eventTime: pool.eventTime - 600 })),
  mutation("pool: an hour ahead", "pool", (pool) => ({ ...pool, eventTime: pool.eventTime + 3_600 })),
  ...[10n, 1_000_000_000n].map((factor) =>
    mutation(`pool: liquidity x${factor}`, "pool", (pool) => ({
      ...pool,
      liquidity: pool.liquidity * factor,
      ticks: pool.ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet: liquidityNet * factor })),
    })),
  ),
  mutation("pool: no liquidity", "pool", (pool) => ({ ...pool, liquidity: 0n, ticks: [] })),
  ...[
    ["+4 %", 392],
    ["-4 %", -392],
    ["+30 %", 2_624],
    ["-30 %", -3_567],
  ].map(([name, ticks]) =>
    mutation(`pool: price of token0 ${name}`, "pool", (pool) => ({
      ...pool,
      tick: pool.tick + Number(ticks),
      sqrtPriceX96: BigInt(Math.round(Number(pool.sqrtPriceX96) * 1.0001 ** (Number(ticks) / 2))),
    })),
  ),
  mutation("pool: price zero", "pool", (pool) => ({ ...pool, sqrtPriceX96: 0n })),
  mutation("pool: other tokens", "pool", (pool) => ({ ...pool, token0: { ...pool.token0, symbol: "EVIL" } })),
];

const FEEDS: readonly Mutation[] = [
  mutation("feed: gone", "priceFeed", () => null),
  mutation("feed: stale", "priceFeed", (feed) => ({ ...feed, eventTime: feed.eventTime - 86_400 })),
  mutation("feed: an hour ahead", "priceFeed", (feed) => ({ ...feed, eventTime: feed.eventTime + 7_200 })),
  ...[Number.NaN, 0, -1, 0.7, 0.97, 1.03, 1.3, 1e9].map((factor) =>
    mutation(`feed: x${factor}`, "priceFeed", (feed) => ({ ...feed, priceUsd: feed.priceUsd * factor })),
  ),
];

/** Every mutation, by kind of source. */
export const MUTATIONS: readonly Mutation[] = [...BOARDS, ...HISTORIES, ...INDICES, ...POOLS, ...FEEDS];

import type { BookLevel, OrderBook } from "../../keeper/domain/observation.ts";

/** The numbers that the documentation of `BookParameters` starts with. */
export const BOOK_RULES = { maxAgeSeconds: 30, weight: 0.5, takerFee: 0.001, mostOfPools: 1 } as const;

/** Three venues of ether's books as a market lists them. */
export const THREE_BOOKS = { ...BOOK_RULES, markets: ["okx:ETH-USDT", "bybit:ETHUSDT", "binance:ETHUSDT"] } as const;

/** A book around `price` of fifty levels a side, a tenth of a per cent apart, `size` coins in each. */
export function calmBook(name: string, time: number, price: number, size = 100): OrderBook {
  const levels = (sign: 1 | -1) =>
    Array.from({ length: 50 }, (_, i): BookLevel => [price * (1 + sign * 0.001 * (i + 0.5)), size]);
  const [, market = ""] = name.split(":");
  return {
    kind: "orderBook",
    source: `${name}:book`,
    market,
    eventTime: time,
    bids: levels(-1),
    asks: levels(1),
  };
}

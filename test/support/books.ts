import type { BookLevel, OrderBook } from "../../keeper/domain/observation.ts";
import { DEFAULT_BOOKS } from "../../keeper/markets/defaults.ts";

/** Three venues of ether's books as a market lists them, with governance's defaults. */
export const THREE_BOOKS = { ...DEFAULT_BOOKS, markets: ["okx:ETH-USDT", "bybit:ETHUSDT", "binance:ETHUSDT"] } as const;

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

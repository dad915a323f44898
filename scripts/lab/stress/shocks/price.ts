import type { Observation, OptionBoard, PoolState, PriceHistory } from "../../../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../../../keeper/domain/parameters.ts";
import { sourceName } from "../../../../keeper/domain/sourceNames.ts";
import { getTickAtSqrtRatio } from "../../uniswapV3/tickMath.ts";

/**
 * The observation after the collateral kept the share `factor` of its price, within the last hour and against everything
 * else: feed, last candle, books and the first hop of the route fall with it, liquidity providers stay where they are,
 * and the smile moves along with the price (sticky moneyness). Curve pools are left where they are, for only a swap could say
 * where they would go.
 */
export function withPrice(one: Observation, market: MarketParameters, factor: number): Observation {
  const { sources, collateral } = market;
  switch (one.kind) {
    case "priceFeed":
      return { ...one, priceUsd: one.priceUsd * factor };
    case "priceHistory":
      return [sources.history, ...(sources.otherHistories ?? [])].map(sourceName.history).includes(one.source)
        ? withLastCandle(one, factor)
        : one;
    case "optionBoard":
      return one.currency === (sources.options ?? sources.transferFrom) ? boardBelow(one, factor) : one;
    case "orderBook":
      return {
        ...one,
        bids: one.bids.map(([price, size]) => [price * factor, size] as const),
        asks: one.asks.map(([price, size]) => [price * factor, size] as const),
      };
    case "pool": {
      const [first = []] = sources.route;
      return first.some((name) => one.source === sourceName.pool(name))
        ? poolBelow(one, collateral.symbol, factor)
        : one;
    }
    default:
      return one;
  }
}

function withLastCandle(history: PriceHistory, factor: number): PriceHistory {
  const candles = history.candles.map((candle, i) => {
    if (i < history.candles.length - 1) return candle;
    const [time, open, high, low, close, volume] = candle;
    const end = close * factor;
    return [time, open, high, Math.min(low, end), end, volume] as const;
  });
  return { ...history, candles };
}

/** Strikes move with the forwards, so every coin price stays what it was. */
function boardBelow(board: OptionBoard, factor: number): OptionBoard {
  const quotes = board.quotes.map((quote) => ({
    ...quote,
    strike: quote.strike * factor,
    forwardUsd: quote.forwardUsd * factor,
  }));
  return { ...board, indexUsd: board.indexUsd * factor, quotes };
}

/** The pool after a sale that moved its price so far; ticks crossed give up or take on their liquidity. */
function poolBelow(pool: PoolState, collateral: string, factor: number): PoolState {
  const isToken0 = pool.token0.symbol === collateral;
  const root = Math.sqrt(isToken0 ? factor : 1 / factor);
  const sqrtPriceX96 = (pool.sqrtPriceX96 * BigInt(Math.round(root * 2 ** 48))) >> 48n;
  const tick = getTickAtSqrtRatio(sqrtPriceX96);
  const between = (from: number, to: number) =>
    pool.ticks.reduce((sum, { index, liquidityNet }) => sum + (index > from && index <= to ? liquidityNet : 0n), 0n);
  const liquidity = pool.liquidity + (tick > pool.tick ? between(pool.tick, tick) : -between(tick, pool.tick));
  return { ...pool, sqrtPriceX96, tick, liquidity: liquidity < 0n ? 0n : liquidity };
}

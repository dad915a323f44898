import { FORWARD, INDEX, SMILE, TAKEN } from "../sampleSmile.ts";

/**
 * Small answers in Bybit's shape, written by hand from its documentation of `GET /v5/market/tickers?category=option`:
 * https://bybit-exchange.github.io/docs/v5/market/tickers (its example is BTC-30DEC22-18000-C with bid1Price "0", ask1Iv
 * "5", markIv "0.7567"). Numbers are decimal text, prices in dollars, IVs fractions, `time` milliseconds.
 */
export type Row = Record<string, unknown>;

export function bybitList(suffix = ""): Row[] {
  return SMILE.map(({ strike, side, iv, mark, bid, ask }) => ({
    symbol: `ETH-27FEB26-${strike}-${side}${suffix}`,
    bid1Price: String(bid * FORWARD),
    bid1Size: "12",
    bid1Iv: String(iv - 0.005),
    ask1Price: String(ask * FORWARD),
    ask1Size: "0.66",
    ask1Iv: String(iv + 0.005),
    lastPrice: "435",
    highPrice24h: "435",
    lowPrice24h: "165",
    markPrice: String(mark * FORWARD),
    indexPrice: String(INDEX),
    markIv: String(iv),
    underlyingPrice: String(FORWARD),
    openInterest: "6.3",
    turnover24h: "2482.73",
    volume24h: "0.15",
    totalVolume: "99",
    totalTurnover: "1967653",
    delta: "0.5",
    gamma: "0.0001",
    vega: "0.7",
    theta: "-1.5",
    predictedDeliveryPrice: "0",
    change24h: "86",
  }));
}

export function bybitAnswer(list: unknown, time = TAKEN): string {
  return JSON.stringify({
    retCode: 0,
    retMsg: "OK",
    result: { category: "option", list },
    retExtInfo: {},
    time: time * 1000 + 395,
  });
}

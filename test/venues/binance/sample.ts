import type { parseBinanceBoard } from "../../../keeper/venues/binance/parse.ts";
import { EXPIRY, FORWARD, INDEX, SMILE, TAKEN } from "../sampleSmile.ts";

/**
 * Small answers in the shape of Binance's options API, written by hand from its documentation:
 * - eapi/v1/mark: https://developers.binance.com/docs/derivatives/options-trading/market-data/Option-Mark-Price
 * - eapi/v1/ticker: https://developers.binance.com/docs/derivatives/options-trading/market-data/24hr-Ticker-Price-Change-Statistics
 * - eapi/v1/index: https://developers.binance.com/docs/derivatives/options-trading/market-data/Index-Price-Ticker
 * - eapi/v1/exchangeInfo: https://developers.binance.com/docs/derivatives/options-trading/market-data/Exchange-Information
 * Numbers are decimal text, premiums in USDT, IVs fractions ("-1.0" for no bid), times milliseconds as JSON numbers.
 */
export type Row = Record<string, unknown>;
export type Lists = { marks: Row[]; tickers: Row[]; index: Row; contracts: Row[] };

const id = (strike: number, side: string) => `ETH-260227-${strike}-${side}`;

export function binanceLists(time = TAKEN): Lists {
  const stranger = { symbol: "BTC-260227-90000-C", markPrice: "1343.2883", markIV: "0.45", riskFreeInterest: "0.0" };
  return {
    marks: [
      ...SMILE.map(({ strike, side, iv, mark }) => ({
        symbol: id(strike, side),
        markPrice: String(mark * FORWARD),
        bidIV: String(iv - 0.005),
        askIV: String(iv + 0.005),
        markIV: String(iv),
        delta: "0.55937056",
        theta: "-37.82509871",
        gamma: "0.00010969",
        vega: "978.58874732",
        highPriceLimit: "1618.241",
        lowPriceLimit: "1068.3356",
        riskFreeInterest: "0.0",
      })),
      { ...stranger, bidIV: "-1.0", askIV: "0.5" },
    ],
    tickers: SMILE.map(({ strike, side, bid, ask }) => ({
      symbol: id(strike, side),
      priceChange: "-16.2038",
      priceChangePercent: "-0.0162",
      lastPrice: "1000",
      lastQty: "1000",
      open: "1016.2038",
      high: "1016.2038",
      low: "0",
      volume: "5",
      amount: "1",
      bidPrice: String(bid * FORWARD),
      askPrice: String(ask * FORWARD),
      openTime: (time - 86_400) * 1000,
      closeTime: time * 1000,
      firstTradeId: 0,
      tradeCount: 5,
      strikePrice: String(strike),
      exercisePrice: String(INDEX),
    })),
    index: { time: time * 1000, indexPrice: String(INDEX) },
    contracts: SMILE.map(({ strike, side }, at) => ({
      expiryDate: EXPIRY * 1000,
      filters: [{ filterType: "PRICE_FILTER", minPrice: "0.02", maxPrice: "80000.01", tickSize: "0.01" }],
      symbol: id(strike, side),
      side: side === "C" ? "CALL" : "PUT",
      strikePrice: strike.toFixed(8),
      underlying: "ETHUSDT",
      unit: 1,
      liquidationFeeRate: "0.0019",
      minQty: "0.01",
      maxQty: "100",
      initialMargin: "0.15",
      maintenanceMargin: "0.075",
      minInitialMargin: "0.1",
      minMaintenanceMargin: "0.05",
      priceScale: 2,
      quantityScale: 2,
      quoteAsset: "USDT",
      id: at,
    })),
  };
}

export function binanceInfo(contracts: unknown): string {
  return JSON.stringify({
    timezone: "UTC",
    serverTime: TAKEN * 1000,
    optionContracts: [{ baseAsset: "ETH", quoteAsset: "USDT", underlying: "ETHUSDT", settleAsset: "USDT" }],
    optionAssets: [{ name: "USDT" }],
    optionSymbols: contracts,
    rateLimits: [{ rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: 2400 }],
  });
}

export function binanceBodies(
  { marks, tickers, index }: Lists = binanceLists(),
): Parameters<typeof parseBinanceBoard>[0] {
  return { marks: JSON.stringify(marks), tickers: JSON.stringify(tickers), index: JSON.stringify(index) };
}

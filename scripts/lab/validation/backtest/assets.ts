import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { DepthSeries } from "./depthSeries.ts";
import type { PriceSeries } from "./priceSeries.ts";

/** One recorded collateral: where its candles are, and how lenders really listed it. */
export type Asset = {
  readonly name: string;
  /** File below the data folder; columns t,open,high,low,close,volume. */
  readonly file: string;
  readonly stepSeconds: number;
  /** Majors take the model's defaults; long-tail collateral 48 h and a stress of 250 % (MODEL.md section 4). */
  readonly class: "major" | "long-tail";
  /** It is one issuer's custody: the floors of the class of wrapped coins. */
  readonly wrapped?: true;
  /** Options index of its own, or the one whose implied volatility is transferred to it (ladder L3). */
  readonly index: "BTC" | "ETH" | null;
  readonly transferFrom: "BTC" | "ETH" | null;
  /** Liquidation bonus, loan-to-value and liquidation threshold as a lender deployed them; fractions. */
  readonly deployed: { readonly bonus: number; readonly ltv: number; readonly lt: number; readonly by: string };
  /** An analyst's own data instead of a recording; absent: `file` is read. */
  readonly own?: {
    readonly series: PriceSeries;
    /** Null: constant, as assumed. */
    readonly depth: DepthSeries | null;
  };
};

const binance = (folder: string, symbol: string) => `${folder}/binance_spot_${symbol}USDT_1h.csv.gz`;
const aave = (bonus: number, ltv: number, lt: number) => ({ bonus, ltv, lt, by: "Aave v3 Ethereum" });
const token = (name: string, deployed: Asset["deployed"], transferFrom: "BTC" | "ETH" = "BTC"): Asset => ({
  name,
  file: binance("collateral", name),
  stepSeconds: HOUR_SECONDS,
  class: "long-tail",
  index: null,
  transferFrom,
  deployed,
});

/**
 * Every collateral with recorded hourly candles. Deployed parameters: Aave v3 Ethereum at listing or by its 2023-24 risk
 * stewards (WETH 80.5/83, WBTC 73/78, LINK 66/71, AAVE 66/73, UNI 65/74, CRV 55/61, MKR 65/70, LDO 40/50, wstETH 78.5/81);
 * LUNA: Venus, collateral factor 55 % (one number for both); SOL: not listed there, 65/70 assumed.
 */
export const ASSETS: readonly Asset[] = [
  {
    ...token("ETH", aave(0.05, 0.805, 0.83)),
    file: binance("ohlcv", "ETH"),
    class: "major",
    index: "ETH",
    transferFrom: null,
  },
  {
    ...token("BTC", aave(0.05, 0.73, 0.78)),
    file: binance("ohlcv", "BTC"),
    class: "major",
    index: "BTC",
    transferFrom: null,
  },
  { ...token("WBTC", aave(0.05, 0.73, 0.78)), class: "major", wrapped: true },
  { ...token("WBETH", aave(0.06, 0.785, 0.81), "ETH"), class: "major" },
  { ...token("BETH", aave(0.06, 0.785, 0.81), "ETH"), class: "major" },
  token("LINK", aave(0.07, 0.66, 0.71)),
  token("AAVE", aave(0.075, 0.66, 0.73)),
  token("UNI", aave(0.1, 0.65, 0.74)),
  token("CRV", aave(0.083, 0.55, 0.61)),
  token("MKR", aave(0.085, 0.65, 0.7)),
  token("LDO", aave(0.09, 0.4, 0.5), "ETH"),
  token("SOL", { bonus: 0.1, ltv: 0.65, lt: 0.7, by: "assumed" }),
  {
    ...token("LUNA", { bonus: 0.1, ltv: 0.55, lt: 0.55, by: "Venus" }),
    file: "depeg/binance_spot_LUNAUSDT_30m_2022.csv.gz",
    stepSeconds: 1800,
  },
];

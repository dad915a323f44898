import type {
  Candle,
  Observed,
  OptionBoard,
  OptionQuote,
  PoolState,
  PriceFeedAnswer,
  PriceHistory,
  VolatilityIndex,
} from "../../keeper/domain/observation.ts";

const HOUR = 3_600;
const DAY = 86_400;
const YEAR = 365 * DAY;

/** Standard normal CDF by series and continued fraction, slow and obvious: fixtures only. */
function normalCdf(x: number): number {
  const z = Math.abs(x);
  let tail: number;
  if (z < 3) {
    let term = z;
    let sum = z;
    for (let i = 1; i < 200; i += 1) {
      term *= (z * z) / (2 * i + 1);
      sum += term;
    }
    tail = 0.5 - (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  } else {
    let fraction = z;
    for (let i = 60; i > 0; i -= 1) fraction = z + i / fraction;
    tail = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / fraction;
  }
  return x > 0 ? 1 - tail : tail;
}

function quote(
  currency: string,
  expiry: number,
  strike: number,
  kind: "call" | "put",
  forward: number,
  iv: number,
  years: number,
): OptionQuote {
  const spread = iv * Math.sqrt(years);
  const d1 = Math.log(forward / strike) / spread + spread / 2;
  const call = normalCdf(d1) - (strike / forward) * normalCdf(d1 - spread);
  const markCoin = kind === "call" ? call : call - 1 + strike / forward;
  return {
    instrument: `${currency}-${expiry}-${strike}-${kind === "call" ? "C" : "P"}`,
    expiry,
    strike,
    kind,
    bidCoin: markCoin * 0.98,
    askCoin: markCoin * 1.02,
    markCoin,
    markIv: iv,
    forwardUsd: forward,
    openInterest: 100,
  };
}

/** A board with a smile: `iv + 0.1 k^2`, six expiries from one day to half a year, thirteen strikes each. */
export function calmBoard(currency: string, time: number, indexUsd: number, iv: number): OptionBoard {
  const quotes: OptionQuote[] = [];
  for (const days of [1, 3, 7, 30, 90, 180]) {
    const expiry = time + days * DAY;
    const years = (days * DAY) / YEAR;
    for (let i = -6; i <= 6; i += 1) {
      const k = i * 0.5 * iv * Math.sqrt(years);
      const strike = Math.round(indexUsd * Math.exp(k) * 100) / 100;
      const smile = iv * (1 + 0.1 * (i / 6) ** 2);
      quotes.push(quote(currency, expiry, strike, "call", indexUsd, smile, years));
      quotes.push(quote(currency, expiry, strike, "put", indexUsd, smile, years));
    }
  }
  return { kind: "optionBoard", source: `deribit:${currency}:options`, currency, eventTime: time, indexUsd, quotes };
}

/** Hourly candles ending at `time` whose hourly moves alternate so that realised volatility is `vol` a year. */
export function calmHistory(instrument: string, time: number, priceUsd: number, vol: number, days = 400): PriceHistory {
  const move = vol / Math.sqrt(365 * 24);
  const end = Math.floor(time / HOUR) * HOUR;
  const candles: Candle[] = [];
  const count = days * 24;
  // A fixed pseudo-random sign sequence, so that the fixture is the same for every run.
  let state = 12_345;
  let log = 0;
  const logs: number[] = [];
  for (let i = 0; i < count; i += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    // Days alternate between a little calmer and a little wilder, so that a regression on them is not singular.
    const wild = 1 + 0.2 * Math.sin((2 * Math.PI * Math.floor(i / 24)) / 9);
    log += state > 1_073_741_824 ? move * wild : -move * wild;
    logs.push(log);
  }
  const last = logs.at(-1) ?? 0;
  let previous = priceUsd * Math.exp(-last);
  for (let i = 0; i < count; i += 1) {
    const close = priceUsd * Math.exp((logs[i] as number) - last);
    const candle = [
      end - (count - i) * HOUR,
      previous,
      Math.max(previous, close),
      Math.min(previous, close),
      close,
      20_000,
    ];
    candles.push(candle as unknown as Candle);
    previous = close;
  }
  return {
    kind: "priceHistory",
    source: `deribit:${instrument}:history`,
    instrument,
    intervalSeconds: HOUR,
    eventTime: end,
    candles,
  };
}

/** A DVOL history of daily closes, the last one at the last midnight before `time`. */
export function calmIndex(currency: string, time: number, vol: number): VolatilityIndex {
  const midnight = Math.floor(time / DAY) * DAY;
  const closes = Array.from({ length: 30 }, (_, i) => [midnight - (29 - i) * DAY, vol] as const);
  return { kind: "volatilityIndex", source: `deribit:${currency}:index`, currency, eventTime: midnight, closes };
}

/** A USDC/WETH pool at `priceUsd` with one deep range around it. */
export function calmPool(time: number, priceUsd: number, liquidity = 20_000_000_000_000_000_000n): PoolState {
  const raw = 1e12 / priceUsd;
  const tick = Math.floor(Math.log(raw) / Math.log(1.0001));
  const sqrtPriceX96 = BigInt(Math.round(Math.sqrt(raw) * 2 ** 48)) * 2n ** 48n;
  const low = Math.floor((tick - 20_000) / 10) * 10;
  return {
    kind: "pool",
    source: "uniswapV3:USDC/WETH-0.05%",
    pool: "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640",
    blockNumber: 1_000n,
    eventTime: time,
    token0: { address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", symbol: "USDC", decimals: 6 },
    token1: { address: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", symbol: "WETH", decimals: 18 },
    feePips: 500,
    tickSpacing: 10,
    sqrtPriceX96,
    tick,
    liquidity,
    ticks: [
      { index: low, liquidityNet: liquidity },
      { index: low + 40_000, liquidityNet: -liquidity },
    ],
  };
}

/** The feed's answer at `time`. */
export function calmFeed(time: number, priceUsd: number, name = "WETH"): PriceFeedAnswer {
  return {
    kind: "priceFeed",
    source: `priceFeed:${name}`,
    feed: "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419",
    blockNumber: 1_000n,
    eventTime: time,
    priceUsd,
  };
}

/** An observation without faults. */
export function seen<T extends Observed["observation"] & object>(observation: T): Observed {
  return { source: observation.source, observation, faults: [] };
}

/** Everything the WETH market asks for, calm: 3000 USD, 50 % volatility everywhere. */
export function calmObserved(time: number, priceUsd = 3_000, iv = 0.5): readonly Observed[] {
  return [
    seen(calmBoard("ETH", time - 4, priceUsd, iv)),
    seen(calmIndex("ETH", time, iv)),
    seen(calmHistory("ETH-PERPETUAL", time, priceUsd, iv)),
    seen(calmPool(time - 2, priceUsd)),
    seen(calmFeed(time - 600, priceUsd)),
  ];
}

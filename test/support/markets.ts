import type { MarketHistory } from "../../keeper/domain/decision.ts";
import type { Observed, PoolState } from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, calmObserved, calmPool, seen } from "./observations.ts";
import { NO_HISTORY } from "./onChain.ts";
import { WBTC, WETH } from "./shipped.ts";

/** A market with everything it asks for, calm, and a keeper that has watched it for two days. */
export type CalmMarketWorld = {
  readonly market: MarketParameters;
  readonly observed: readonly Observed[];
  readonly history: MarketHistory;
};

/** A WBTC/WETH pool at 30 ether with one range around it. */
function wbtcPool(time: number): PoolState {
  const raw = (30 * 1e18) / 1e8;
  const tick = Math.floor(Math.log(raw) / Math.log(1.0001));
  const low = Math.floor((tick - 20_000) / 60) * 60;
  const liquidity = 20_000_000_000_000_000n;
  return {
    ...calmPool(time, 3_000),
    source: "uniswapV3:WBTC/WETH-0.3%",
    pool: "0xCBCdF9626bC03E24f779434178A73a0B4bad62eD",
    token0: { address: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599", symbol: "WBTC", decimals: 8 },
    token1: { address: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", symbol: "WETH", decimals: 18 },
    feePips: 3_000,
    tickSpacing: 60,
    sqrtPriceX96: BigInt(Math.round(Math.sqrt(raw) * 2 ** 48)) * 2n ** 48n,
    tick,
    liquidity,
    ticks: [
      { index: low, liquidityNet: liquidity },
      { index: low + 40_020, liquidityNet: -liquidity },
    ],
  };
}

/** Both markets at `now`, 50 % volatility everywhere: ether with options of its own, bitcoin's wrapper on a transfer. */
export function calmMarkets(now: number): readonly CalmMarketWorld[] {
  const watched = (usd: number): MarketHistory => ({
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [now - (48 - i) * 3_600, usd] as const),
    lastImplied: { time: now - 60, vol: 0.5 },
    lastDepth: { time: now - 3_600, usd },
  });
  const wbtc = [
    seen(calmBoard("BTC", now - 4, 90_000, 0.5)),
    seen(calmIndex("BTC", now, 0.5)),
    seen(calmHistory("BTC-PERPETUAL", now, 90_000, 0.5)),
    seen(wbtcPool(now - 2)),
    seen(calmPool(now - 2, 3_000)),
    seen(calmFeed(now - 600, 90_000, "WBTC")),
  ];
  return [
    { market: WETH, observed: calmObserved(now), history: watched(60e6) },
    { market: WBTC, observed: wbtc, history: watched(6e6) },
  ];
}

import type { ContractLimits } from "../../../../keeper/domain/contract.ts";
import type { ModelParameters, PolicyParameters } from "../../../../keeper/domain/parameters.ts";
import type { BacktestClaim } from "./claimRisk.ts";
import type { DepthSeries } from "./depthSeries.ts";
import type { IndexSeries } from "./indexSeries.ts";
import type { PriceSeries } from "./priceSeries.ts";

/** Everything a backtest of one collateral may look at. Nothing else reaches it, so what it knows can be controlled. */
export type World = {
  readonly series: PriceSeries;
  /** Its own options index, or null. */
  readonly index: IndexSeries | null;
  /** The listed underlying that stands in for it: candles and index, or null. */
  readonly transfer: { readonly series: PriceSeries; readonly index: IndexSeries } | null;
  /** What the collateral is a claim on; absent: it is none. */
  readonly claim?: BacktestClaim;
  readonly model: ModelParameters;
  /**
   * Depth at the slippage that the bonus pays and daily volume, USD: assumed. Eight years of depth were not recorded, and
   * a lender's cap grows with its market; haircuts depend on their proportions only, so those are held constant here.
   */
  readonly depthUsd: number;
  /** Depth at a time instead, where it is known. */
  readonly depthUsdAt?: (time: number) => number;
  readonly dailyVolumeUsd: number;
  /** Depth over time instead, where an analyst has it; absent: `depthUsd`. */
  readonly depth?: DepthSeries;
  /** Whether the volume of the candles counts, in the collateral's own tokens; absent: `dailyVolumeUsd`. */
  readonly measuredVolume?: true;
  /** Daily volume at a time instead, where it is known. */
  readonly dailyVolumeUsdAt?: (time: number) => number;
  /** Span of the recorded book behind `depthUsdAt`, Unix seconds; absent: none. */
  readonly book?: { readonly from: number; readonly to: number };
  /** The exposure limit is written too; absent: it stays, and haircuts alone are judged. */
  readonly limitMoves?: true;
  /** A lender's real parameters, as haircuts. */
  readonly deployed: { readonly initial: number; readonly maintenance: number; readonly by?: string };
  readonly policy: PolicyParameters;
  /** Of the class. */
  readonly limits: ContractLimits;
};

/** The same world with every number later than `cut` replaced: prices, indices and depth multiplied by `factor(time)`. */
export function withOtherFuture(world: World, cut: number, factor: (time: number) => number): World {
  const { transfer } = world;
  return {
    ...world,
    series: otherSeries(world.series, cut, factor),
    index: world.index === null ? null : otherIndex(world.index, cut, factor),
    ...(world.depth === undefined ? {} : { depth: otherIndex(world.depth, cut, factor) }),
    transfer:
      transfer === null
        ? null
        : { series: otherSeries(transfer.series, cut, factor), index: otherIndex(transfer.index, cut, factor) },
  };
}

function otherSeries(series: PriceSeries, cut: number, factor: (time: number) => number): PriceSeries {
  const candles = series.candles.map((candle) => {
    const [time, open, high, low, close, volume] = candle;
    if (time + series.stepSeconds <= cut) return candle;
    const scale = factor(time);
    return [time, open * scale, high * scale, low * scale, close * scale, volume * scale] as const;
  });
  return {
    ...series,
    candles,
    closes: Float64Array.from(candles, (candle) => candle[4]),
    lows: Float64Array.from(candles, (candle) => candle[3]),
  };
}

function otherIndex(index: IndexSeries, cut: number, factor: (time: number) => number): IndexSeries {
  return {
    ...index,
    values: index.values.map((value, i) => ((index.times[i] ?? 0) <= cut ? value : value * factor(i))),
  };
}

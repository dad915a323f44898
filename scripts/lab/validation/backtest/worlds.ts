import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { ModelParameters, PolicyParameters } from "../../../../keeper/domain/parameters.ts";
import { RISK_CLASSES } from "../../../../keeper/markets/limits.ts";
import { lowestMaintenance } from "../../../../keeper/policy/limitsCheck.ts";
import { sizedModel } from "../sizedModel.ts";
import type { Asset } from "./assets.ts";
import { loadBook, spotBookFile } from "./bookDepth.ts";
import { loadIndex } from "./indexSeries.ts";
import { loadSeries } from "./loadSeries.ts";
import type { PriceSeries } from "./priceSeries.ts";
import { recordedSize } from "./recordedSize.ts";
import type { World } from "./world.ts";

/** What governance says, passed in so that this folder depends on no market. */
export type Settings = {
  readonly model: ModelParameters;
  readonly policy: PolicyParameters;
  readonly limits: World["limits"];
  /** Parameters changed by name, on every asset, after the class of the asset had its say. */
  readonly changes: Partial<ModelParameters>;
  /** Depth and daily volume over the supply cap. */
  readonly depthOverCap: number;
  readonly volumeOverCap: number;
  /** True: depth and volume over time as recorded, and those proportions only where nothing was. */
  readonly recordedSize?: boolean;
};

/** Long-tail collateral (MODEL.md sections 0 and 4). */
const LONG_TAIL = { minimumHorizonHours: 48, stressVolatility: 2.5 } as const;

/** Opens worlds one by one; files that several worlds share are read once. */
export class Worlds {
  readonly #folder: string;
  readonly #settings: Settings;
  readonly #series = new Map<string, PriceSeries>();

  constructor(folder: string, settings: Settings) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** The world of one asset. @throws TonsorError BAD_FILE when its recording is missing or has other columns */
  open(asset: Asset): World {
    const stand = asset.transferFrom;
    const { series, depth } = asset.own ?? {
      series: this.series(asset.name, asset.file, asset.stepSeconds),
      depth: null,
    };
    const world = worldOf(
      asset,
      {
        series,
        ...(depth === null ? {} : { depth }),
        ...(asset.own !== undefined && series.candles.some((candle) => candle[5] > 0) ? { measuredVolume: true } : {}),
        index: asset.index === null ? null : loadIndex(this.#folder, asset.index),
        transfer:
          stand === null
            ? null
            : {
                series: this.series(stand, `ohlcv/binance_spot_${stand}USDT_1h.csv.gz`, HOUR_SECONDS),
                index: loadIndex(this.#folder, stand),
              },
      },
      this.#settings,
    );
    if (this.#settings.recordedSize !== true || asset.own !== undefined) return world;
    const bids = loadBook(this.#folder, spotBookFile(asset.name));
    const { book, ...size } = recordedSize(world.series, bids, world.model, this.#settings);
    return { ...world, ...size, ...(book === null ? {} : { book }) };
  }

  /** Candles of one file. */
  series(name: string, file: string, stepSeconds: number): PriceSeries {
    const found = this.#series.get(file);
    if (found !== undefined) return found;
    const read = loadSeries(this.#folder, name, file, stepSeconds);
    this.#series.set(file, read);
    return read;
  }
}

/** The world of a collateral of a class whose recordings are at hand, under the settings. */
export function worldOf(
  asset: Pick<Asset, "class" | "deployed" | "wrapped">,
  sources: Pick<World, "series" | "index" | "transfer" | "depth" | "measuredVolume">,
  { model, policy, limits, changes, depthOverCap, volumeOverCap }: Settings,
): World {
  const own: ModelParameters = {
    ...(changes.supplyCapUsd === undefined ? model : sizedModel(model, changes.supplyCapUsd)),
    liquidationBonus: asset.deployed.bonus,
    ...(asset.class === "long-tail" ? LONG_TAIL : {}),
    ...changes,
  };
  return {
    ...sources,
    model: own,
    depthUsd: depthOverCap * own.supplyCapUsd,
    dailyVolumeUsd: volumeOverCap * own.supplyCapUsd,
    deployed: { initial: 1 - asset.deployed.ltv, maintenance: 1 - asset.deployed.lt, by: asset.deployed.by },
    policy,
    limits: limitsFor(asset, limits, own),
  };
}

/** Limits of the asset's class, with its own bonus. */
function limitsFor(
  asset: Pick<Asset, "class" | "wrapped">,
  limits: World["limits"],
  model: ModelParameters,
): World["limits"] {
  const { minInitialBps, minMaintenanceBps } = asset.wrapped === true ? RISK_CLASSES.wrapped.limits : limits;
  const liquidationBonusBps = Math.round(model.liquidationBonus * 10_000);
  return {
    ...{ ...(asset.class === "major" ? limits : RISK_CLASSES.longTail.limits), liquidationBonusBps },
    minInitialBps: Math.max(limits.minInitialBps, minInitialBps),
    minMaintenanceBps: Math.max(limits.minMaintenanceBps, minMaintenanceBps, lowestMaintenance(liquidationBonusBps)),
  };
}

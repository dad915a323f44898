import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { readPriceFile, type Series } from "../files/seriesFile.ts";
import { PLAY_DEFAULTS } from "../market/play.ts";
import { segmentsOf } from "../market/segments.ts";
import { ASSETS } from "../validation/backtest/assets.ts";
import type { PriceSeries } from "../validation/backtest/priceSeries.ts";
import type { World } from "../validation/backtest/world.ts";
import { Worlds } from "../validation/backtest/worlds.ts";
import { parseChanges } from "../validation/parameters.ts";
import { recordingsFolder } from "../validation/recordings.ts";
import { sizedModel } from "../validation/sizedModel.ts";

/** A collateral to be played: what rules may know, and its prices in stretches without a hole. */
export type MarketSubject = { readonly world: World; readonly segments: readonly Series[]; readonly name: string };

/** Where prices come from: a recorded asset, or a csv file, `-` for standard input; `gaps`: rows of it may be missing. */
type SubjectRequest = {
  readonly source: string;
  readonly gaps: boolean;
  /** "name=value" each: parameters of the model that rules are asked with. */
  readonly changes: readonly string[];
  readonly folder: string | undefined;
  /** What borrowers would bring at a price file's first price in the span, USD. */
  readonly capUsd: (series: PriceSeries) => number;
};

/**
 * The world of a recorded asset, or one made of a file's prices with the defaults of the model for a lender of the size that
 * is played, unless `changes` have another.
 */
export function marketSubject(request: SubjectRequest, depth: Series | null): MarketSubject {
  const asset = ASSETS.find(({ name }) => name === request.source.toUpperCase());
  const changes = parseChanges(request.changes, DEFAULT_MODEL);
  const base = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits, changes };
  if (asset !== undefined) {
    const folder = recordingsFolder(request.folder);
    const world = new Worlds(folder, { ...base, depthOverCap: 0.15, volumeOverCap: 2 }).open(asset);
    const { closeTimes, closes, stepSeconds } = world.series;
    return { world, name: asset.name, segments: segmentsOf(closeTimes, closes, stepSeconds) };
  }
  if (!/[./-]/.test(request.source)) {
    const expected = `a csv file of prices, - for standard input, or one of ${ASSETS.map(({ name }) => name).join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", "nothing is recorded under that name", {
      ...{ field: "market", given: request.source, expected },
    });
  }
  const series = readPriceFile(request.source, "prices", request.gaps);
  const { closeTimes: times, closes: values, stepSeconds } = series;
  const segments = request.gaps ? segmentsOf(times, values, stepSeconds) : [{ times, values, stepSeconds }];
  const sized = sizedModel(DEFAULT_MODEL, changes.supplyCapUsd ?? request.capUsd(series));
  const model = { ...sized, ...changes };
  const world = worldOf(series, depth, { ...base, model });
  return { world, name: request.source, segments };
}

/** What rules see of it: the given depth and volume where there are some, else the proportions of the calm example. */
function worldOf(series: PriceSeries, depth: Series | null, base: Pick<World, "model" | "policy" | "limits">): World {
  const { model } = base;
  return {
    ...base,
    series,
    ...(depth === null ? {} : { depth }),
    ...(series.candles.some((candle) => candle[5] > 0) ? { measuredVolume: true } : {}),
    ...{ index: null, transfer: null, depthUsd: 0.15 * model.supplyCapUsd, dailyVolumeUsd: 2 * model.supplyCapUsd },
    deployed: { initial: 1 - PLAY_DEFAULTS.ltv, maintenance: 1 - PLAY_DEFAULTS.threshold },
  };
}

/**
 * Stretches in which all collaterals have prices, each as one series a collateral, of the same times.
 * @throws TonsorError BAD_ARGUMENT when their steps differ
 */
export function commonStretches(subjects: readonly MarketSubject[]): readonly (readonly Series[])[] {
  const [first, ...others] = subjects;
  const alone = (first as MarketSubject).segments.map((one) => [one]);
  return others.reduce<readonly (readonly Series[])[]>((stretches, { segments }) => {
    return stretches.flatMap((stretch) => segments.flatMap((one) => overlap(stretch, one)));
  }, alone);
}

/** The times that a stretch and one series more have in common; none where there are fewer than two. */
function overlap(stretch: readonly Series[], one: Series): readonly (readonly Series[])[] {
  const [known] = stretch as [Series];
  if (known.stepSeconds !== one.stepSeconds) {
    const given = `${known.stepSeconds} s and ${one.stepSeconds} s`;
    const facts = { field: "collaterals", given, expected: "prices of the same step" };
    throw new TonsorError("BAD_ARGUMENT", "they cannot be played together", facts);
  }
  const from = Math.max(known.times[0] as number, one.times[0] as number);
  const to = Math.min(known.times.at(-1) as number, one.times.at(-1) as number) + 1;
  const parts = [...stretch, one].map((each) => within(each, from, to));
  const [{ times }] = parts as [Series];
  const alike = parts.every((part) => part.times.length === times.length && part.times[0] === times[0]);
  return alike && times.length > 1 ? [parts] : [];
}

/** The part of a series in [from, to). */
export function within({ times, values, stepSeconds }: Series, from: number, to: number | null): Series {
  const inside = (time: number) => time >= from && (to === null || time < to);
  const first = times.findIndex(inside);
  const last = times.findLastIndex(inside);
  const [low, high] = first < 0 ? [0, 0] : [first, last + 1];
  return { times: times.subarray(low, high), values: values.subarray(low, high), stepSeconds };
}

import type { OptionBoard } from "../../../../keeper/domain/observation.ts";
import { ASSETS } from "../backtest/assets.ts";
import { loadBook } from "../backtest/bookDepth.ts";
import { loadIndex } from "../backtest/indexSeries.ts";
import { ratioSeries } from "../backtest/priceSeries.ts";
import type { Worlds } from "../backtest/worlds.ts";
import type { ValidationInput, Walked } from "../runValidation.ts";
import { type SurfaceFigures, surfaceFigures } from "../surfaceFigures.ts";
import { type ElasticityStudy, elasticityStudy } from "./depthElasticity.ts";
import { type JudgementRow, judgementRows, thinJudgementRows } from "./judgement.ts";
import { type BoardStudy, boardStudy } from "./optionBoards.ts";
import { type PairStudy, pairStudy } from "./pairs.ts";
import { type PeggedStudy, peggedStudy } from "./pegged.ts";
import { calmedRatio, compositeSeries, poolSeries } from "./peggedSeries.ts";
import { type PoolingStudy, poolingStudy } from "./poolingWeight.ts";
import { type PositionStudy, positionStudy } from "./positionBooks.ts";
import { recordedBooks } from "./recordedBooks.ts";
import { STAKED_DEPEG, stakedStudies } from "./stakedAssets.ts";

export type SideStudies = {
  readonly boards: readonly BoardStudy[];
  readonly surfaces: SurfaceFigures | null;
  readonly pooling: readonly PoolingStudy[];
  readonly elasticity: readonly ElasticityStudy[];
  readonly pairs: readonly PairStudy[];
  readonly pegged: readonly PeggedStudy[];
  readonly judgement: readonly JudgementRow[];
  readonly positions: readonly PositionStudy[];
};

/** Pairs of collateral and debt: a major against a major, tokens against ether, staked and wrapped coins. */
const PAIRS = [
  ["ETH", "BTC"],
  ["BTC", "ETH"],
  ["LINK", "ETH"],
  ["CRV", "ETH"],
  ["MKR", "ETH"],
  ["SOL", "ETH"],
  ["WBETH", "ETH"],
  ["WBTC", "BTC"],
] as const;

/** Books and the asset whose volatility they are held against. */
const BOOKS = [
  ["ETH spot, one exchange", "depth/coinglass_spot_ETH_book_4h.csv.gz", "ETH", 6],
  ["BTC spot, one exchange", "depth/coinglass_spot_BTC_book_4h.csv.gz", "BTC", 6],
  ["ETH futures, all", "depth/coinglass_futures_agg_ETH_book_8h.csv.gz", "ETH", 3],
  ["BTC futures, all", "depth/coinglass_futures_agg_BTC_book_8h.csv.gz", "BTC", 3],
] as const;

const STAKED_BONUS = 0.075;
/** What is stated of a dollar coin (`ClaimParameters`). */
const DOLLAR_DEPEG = 0.04;

const time = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000;

/** The studies that need the whole data set; `walked` must hold ETH and BTC. */
export function sideStudies(
  input: ValidationInput,
  worlds: Worlds,
  walked: readonly Walked[],
  boards: readonly OptionBoard[],
): SideStudies {
  const { folder, market, seed } = input;
  const one = (name: string): Walked => {
    const found = walked.find(({ asset }) => asset.name === name);
    if (found === undefined) throw new RangeError(`${name} was not walked`);
    return found;
  };
  const majors = [one("ETH"), one("BTC")];
  const closes = (currency: string) => {
    const { times, values } = loadIndex(folder, currency);
    return Array.from(times, (at, i) => [at, values[i] ?? Number.NaN] as const);
  };
  return {
    boards: majors.map(({ asset, world }) => boardStudy(asset.name, boards, world.series, market, seed)),
    surfaces: surfaceFigures({ boards, index: { ETH: closes("ETH"), BTC: closes("BTC") }, rules: market.quality }),
    pooling: majors.flatMap(({ asset, world, estimates }) => {
      const index = loadIndex(folder, asset.name);
      return poolingStudy(asset.name, world.series, estimates, index, world.model.impliedWeight) ?? [];
    }),
    elasticity: BOOKS.flatMap(([name, file, asset, perDay]) => {
      const book = loadBook(folder, file);
      return book === null ? [] : (elasticityStudy(name, book, longRunOverNow(one(asset)), perDay, seed) ?? []);
    }),
    pairs: PAIRS.flatMap(([collateral, debt]) => {
      const walks = { collateral: one(collateral).walk, debt: one(debt).walk };
      return pairStudy(one(collateral).world, one(debt).world.series, walks, seed) ?? [];
    }),
    pegged: [
      stakedEther(folder, worlds),
      ...stakedStudies(folder, major(worlds, STAKED_BONUS)),
      dollarCoin(folder, worlds),
    ],
    positions: recordedBooks(folder).map(([name, book]) => positionStudy(name, book, market.model, input.settings)),
    judgement: [
      ...["ETH", "LINK"].flatMap((name) => judgementRows(one(name).world, one(name).estimates)),
      ...thinJudgementRows(one("ETH").world, one("ETH").estimates),
    ],
  };
}

/** Long-run over EWMA volatility as known at a moment. */
function longRunOverNow({ world, estimates }: Walked): (time: number) => number {
  const at = new Map(
    Array.from(world.series.closeTimes, (moment, i) => [
      moment,
      (estimates.longRun[i] ?? Number.NaN) / (estimates.ewma[i] ?? Number.NaN),
    ]),
  );
  return (moment) => at.get(moment) ?? Number.NaN;
}

function major(worlds: Worlds, bonus: number) {
  const [ether] = ASSETS;
  if (ether === undefined) throw new RangeError("no asset");
  // Ether's own size says nothing of a claim on it.
  const { depthUsdAt: _depth, dailyVolumeUsdAt: _volume, ...world } = worlds.open(ether);
  return { ...world, model: { ...world.model, liquidationBonus: bonus } };
}

function stakedEther(folder: string, worlds: Worlds): PeggedStudy {
  const [token, claimed] = [compositeSeries(folder, "stETH"), compositeSeries(folder, "WETH")];
  return peggedStudy({
    name: "stETH 2022",
    token,
    claimed,
    ratio: calmedRatio(ratioSeries(token, claimed)),
    world: major(worlds, 0.075),
    depeg: STAKED_DEPEG,
    deployed: { haircut: 0.25, by: "Aave v2 at listing in February 2022, LT 75 %, bonus 7.5 %" },
    from: time("2022-01-01"),
    to: time("2022-11-01"),
  });
}

function dollarCoin(folder: string, worlds: Worlds): PeggedStudy {
  const { series } = poolSeries(folder);
  return peggedStudy({
    name: "USDC 2023",
    token: series,
    claimed: null,
    ratio: series,
    world: major(worlds, 0.045),
    depeg: DOLLAR_DEPEG,
    deployed: { haircut: 0.24, by: "Aave v3 Ethereum, LT 76 %, bonus 4.5 %" },
    from: time("2023-01-01"),
    to: time("2023-07-01"),
  });
}

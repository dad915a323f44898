import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { readPositions } from "../positionFile.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import { present } from "../validation/backtest/loadSeries.ts";
import { dayFalls, dayOf, firstDays, type HourPath, hoursOf } from "./hours.ts";
import { type Case, type Choice, gridOf, remembered } from "./judge.ts";
import { type Book, playBook } from "./playBook.ts";
import { aaveLiquidations, type RecordedLiquidations } from "./recordedDays.ts";

/** Aave v3 opened on Ethereum on 27 January 2023; its market grows in proportion to its age. */
export const LAUNCH = Date.UTC(2023, 0, 27) / 1_000;
const GROWN_DAYS = 450;
/** A book as recorded in June 2023, and the shares of the LTV by which its borrowers are represented. */
const BOOK = "positions/lido_2023-06_b2_v3.csv.gz";
const SHAPE = 20;
/** Leveraged borrowers use between this and all of the LTV, in equal parts. */
const [LEVERAGED_FROM, LEVERAGED] = [0.9, 12];
/** Collateral of each coin, shares: five parts of ether to one of bitcoin. */
const COINS = [
  ["ETH", 5 / 6],
  ["BTC", 1 / 6],
] as const;
const SIDES = ["long", "short"] as const;

const [MONEY_USD, WATCHING, ARRIVAL_HOURS] = [1e9, 0.5, 7 * 24];
/** Feed and liquidation of Aave v3: reports at 0.5 %, half of a debt a call. */
const TERMS = { oracleDeviation: 0.005, closeFactor: 0.5 } as const;

/** A half-life after which nobody has topped up. */
const NEVER = 1e5;

/** What is fitted on the first half. */
const GRID = gridOf({
  repaymentDays: [10, 60],
  topUpHours: [NEVER, 72, 12],
  leveragedShare: [0.05, 0.2, 0.5],
  shortShare: [0, 0.02, 0.1],
});

/** The recorded Aave liquidations against a market whose borrowers are shaped like the recorded book. @throws TonsorError BAD_FILE */
export function aaveCase(folder: string): Case & { readonly file: RecordedLiquidations } {
  const file = aaveLiquidations(folder);
  const { first, usd } = file.days;
  const paths = aaveHours(folder, LAUNCH, (first + usd.length) * DAY_SECONDS);
  const recorded = aaveShape(folder);
  const near = aaveUsage(recorded, assetOf("ETH")).filter((share) => share >= LEVERAGED_FROM).length;
  const skipped = first - dayOf(LAUNCH);
  const falls = dayFalls(paths[0] as HourPath);
  const parts = remembered((days: number, repaymentDays: number, topUpHours: number) => {
    const known = paths.map((path) => firstDays(path, skipped + days));
    return aaveParts(recorded, known, repaymentDays, topUpHours);
  });
  return {
    ...{ name: "Aave v3", recorded: file.days, grid: GRID, file },
    simple: [
      ["fall of ETH within the day", falls.subarray(skipped)],
      ["fall of ETH within the day before", falls.subarray(skipped - 1, -1)],
      ["fall within the day, times the market's age", falls.map((fall, day) => fall * (day + 0.5)).subarray(skipped)],
    ],
    model: (choice, days) =>
      aaveMixture(parts(days, choice["repaymentDays"] as number, choice["topUpHours"] as number), choice).slice(
        skipped,
      ),
    assumed: [
      `new borrowers use what ${SHAPE} equal parts of the recorded book use of their borrowing power (${BOOK.slice(10)})`,
      "loans come in equal parts, not in the recorded sizes: what is played is the expected sum, not which large borrower falls",
      `of the collateral of new loans a share is leveraged: ${LEVERAGED_FROM * 100} to 100 % of the LTV, which ${near} of the ${SHAPE} recorded parts use`,
      "LTV, threshold and bonus of WETH and WBTC; five parts of ether to one of bitcoin; shorts are shaped as longs",
      "the market opens on 2023-01-27 (ChainAegis, 2023-05-07, 100economy.com/article/18994.html) and grows in proportion to its age; half of what is missing arrives in a week",
      `${WATCHING * 100} % of those who come within 5 % of liquidation top up, half of them within the fitted time`,
      "depth is ample and nothing is fed back: recorded prices hold the sales already",
      "each hour is its worst price, then its close; the feed reports at 0.5 %; a call repays half of a debt",
    ],
  };
}

/** Hours of the coins of the market. @throws TonsorError BAD_FILE */
export function aaveHours(folder: string, from: number, to: number): readonly HourPath[] {
  return COINS.map(([asset]) => hoursOf(folder, asset, from, to));
}

/** Shares of their borrowing power that equal parts of the recorded borrowers use, rising. @throws TonsorError BAD_FILE */
export function aaveShape(folder: string): readonly number[] {
  const used = readPositions(present(folder, BOOK))
    .map(({ collateral, debt, threshold }) => debt / (collateral * threshold))
    .filter((share) => share < 1)
    .sort((a, b) => a - b);
  return Array.from({ length: SHAPE }, (_, i) => used[Math.floor(((i + 0.5) * used.length) / SHAPE)] as number);
}

function assetOf(asset: string): Asset {
  return ASSETS.find(({ name }) => name === asset) as Asset;
}

/** The same as shares of the LTV of an asset; nobody opens above it. */
function aaveUsage(recorded: readonly number[], { deployed }: Asset): readonly number[] {
  return recorded.map((share) => Math.min(1, (share * deployed.lt) / deployed.ltv));
}

/** One part of the market: alike borrowers of one coin, and what is liquidated of them by day, USD, played when it is first asked for. */
type Part = { readonly side: Book["side"]; readonly isLeveraged: boolean; readonly usd: () => Float64Array };

/** Every part of the market, over the hours of each coin. */
export function aaveParts(
  recorded: readonly number[],
  paths: readonly HourPath[],
  repaymentDays: number,
  topUpHours: number,
): readonly Part[] {
  const leveraged = Array.from({ length: LEVERAGED }, (_, i) => {
    return LEVERAGED_FROM + ((1 - LEVERAGED_FROM) * (i + 0.5)) / LEVERAGED;
  });
  return paths.flatMap((path, coin) => {
    const asset = assetOf(path.asset);
    const { bonus, ltv, lt } = asset.deployed;
    const shared = {
      ...{ ...TERMS, bonus, ltv, threshold: lt, repaymentDays, topUpHours, arrivalHours: ARRIVAL_HOURS },
      ...{ money: MONEY_USD * (COINS[coin] as (typeof COINS)[0])[1], topUpShare: topUpHours === NEVER ? 0 : WATCHING },
      grown: (time: number) => (time - LAUNCH) / DAY_SECONDS / GROWN_DAYS,
    };
    return SIDES.flatMap((side) =>
      [false, true].map((isLeveraged): Part => {
        const usage = isLeveraged ? leveraged : aaveUsage(recorded, asset);
        const played = remembered(() => playBook({ ...shared, side, usage }, path));
        return { side, isLeveraged, usd: played };
      }),
    );
  });
}

/** Liquidations by day of a market mixed from its parts, USD; a part with no weight is not played. */
export function aaveMixture(parts: readonly Part[], { leveragedShare = 0, shortShare = 0 }: Choice): Float64Array {
  const weighted = parts.flatMap(({ side, isLeveraged, usd }) => {
    const ofSide = side === "short" ? shortShare : 1 - shortShare;
    const weight = ofSide * (isLeveraged ? leveragedShare : 1 - leveragedShare);
    return weight > 0 ? [{ weight, usd: usd() }] : [];
  });
  const days = weighted[0]?.usd.length ?? 0;
  return Float64Array.from({ length: days }, (_, day) => {
    return weighted.reduce((sum, { weight, usd }) => sum + weight * (usd[day] as number), 0);
  });
}

import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { dayFalls, dayOf, firstDays, type HourPath, hoursOf } from "./hours.ts";
import { type Case, gridOf, remembered } from "./judge.ts";
import { playBook } from "./playBook.ts";
import { exchangeLongs } from "./recordedDays.ts";

/** Two weeks before the first recorded day, in which the book is built. */
const FROM = Date.UTC(2024, 10, 1) / 1_000;
/** Leverages from the least to the highest, each with the same collateral. */
const [LEAST_LEVERAGE, LEVERAGES] = [3, 8];
/** A position is closed when what is left of it is 1 % of its size; the difference to the threshold pays who closes it. */
const TERMS = { ltv: 0.988, threshold: 0.99, bonus: 0.005, closeFactor: 1, oracleDeviation: 0 } as const;

const MONEY_USD = 1e9;

/** What is fitted on the first half. */
const GRID = gridOf({ highestLeverage: [20, 40, 80], holdingHours: [1, 3, 6, 24], arrivalHours: [2, 12] });

const COINS = ["ETH", "BTC"] as const;
type Coin = (typeof COINS)[number];

/** Longs that exchanges liquidated, of each coin and of both together, against a market of leveraged longs. @throws TonsorError BAD_FILE */
export function exchangeCases(folder: string): readonly Case[] {
  const longs = COINS.map((coin) => ({ coin, recorded: exchangeLongs(folder, coin) }));
  const length = Math.min(...longs.map(({ recorded }) => recorded.usd.length));
  const [
    {
      recorded: { first },
    },
  ] = longs as [(typeof longs)[0]];
  const end = (first + length) * DAY_SECONDS;
  const skipped = first - dayOf(FROM);
  const single = longs.map(({ coin, recorded }): Case => {
    const path = hoursOf(folder, coin, FROM, end);
    const days = Math.min(length, path.closes.length / 24 - skipped);
    return caseOf(coin, { first, usd: recorded.usd.subarray(0, days) }, path, skipped);
  });
  return [...single, together(single)];
}

function caseOf(coin: Coin, recorded: Case["recorded"], path: HourPath, skipped: number): Case {
  const falls = dayFalls(path);
  const played = remembered((days: number, highest: number, holdingHours: number, arrivalHours: number) => {
    const known = firstDays(path, skipped + days);
    const each = Array.from({ length: LEVERAGES }, (_, i) => {
      const leverage = LEAST_LEVERAGE * (highest / LEAST_LEVERAGE) ** (i / (LEVERAGES - 1));
      const usage = [Math.min(1, (1 - 1 / leverage) / TERMS.ltv)];
      const book = { ...TERMS, usage, arrivalHours, side: "long", money: MONEY_USD, grown: () => 1 } as const;
      const repaymentDays = (holdingHours * highest) / leverage / 24;
      return playBook({ ...book, repaymentDays, topUpShare: 0, topUpHours: 0 }, known);
    });
    return added(each);
  });
  return {
    ...{ name: `exchange longs ${coin}`, recorded, grid: GRID },
    simple: [
      [`fall of ${coin} within the day`, falls.subarray(skipped)],
      [`fall of ${coin} within the day before`, falls.subarray(skipped - 1, -1)],
    ],
    model: ({ highestLeverage = 0, holdingHours = 0, arrivalHours = 0 }, days) =>
      played(days, highestLeverage, holdingHours, arrivalHours).slice(skipped),
    assumed: [
      `longs of ${LEVERAGES} leverages from ${LEAST_LEVERAGE} to the highest, each with the same collateral`,
      "the less leveraged a position, the longer it is held, in proportion (settled after all days had been seen once)",
      "a position is closed whole when 1 % of its size is left; nobody adds margin",
      "the same money comes to the market every day: open interest is not recorded",
      "each hour is its worst price, then its close; depth is ample and nothing is fed back",
    ],
  };
}

/** Days of several series, added; all are as long as the first, or longer. */
function added(each: readonly Float64Array[]): Float64Array {
  const [first] = each as readonly [Float64Array];
  return first.map((_, day) => each.reduce((total, one) => total + (one[day] as number), 0));
}

/** Both coins as one case: recorded and modelled sums, both markets with the same money. */
function together(cases: readonly Case[]): Case {
  const [{ recorded, grid, assumed, simple }] = cases as readonly [Case];
  const sum = (days: number, of: (one: Case) => Float64Array) => added(cases.map(of)).subarray(0, days);
  const length = Math.min(...cases.map((one) => one.recorded.usd.length));
  return {
    ...{ name: "exchange longs ETH and BTC", grid },
    recorded: { first: recorded.first, usd: sum(length, (one) => one.recorded.usd) },
    simple: simple.map((_, i) => {
      const words = ["falls of both within the day, added", "falls of both within the day before, added"] as const;
      return [words[i] as string, sum(length, (one) => (one.simple[i] as (typeof simple)[0])[1])] as const;
    }),
    model: (choice, days) => sum(days, (one) => one.model(choice, days)),
    assumed: [...assumed, "as much collateral in ETH as in BTC"],
  };
}

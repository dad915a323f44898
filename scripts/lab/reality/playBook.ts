import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { USD_UNITS } from "../market/accountBook.ts";
import { PLAY_DEFAULTS, playSettings } from "../market/play.ts";
import { runMarket } from "../market/run.ts";
import type { HourPath } from "./hours.ts";

/** Two steps an hour: its worst price for the borrowers, then its close. */
const STEP_SECONDS = HOUR_SECONDS / 2;
const STEPS_A_DAY = 48;
/** Selling everything would take so long: depth is ample, and nothing is fed back into a recorded price. */
const AMPLE_HOURS = 1e-3;
/** The money of shorts: a millionth of a coin. */
const COIN_UNITS = 1e6;

/** Borrowers who are alike, against the recorded hours of one asset. */
export type Book = {
  /** Longs owe dollars and hold the coin; shorts owe the coin and hold dollars, played in the coin's own money. */
  readonly side: "long" | "short";
  /** Collateral that the lender takes when it is full grown, USD at the first price. */
  readonly money: number;
  /** Share of that which the lender takes at a time, Unix seconds. */
  readonly grown: (time: number) => number;
  readonly ltv: number;
  readonly threshold: number;
  readonly bonus: number;
  readonly closeFactor: number;
  readonly oracleDeviation: number;
  /** Shares of the LTV that new borrowers use, the collateral in equal parts. */
  readonly usage: readonly number[];
  /** Half of what is missing arrives, half of the loans are repaid, half of the top-ups are made within so long. */
  readonly arrivalHours: number;
  readonly repaymentDays: number;
  readonly topUpShare: number;
  readonly topUpHours: number;
};

/** Debt that the cascade market liquidates in a book on each day of a path, USD at the price of its moment. */
export function playBook(book: Book, path: HourPath): Float64Array {
  const isShort = book.side === "short";
  const worst = isShort ? path.highs : path.lows;
  const coin = Float64Array.from({ length: path.closes.length * 2 }, (_, step) => {
    return (step % 2 === 0 ? worst : path.closes)[step >> 1] as number;
  });
  const values = isShort ? coin.map((usd) => COIN_UNITS / usd) : coin;
  const cap = isShort ? book.money : book.money / (coin[0] as number);
  const times = coin.map((_, step) => path.from + step * STEP_SECONDS);
  const { ltv, threshold, bonus, oracleDeviation, repaymentDays, topUpShare, topUpHours } = book;
  const own = { ltv, threshold, bonus, oracleDeviation, repaymentDays, topUpShare, topUpHours, cap };
  const market = { name: path.asset, prices: { times, values, stepSeconds: STEP_SECONDS }, depth: null, pool: null };
  const settings = playSettings(
    { ...PLAY_DEFAULTS, ...own, ...market, hoursToSell: AMPLE_HOURS, impactShare: 0 },
    {
      name: book.side,
      target: ({ step }) => ({ ltv, threshold, limit: cap * book.grown(times[step] as number) }),
    },
  );
  const collaterals = settings.collaterals.map((one) => ({
    ...one,
    settings: {
      ...one.settings,
      liquidation: { ...one.settings.liquidation, closeFactor: book.closeFactor, gasUsd: 0 },
    },
    borrowers: { ...one.borrowers, usage: book.usage, arrivalSteps: book.arrivalHours * 2 },
  }));
  const days = new Float64Array(path.closes.length / 24);
  let before = 0;
  runMarket({ ...settings, collaterals }, ({ markets: [only], step }) => {
    const now = only?.ledger.liquidated ?? 0;
    const worth = isShort ? (coin[step - 1] as number) / COIN_UNITS : 1;
    const day = Math.floor((step - 1) / STEPS_A_DAY);
    days[day] = (days[day] as number) + ((now - before) / USD_UNITS) * worth;
    before = now;
  });
  return days;
}

import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TOKEN_UNITS, USD_UNITS } from "../market/accountBook.ts";
import { CascadeMarket } from "../market/cascadeMarket.ts";
import type { CollateralMarket, CollateralSettings } from "../market/collateralMarket.ts";
import { unitPrice } from "../market/liquidation.ts";
import { lenderTerms } from "../market/play.ts";
import { type DepthCurve, Pool } from "../market/pool.ts";

/** One collateral of the lender, as the shock leaves it. */
export type StressedMarket = {
  readonly name: string;
  /** Before the shock, USD a token. */
  readonly priceUsd: number;
  readonly priceFactor: number;
  /** Pool that it is sold into: markets that name the same share it. Tokens of the pool for one of the collateral. */
  readonly pool: string;
  readonly poolTokens: number;
  /** What the pool takes after the shock, in tokens of the pool. */
  readonly depth: DepthCurve;
  readonly bonus: number;
  /** Seconds until the lender reads the price after the shock. */
  readonly feedLateSeconds: number;
  /** Liquidation threshold in force so many seconds after the shock, a fraction. */
  threshold(seconds: number): number;
};

/** One account of the lender before the shock: USD of collateral by market, and one debt. */
export type Borrower = { readonly collateralUsd: readonly number[]; readonly debtUsd: number };

/** What a cascade is played under. */
export type CascadeAssumptions = {
  /** Share of a pool's drop that everybody's price follows, in [0, 1]. */
  readonly impactShare: number;
  /** Money that all liquidators have together, USD; Infinity: never short. */
  readonly capitalUsd: number;
};

/** What came of accounts of one collateral, or of all; USD. */
export type Losses = {
  readonly accounts: number;
  readonly debtUsd: number;
  /** Debt that the shock itself makes liquidatable, with the threshold of the moment, before anything is sold. */
  readonly dueUsd: number;
  readonly liquidatedUsd: number;
  /** Booked, and what accounts owe beyond their collateral a day later. */
  readonly badDebtUsd: number;
  /** Debt that thresholds which moved after the shock made liquidatable, at the price of that moment. */
  readonly causedUsd: number;
};

/** A cascade played for a day. */
export type Cascade = {
  /** By market: accounts that hold it alone, and how far its price fell, the sales included, a fraction. */
  readonly markets: readonly (Losses & { readonly deepestFall: number })[];
  /** Accounts with several collaterals, and everything together. */
  readonly several: Losses;
  readonly total: Losses;
};

/** Between two rounds of liquidators; played; half-life of what pools were sold. */
const [STEP_SECONDS, PLAYED_SECONDS, REFILL_SECONDS] = [600, DAY_SECONDS, HOUR_SECONDS / 2];

/**
 * The day after a shock in the cascade market: prices and depth move in one moment, liquidators sell what is due into the
 * pools, the prices that everybody sees follow, and more falls due. Nobody opens, repays or tops up.
 * @param markets at least one
 * @param borrowers collateral in the order of the markets
 * @throws TonsorError OUT_OF_RANGE for a price, threshold or amount that cannot be
 */
export function cascade(
  markets: readonly StressedMarket[],
  borrowers: readonly Borrower[],
  { impactShare, capitalUsd }: CascadeAssumptions,
): Cascade {
  const lender = lenderOf(markets, impactShare, capitalUsd);
  const alone = markets.map(() => 0);
  for (const borrower of borrowers) place(lender, markets, borrower, alone);
  const terms = (i: number, seconds: number) => {
    const threshold = (markets[i] as StressedMarket).threshold(seconds);
    return { ltv: 0, threshold, limit: Number.POSITIVE_INFINITY };
  };
  const fallen = markets.map(({ priceUsd, priceFactor }) => priceUsd * priceFactor);
  const debts = lender.markets.map(({ accounts }) => accounts.totalDebt);
  const due = dueAt(lender, fallen);
  const deepest = markets.map(() => 0);
  for (let seconds = 0; seconds < PLAYED_SECONDS; seconds += STEP_SECONDS) {
    lender.advance(fallen);
    if (seconds % HOUR_SECONDS === 0) {
      for (const [i, market] of lender.markets.entries()) lender.setTerms(market, terms(i, seconds));
    }
    lender.liquidate();
    markets.forEach(({ priceUsd }, i) => {
      const fall = 1 - (lender.markets[i] as CollateralMarket).price / priceUsd;
      deepest[i] = Math.max(deepest[i] as number, fall);
    });
  }
  const single = lender.markets.map((market, i) => ({
    accounts: alone[i] as number,
    debtUsd: (debts[i] as number) / USD_UNITS,
    dueUsd: (due.single[i] as number) / USD_UNITS,
    liquidatedUsd: market.ledger.liquidated / USD_UNITS,
    badDebtUsd: (market.ledger.badDebt + lender.shortfall(market)) / USD_UNITS,
    causedUsd: market.ledger.caused / USD_UNITS,
    deepestFall: deepest[i] as number,
  }));
  const { portfolioLedger: ledger } = lender;
  const several = {
    accounts: lender.portfolios.opened,
    debtUsd: ledger.lent / USD_UNITS,
    dueUsd: due.several / USD_UNITS,
    liquidatedUsd: ledger.liquidated / USD_UNITS,
    badDebtUsd: (ledger.badDebt + lender.shortfallOfPortfolios()) / USD_UNITS,
    causedUsd: ledger.caused / USD_UNITS,
  };
  return { markets: single, several, total: sumOf([...single, several]) };
}

function lenderOf(markets: readonly StressedMarket[], impactShare: number, capitalUsd: number): CascadeMarket {
  const names = [...new Set(markets.map(({ pool }) => pool))];
  const pools = names.map((name) => {
    const { depth } = markets.find(({ pool }) => pool === name) as StressedMarket;
    return new Pool(depth, REFILL_SECONDS / STEP_SECONDS);
  });
  const settings = markets.map(({ name, pool, poolTokens, bonus, feedLateSeconds }): CollateralSettings => {
    return {
      ...{ name, pool: names.indexOf(pool), poolTokens, impactShare },
      oracle: {
        ...{ deviation: 0.005, heartbeatSteps: HOUR_SECONDS / STEP_SECONDS },
        latencySteps: Math.ceil(feedLateSeconds / STEP_SECONDS),
      },
      liquidation: lenderTerms(bonus),
    };
  });
  return new CascadeMarket(
    ...[settings, pools, markets.map(({ priceUsd }) => priceUsd)],
    markets.map((one) => ({ ltv: 0, threshold: one.threshold(0), limit: Number.POSITIVE_INFINITY })),
    { capitalUsd, settlementSteps: 0 },
  );
}

/** Opens an account; one of several collaterals as a portfolio. Nothing is opened without debt. */
function place(
  lender: CascadeMarket,
  markets: readonly StressedMarket[],
  { collateralUsd, debtUsd }: Borrower,
  alone: number[],
): void {
  const units = markets.map(({ priceUsd }, i) => Math.floor(((collateralUsd[i] ?? 0) / priceUsd) * TOKEN_UNITS));
  const debt = Math.floor(debtUsd * USD_UNITS);
  const held = units.flatMap((amount, i) => (amount > 0 ? [i] : []));
  if (debt === 0 || held.length === 0) return;
  if (held.length > 1) lender.openPortfolio(units, debt);
  else {
    const [i] = held as [number];
    alone[i] = (alone[i] as number) + 1;
    lender.open(lender.markets[i] as CollateralMarket, units[i] as number, debt);
  }
}

/** Debt liquidatable at these prices, by market and of portfolios; units. */
function dueAt(lender: CascadeMarket, prices: readonly number[]): { single: readonly number[]; several: number } {
  const worth = lender.markets.map(({ terms }, i) => unitPrice(prices[i] as number) * terms.threshold);
  const single = lender.markets.map(({ accounts }, i) => {
    return accounts.debtBetween(worth[i] as number, Number.POSITIVE_INFINITY);
  });
  const several = lender.portfolios.due(worth).reduce((sum, { debt }) => sum + debt, 0);
  return { single, several };
}

function sumOf(parts: readonly Losses[]): Losses {
  const sum = (pick: (one: Losses) => number) => parts.reduce((total, one) => total + pick(one), 0);
  return {
    accounts: sum((one) => one.accounts),
    debtUsd: sum((one) => one.debtUsd),
    dueUsd: sum((one) => one.dueUsd),
    liquidatedUsd: sum((one) => one.liquidatedUsd),
    badDebtUsd: sum((one) => one.badDebtUsd),
    causedUsd: sum((one) => one.causedUsd),
  };
}

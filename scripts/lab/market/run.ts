import { EPOCH } from "../../../keeper/domain/calendar.ts";
import { TOKEN_UNITS, USD_UNITS } from "./accountBook.ts";
import { type BorrowerSettings, Borrowers } from "./borrowers.ts";
import { CascadeMarket } from "./cascadeMarket.ts";
import type { CollateralMarket, CollateralSettings, LiquidatorSettings, Terms } from "./collateralMarket.ts";
import type { Ledger } from "./ledger.ts";
import { breakEven } from "./liquidation.ts";
import { type DepthCurve, Pool } from "./pool.ts";
import type { Contract, ContractRules, Rule } from "./rules.ts";
import { SeveralBorrowers, type SeveralSettings } from "./severalBorrowers.ts";

/** One pool of a run: its curve, how fast it refills, and its size at each step (1: as the curve is). */
type PoolSettings = {
  readonly curve: DepthCurve;
  readonly refillSteps: number;
  readonly scale: Float64Array | null;
};

/** One collateral of a run. */
type RunCollateral = {
  readonly settings: CollateralSettings;
  /** Price at each step, USD, without the sales of this run. */
  readonly prices: Float64Array;
  readonly borrowers: BorrowerSettings;
  readonly rule: Rule;
  readonly contract: ContractRules;
};

/** A market played over recorded or made prices. */
export type RunSettings = {
  readonly collaterals: readonly RunCollateral[];
  readonly pools: readonly PoolSettings[];
  readonly liquidators: LiquidatorSettings;
  /** Borrowers who hold all of the collaterals; left out: nobody does. */
  readonly several?: SeveralSettings | undefined;
  readonly stepSeconds: number;
  /** Time of the first step, Unix seconds; left out: 2015-01-01. */
  readonly startTime?: number;
  /** The rule is asked every so many steps. */
  readonly ruleSteps: number;
};

/** What came of one collateral, or of those who hold several; money in USD, shares as fractions. */
export type Outcome = {
  readonly name: string;
  readonly rule: string;
  readonly years: number;
  readonly meanLtv: number;
  readonly meanThreshold: number;
  readonly meanDebtUsd: number;
  /** Booked, and what accounts owe beyond their collateral at the end. */
  readonly badDebtUsd: number;
  /** Bad debt in basis points of the mean debt, a year. */
  readonly badDebtBps: number;
  readonly liquidatedUsd: number;
  readonly calls: number;
  /** Debt made liquidatable by the rule's own moves at an unmoved price, share of the mean debt, a year. */
  readonly caused: number;
  /** Debt that was due and could not be sold: the mean over steps and the most at one, USD. */
  readonly meanUnsoldUsd: number;
  readonly mostUnsoldUsd: number;
  /**
   * Portfolio rebalancing: debt that fell due and so should have been repaid by a sale, and of it what could not be sold in
   * the step in which it fell due, each counted once however long it waits.
   */
  readonly dueUsd: number;
  readonly failedUsd: number;
  readonly touched: number;
};

/** What a run shows as it goes. */
type Watcher = (lender: CascadeMarket) => void;

/**
 * Plays a lender over the prices of its collaterals: at each step prices move, the rule is asked, borrowers act, liquidators
 * act. The same settings give the same outcome anywhere. One outcome for each collateral, and one more for `several`.
 * @param watch called after each step
 */
export function runMarket(run: RunSettings, watch: Watcher = () => {}): readonly Outcome[] {
  const { collaterals, stepSeconds, startTime = EPOCH } = run;
  const pools = run.pools.map(({ curve, refillSteps }) => new Pool(curve, refillSteps));
  const first = collaterals.map(({ prices }) => prices[0] as number);
  const opening = collaterals.map(({ rule, prices, settings }, i) => {
    const none = { ltv: 0, threshold: 0, limit: 0 };
    const full = (pools[settings.pool] as Pool).room(breakEven(settings.liquidation)) / settings.poolTokens;
    const nothing = { collateralTokens: 0, debtUsd: 0, onChain: none, soldTokens: 0 };
    const price = first[i] as number;
    const known = {
      prices: prices.subarray(0, 1),
      price,
      oraclePrice: price,
      depthTokens: full,
      fullDepthTokens: full,
    };
    return rule.target({ step: 0, stepSeconds, time: startTime, ...known, ...nothing });
  });
  const settings = collaterals.map((one) => one.settings);
  const lender = new CascadeMarket(settings, pools, first, opening, run.liquidators);
  const targets = [...opening];
  const contracts = collaterals.map(({ contract }, i) => contract.open(opening[i] as Terms, startTime - stepSeconds));
  const borrowers = collaterals.map(
    (one, i) => new Borrowers(lender, lender.markets[i] as CollateralMarket, one.borrowers),
  );
  const several = run.several === undefined ? null : new SeveralBorrowers(lender, run.several);
  const steps = Math.min(...collaterals.map(({ prices }) => prices.length));
  const [prices, depth] = [[...first], pools.map(() => 1)];
  for (let step = 0; step < steps; step += 1) {
    collaterals.forEach((one, i) => {
      prices[i] = one.prices[step] as number;
    });
    run.pools.forEach(({ scale }, i) => {
      depth[i] = scale === null ? 1 : (scale[step] as number);
    });
    lender.advance(prices, depth);
    collaterals.forEach((one, i) => {
      const market = lender.markets[i] as CollateralMarket;
      if (step % run.ruleSteps === 0) targets[i] = one.rule.target(viewOf(one, market, lender, step, run));
      lender.setTerms(market, (contracts[i] as Contract).follow(targets[i] as Terms, stepSeconds));
    });
    for (const one of borrowers) one.act();
    several?.act();
    lender.liquidate();
    watch(lender);
  }
  const years = (steps * stepSeconds) / (365 * 86_400);
  const outcomes = collaterals.map((one, i) => outcomeOf(one, lender.markets[i] as CollateralMarket, lender, years));
  return several === null ? outcomes : [...outcomes, outcomeOfSeveral(lender, outcomes)];
}

function viewOf(
  one: RunCollateral,
  market: CollateralMarket,
  lender: CascadeMarket,
  step: number,
  { stepSeconds, startTime = EPOCH }: RunSettings,
) {
  const { settings, oracle, accounts, terms } = market;
  const pool = lender.pools[settings.pool] as Pool;
  return {
    ...{ step, stepSeconds, time: startTime + step * stepSeconds, price: market.price },
    prices: one.prices.subarray(0, step + 1),
    oraclePrice: oracle.price,
    depthTokens: pool.room(breakEven(settings.liquidation)) / settings.poolTokens,
    get fullDepthTokens() {
      return pool.fullRoom(breakEven(settings.liquidation)) / settings.poolTokens;
    },
    soldTokens: pool.sold / settings.poolTokens,
    collateralTokens: accounts.totalCollateral / TOKEN_UNITS,
    debtUsd: accounts.totalDebt / USD_UNITS,
    onChain: terms,
  };
}

function outcomeOf(one: RunCollateral, market: CollateralMarket, lender: CascadeMarket, years: number): Outcome {
  const { ledger, accounts } = market;
  return {
    ...{ name: one.settings.name, rule: one.rule.name, years },
    ...{ meanLtv: ledger.ltvSteps / ledger.steps, meanThreshold: ledger.thresholdSteps / ledger.steps },
    ...money(ledger, lender.shortfall(market), years),
    ...{ calls: ledger.calls, touched: accounts.touched },
  };
}

/** Of those who hold several collaterals; their calls are counted where they sold, their terms are the others' means. */
function outcomeOfSeveral(lender: CascadeMarket, others: readonly Outcome[]): Outcome {
  const { years } = others[0] as Outcome;
  const mean = (pick: (one: Outcome) => number) => others.reduce((sum, one) => sum + pick(one), 0) / others.length;
  return {
    ...{ name: "several", rule: [...new Set(others.map(({ rule }) => rule))].join(", "), years },
    ...{ meanLtv: mean((one) => one.meanLtv), meanThreshold: mean((one) => one.meanThreshold) },
    ...money(lender.portfolioLedger, lender.shortfallOfPortfolios(), years),
    ...{ calls: 0, touched: lender.portfolios.touched },
  };
}

function money(ledger: Ledger, shortfall: number, years: number) {
  const meanDebtUsd = ledger.debtSteps / ledger.steps / USD_UNITS;
  const badDebtUsd = (ledger.badDebt + shortfall) / USD_UNITS;
  return {
    meanDebtUsd,
    badDebtUsd,
    badDebtBps: meanDebtUsd === 0 ? 0 : (badDebtUsd / meanDebtUsd / years) * 10_000,
    liquidatedUsd: ledger.liquidated / USD_UNITS,
    caused: meanDebtUsd === 0 ? 0 : ledger.caused / USD_UNITS / meanDebtUsd / years,
    meanUnsoldUsd: ledger.unsoldSteps / ledger.steps / USD_UNITS,
    mostUnsoldUsd: ledger.mostUnsold / USD_UNITS,
    dueUsd: ledger.due / USD_UNITS,
    failedUsd: ledger.failed / USD_UNITS,
  };
}

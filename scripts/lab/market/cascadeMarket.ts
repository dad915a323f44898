import { USD_UNITS } from "./accountBook.ts";
import {
  type CollateralMarket,
  type CollateralSettings,
  type LiquidatorSettings,
  openMarket,
  requirePrice,
  requireTerms,
  type Terms,
} from "./collateralMarket.ts";
import { bookStep, emptyLedger, type Ledger } from "./ledger.ts";
import { breakEven, dustUnits, type LiquidationCall, largestCall, unitPrice } from "./liquidation.ts";
import type { Pool } from "./pool.ts";
import { type Portfolio, PortfolioBook } from "./portfolioBook.ts";

/**
 * A lender with one or more collaterals, liquidators who act only for a profit, and pools that their sales deplete. It has
 * no opinion about borrowers, prices or rules: a run feeds it (`run.ts`).
 *
 * A step: pools refill, prices move, oracles report, then rounds of liquidation until none is profitable. In a round the
 * oracle's prices are fixed and accounts are taken from the riskiest down (portfolios first); each is called until it is
 * healthy, empty, or not worth a call. Liquidators sell in the same call and stop where the next token would not pay.
 */
export class CascadeMarket {
  readonly markets: readonly CollateralMarket[];
  readonly pools: readonly Pool[];
  /** Borrowers with several collaterals and one debt. */
  readonly portfolios: PortfolioBook;
  /** Debt of portfolios: lent, liquidated, bad, caused. Their collateral is in the ledgers of its markets. */
  readonly portfolioLedger = emptyLedger();
  /** Liquidators' money at hand, and their profit so far after gas and fees, units. */
  capital: number;
  profit = 0;
  step = 0;
  readonly #settlementSteps: number;
  #settling: { readonly units: number; readonly at: number }[] = [];

  constructor(
    collaterals: readonly CollateralSettings[],
    pools: readonly Pool[],
    prices: readonly number[],
    terms: readonly Terms[],
    liquidators: LiquidatorSettings,
  ) {
    this.pools = pools;
    this.portfolios = new PortfolioBook(collaterals.length);
    this.capital = liquidators.capitalUsd * USD_UNITS;
    this.#settlementSteps = liquidators.settlementSteps;
    this.markets = collaterals.map((settings, i) => openMarket(settings, prices[i], terms[i], pools.length));
  }

  /** Opens an account of one collateral; whole units. */
  open(market: CollateralMarket, collateral: number, debt: number): number {
    const id = market.accounts.open(collateral, debt);
    market.ledger.deposited += collateral;
    market.ledger.lent += debt;
    return id;
  }

  /** A borrower repays and withdraws all. */
  close(market: CollateralMarket, id: number): void {
    market.ledger.withdrawn += market.accounts.collateralOf(id);
    market.ledger.repaid += market.accounts.debtOf(id);
    market.accounts.change(id, 0, 0);
  }

  /** A borrower repays a part, whole units below its debt. */
  repay(market: CollateralMarket, id: number, debt: number): void {
    market.ledger.repaid += debt;
    market.accounts.change(id, market.accounts.collateralOf(id), market.accounts.debtOf(id) - debt);
  }

  /** Opens a borrower with several collaterals, whole units by market, and one debt. */
  openPortfolio(collateral: readonly number[], debt: number): Portfolio {
    this.markets.forEach((market, i) => {
      market.ledger.deposited += collateral[i] ?? 0;
    });
    this.portfolioLedger.lent += debt;
    return this.portfolios.open(collateral, debt);
  }

  /** A borrower with several collaterals repays and withdraws all. */
  closePortfolio(portfolio: Portfolio): void {
    this.portfolioLedger.repaid += portfolio.debt;
    this.#withdraw(portfolio);
  }

  /** The lender's parameters from now on; what a lower threshold makes liquidatable at this price is counted. */
  setTerms(market: CollateralMarket, terms: Terms): void {
    const before = market.terms;
    const next = requireTerms(terms, market.settings);
    const due = next.threshold < before.threshold ? new Set(this.portfolios.due(this.#levels())) : null;
    market.terms = next;
    if (due === null) return;
    const price = unitPrice(market.oracle.price);
    // Who was due at the market's price already is not due by this move, whatever the lender's oracle says.
    const border = Math.min(price, unitPrice(market.price)) * before.threshold;
    market.ledger.caused += market.accounts.debtBetween(price * next.threshold, border);
    for (const portfolio of this.portfolios.due(this.#levels())) {
      if (!due.has(portfolio)) this.portfolioLedger.caused += portfolio.debt;
    }
  }

  /** Time passes: pools refill, settled proceeds come back, prices move, oracles report. Prices are those outside, USD. */
  advance(prices: readonly number[], depth: readonly number[] = []): void {
    this.step += 1;
    while (this.#settling[0] !== undefined && this.#settling[0].at <= this.step) {
      this.capital += (this.#settling.shift() as { units: number }).units;
    }
    this.pools.forEach((pool, i) => {
      pool.refill();
      pool.scale = depth[i] ?? pool.scale;
    });
    this.markets.forEach((market, i) => {
      market.outside = requirePrice(market.settings.name, prices[i]);
    });
    this.#see();
  }

  /** Liquidates all that pays, and closes the step's books. */
  liquidate(): void {
    for (
      let sold = this.#round();
      sold && this.markets.some((market) => market.oracle.isInstant);
      sold = this.#round()
    ) {
      this.#see();
    }
    this.#see();
    this.#book();
  }

  /** Debt that is due now, units: after `liquidate`, what could not be sold. Portfolios apart. */
  unsold({ accounts, oracle, terms }: CollateralMarket): number {
    return accounts.debtBetween(unitPrice(oracle.price) * terms.threshold, Number.POSITIVE_INFINITY);
  }

  /** Adds the step to the ledgers. */
  #book(): void {
    for (const market of this.markets) {
      const { accounts, terms, ledger } = market;
      bookStep(ledger, this.unsold(market), accounts.totalDebt);
      ledger.ltvSteps += terms.ltv;
      ledger.thresholdSteps += terms.threshold;
    }
    const unsold = this.portfolios.due(this.#levels()).reduce((sum, { debt }) => sum + debt, 0);
    bookStep(this.portfolioLedger, unsold, this.portfolios.totalDebt);
  }

  /** Debt that its collateral would not repay at the price that everybody sees, units: bad debt not yet booked. */
  shortfall(market: CollateralMarket): number {
    const price = unitPrice(market.price);
    let sum = 0;
    for (const id of market.accounts.between(price, Number.POSITIVE_INFINITY)) {
      sum += market.accounts.debtOf(id) - Math.floor(market.accounts.collateralOf(id) * price);
    }
    return sum;
  }

  /** The same of borrowers with several collaterals. */
  shortfallOfPortfolios(): number {
    return this.portfolios.shortfall(this.markets.map(({ price }) => unitPrice(price)));
  }

  /** Prices follow the pools, oracles the prices. */
  #see(): void {
    for (const market of this.markets) {
      const { pool, impactShare } = market.settings;
      market.price = market.outside * (1 - impactShare * (this.pools[pool] as Pool).drop);
      market.oracle.observe(market.price, this.step);
    }
  }

  /** One round at fixed oracle prices; true when something was sold. */
  #round(): boolean {
    let sold = this.#roundOfPortfolios();
    for (const market of this.markets) {
      const { accounts, oracle, settings, terms } = market;
      const price = unitPrice(oracle.price);
      const border = price * terms.threshold;
      const truth = (unitPrice(market.price) * terms.threshold) / (1 + oracle.tolerance);
      const dust = dustUnits(settings.liquidation);
      for (const id of accounts.between(border, Number.POSITIVE_INFINITY)) {
        if (this.#room(market) < 1) break;
        while (accounts.debtOf(id) > dust && accounts.ratio(id) > border) {
          const account = { collateral: accounts.collateralOf(id), debt: accounts.debtOf(id) };
          const call = this.#call(market, account, border / accounts.ratio(id), market.ledger);
          if (call === null) break;
          sold = true;
          if (accounts.ratio(id) <= truth) market.ledger.misjudged += Math.floor(call.seize * unitPrice(market.price));
          accounts.change(id, account.collateral - call.seize, account.debt - call.repay);
          if (account.collateral === call.seize) market.ledger.badDebt += account.debt - call.repay;
          else if (account.debt === call.repay) market.ledger.withdrawn += account.collateral - call.seize;
        }
      }
    }
    return sold;
  }

  #roundOfPortfolios(): boolean {
    let sold = false;
    const levels = this.#levels();
    for (const portfolio of this.portfolios.due(levels)) {
      const health = () => this.portfolios.health(portfolio, levels);
      for (let now = health(); now < 1; now = health()) {
        const best = this.#bestSale(portfolio);
        if (best === null) break;
        const account = { collateral: portfolio.collateral[best.index] as number, debt: portfolio.debt };
        const call = this.#call(best.market, account, now, this.portfolioLedger);
        if (call === null) break;
        sold = true;
        if (this.portfolios.health(portfolio, this.#levels(true)) >= 1)
          this.portfolioLedger.misjudged += Math.floor(call.seize * unitPrice(best.market.price));
        this.portfolios.reduce(portfolio, best.index, call.seize, call.repay);
        if (portfolio.debt > 0 && portfolio.collateral.some((units) => units > 0)) continue;
        this.portfolioLedger.badDebt += portfolio.debt;
        this.#withdraw(portfolio);
        break;
      }
    }
    return sold;
  }

  /** Hands back what is left of a portfolio's collateral. */
  #withdraw(portfolio: Portfolio): void {
    this.markets.forEach(({ ledger }, i) => {
      ledger.withdrawn += portfolio.collateral[i] as number;
    });
    this.portfolios.close(portfolio);
  }

  /** One call, sold and booked, its debt in `debts`; null when none pays. */
  #call(
    market: CollateralMarket,
    account: { collateral: number; debt: number },
    health: number,
    debts: Ledger,
  ): LiquidationCall | null {
    const { settings, oracle, ledger } = market;
    const { liquidation } = settings;
    const gas = Math.ceil(liquidation.gasUsd * USD_UNITS);
    const capital = Math.floor((this.capital - gas) / (1 + liquidation.flashFee));
    const call = largestCall(account, health, unitPrice(oracle.price), liquidation, this.#room(market), capital);
    if (call === null) return null;
    const pool = this.pools[settings.pool] as Pool;
    const tokens = (call.seize / 1e6) * settings.poolTokens;
    const mid = (market.outside / settings.poolTokens) * USD_UNITS;
    const proceeds = Math.floor(pool.quote(tokens) * mid);
    const cost = call.repay + Math.ceil(call.repay * liquidation.flashFee) + gas;
    if (proceeds < cost) return null;
    pool.take(tokens);
    this.profit += proceeds - cost;
    this.#pay(cost, proceeds);
    ledger.seized += call.seize;
    ledger.calls += 1;
    debts.liquidated += call.repay;
    return call;
  }

  #pay(cost: number, proceeds: number): void {
    if (this.#settlementSteps === 0) this.capital += proceeds - cost;
    else {
      this.capital -= cost;
      this.#settling.push({ units: proceeds, at: this.step + this.#settlementSteps });
    }
  }

  /** Collateral units that still sell above break-even, both prices being fractions of the pool's mid. */
  #room({ settings, oracle, outside }: CollateralMarket): number {
    const price = (breakEven(settings.liquidation) * oracle.price) / outside;
    return ((this.pools[settings.pool] as Pool).room(price) / settings.poolTokens) * 1e6;
  }

  /**
   * Price times threshold by market, debt units that one unit of collateral may owe: at the oracles' prices, or at those that
   * everybody sees, as far as the oracles may deviate.
   */
  #levels(seen = false): readonly number[] {
    return this.markets.map(({ oracle, terms, price }) => {
      return unitPrice(seen ? price / (1 + oracle.tolerance) : oracle.price) * terms.threshold;
    });
  }

  /** The held collateral whose sale has the most room, by value; null when none has any. */
  #bestSale({ collateral }: Portfolio): { readonly market: CollateralMarket; readonly index: number } | null {
    let best: { market: CollateralMarket; index: number } | null = null;
    let most = 0;
    this.markets.forEach((market, index) => {
      const value = Math.min(collateral[index] ?? 0, this.#room(market)) * unitPrice(market.oracle.price);
      if (value > most) [best, most] = [{ market, index }, value];
    });
    return best;
  }

  /** Money of liquidators that has not settled yet, units. */
  get settling(): number {
    return this.#settling.reduce((sum, { units }) => sum + units, 0);
  }
}

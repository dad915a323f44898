/** A borrower with several collaterals (whole units by market) and one debt, units. */
export type Portfolio = {
  readonly collateral: number[];
  debt: number;
  /** Place in the order of opening. */
  readonly order: number;
};

/** Shares of all portfolios beyond which looking again at each is cheaper than at those that may be due. */
const [LEAST_LOOKED, MOST_SHARE] = [32, 1 / 8];

/**
 * Borrowers who hold several collaterals. A portfolio's health is the sum of its collateral, each times the level of its market
 * (price times threshold), over its debt; it falls by no more than the level that fell most. So of those whose health was
 * known at some levels, sorted, only a prefix can be due: the cost grows with the portfolios near their border, not with all.
 */
export class PortfolioBook {
  readonly #open = new Set<Portfolio>();
  /** Sorted by health at `#base`; one that was changed since is in `#changed` and no longer believed here. */
  #known: { readonly portfolio: Portfolio; readonly health: number }[] = [];
  #base: readonly number[] = [];
  #changed = new Set<Portfolio>();
  /** Ever opened. */
  opened = 0;
  /** Portfolios looked at: what the work grows with. */
  touched = 0;
  /** Units owed by all, and held by market. */
  totalDebt = 0;
  readonly totalCollateral: number[];

  constructor(markets: number) {
    this.totalCollateral = new Array(markets).fill(0);
  }

  /** Open ones, in the order of opening. */
  get all(): ReadonlySet<Portfolio> {
    return this.#open;
  }

  /** @param collateral whole units by market  @param debt units > 0 */
  open(collateral: readonly number[], debt: number): Portfolio {
    const portfolio = {
      collateral: this.totalCollateral.map((_, i) => collateral[i] ?? 0),
      debt,
      order: this.opened++,
    };
    this.#open.add(portfolio);
    this.#changed.add(portfolio);
    this.#count(portfolio, 1);
    return portfolio;
  }

  isOpen(portfolio: Portfolio): boolean {
    return this.#open.has(portfolio);
  }

  /** Takes units off a portfolio. */
  reduce(portfolio: Portfolio, market: number, collateral: number, debt: number): void {
    this.#count(portfolio, -1);
    portfolio.collateral[market] = (portfolio.collateral[market] as number) - collateral;
    portfolio.debt -= debt;
    this.#changed.add(portfolio);
    this.#count(portfolio, 1);
  }

  /** Closes it; what it held and owed is no longer counted. */
  close(portfolio: Portfolio): void {
    this.#count(portfolio, -1);
    this.#open.delete(portfolio);
    this.#changed.delete(portfolio);
  }

  /** Collateral times levels over debt. */
  health({ collateral, debt }: Portfolio, levels: readonly number[]): number {
    return levels.reduce((sum, level, i) => sum + (collateral[i] as number) * level, 0) / debt;
  }

  /** Those with a health below 1 at these levels (debt units per collateral unit, by market), in the order of opening. */
  due(levels: readonly number[]): Portfolio[] {
    if (this.#open.size === 0) return [];
    this.touched += this.#changed.size;
    const least = Math.min(...levels.map((level, i) => level / (this.#base[i] ?? Number.NaN)));
    // The bound is exact but for rounding; NaN before the first search, which compares as false.
    const reach = this.#known.findIndex(({ health }) => !(health * least < 1 + 1e-9));
    const prefix = reach < 0 ? this.#known.length : reach;
    if (prefix + this.#changed.size > LEAST_LOOKED + this.#open.size * MOST_SHARE) {
      this.touched += this.#open.size;
      this.#base = levels;
      this.#changed.clear();
      this.#known = Array.from(this.#open, (portfolio) => ({ portfolio, health: this.health(portfolio, levels) }));
      this.#known.sort((a, b) => a.health - b.health);
      const healthy = this.#known.findIndex(({ health }) => !(health < 1));
      const found = this.#known.slice(0, healthy < 0 ? this.#known.length : healthy);
      return found.map(({ portfolio }) => portfolio).sort((a, b) => a.order - b.order);
    }
    this.touched += prefix;
    const near = this.#known.slice(0, prefix).map(({ portfolio }) => portfolio);
    const looked = new Set([...near.filter((one) => this.#open.has(one)), ...this.#changed]);
    return [...looked].filter((one) => this.health(one, levels) < 1).sort((a, b) => a.order - b.order);
  }

  /** Debt beyond what its collateral is worth at these prices, debt units per collateral unit by market. */
  shortfall(prices: readonly number[]): number {
    const value = ({ collateral }: Portfolio) =>
      prices.reduce((sum, price, i) => sum + (collateral[i] as number) * price, 0);
    return this.due(prices).reduce((sum, one) => sum + one.debt - Math.floor(value(one)), 0);
  }

  #count({ collateral, debt }: Portfolio, sign: 1 | -1): void {
    this.totalDebt += sign * debt;
    collateral.forEach((units, i) => {
      this.totalCollateral[i] = (this.totalCollateral[i] as number) + sign * units;
    });
  }
}

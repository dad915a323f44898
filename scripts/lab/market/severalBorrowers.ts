import { uniforms } from "../validation/statistics/random.ts";
import { TOKEN_UNITS } from "./accountBook.ts";
import type { CascadeMarket } from "./cascadeMarket.ts";
import { unitPrice } from "./liquidation.ts";
import type { Portfolio } from "./portfolioBook.ts";

/** Borrowers who hold every collateral of a lender against one debt. Half-lives in steps. */
export type SeveralSettings = {
  /** What they would deposit of each collateral without any limit, whole tokens. */
  readonly appetite: readonly number[];
  /** New ones come every so many steps; half of what is missing is deposited within `arrivalSteps`. */
  readonly everySteps: number;
  readonly arrivalSteps: number;
  /** Half of the loans are repaid within so many steps; Infinity: none is. */
  readonly repaymentSteps: number;
  /** Shares of what they may borrow that new loans use, one portfolio each, the collateral in equal parts. */
  readonly usage: readonly number[];
  readonly seed: number;
};

/** The borrowers of several collaterals: new loans within the LTV of each collateral and its limit, and repayments. */
export class SeveralBorrowers {
  readonly #lender: CascadeMarket;
  readonly #settings: SeveralSettings;
  readonly #uniform: () => number;
  readonly #repayments = new Map<number, Portfolio[]>();

  constructor(lender: CascadeMarket, settings: SeveralSettings) {
    this.#lender = lender;
    this.#settings = settings;
    this.#uniform = uniforms(settings.seed);
  }

  /** One step, after the oracles reported and before liquidators act. */
  act(): void {
    this.#repay();
    if (this.#lender.step % this.#settings.everySteps === 0) this.#arrive();
  }

  #repay(): void {
    const { portfolios, step, markets } = this.#lender;
    const prices = markets.map(({ price }) => unitPrice(price));
    for (const portfolio of this.#repayments.get(step) ?? []) {
      // Nobody repays more than he gets back.
      if (portfolios.isOpen(portfolio) && portfolios.health(portfolio, prices) > 1)
        this.#lender.closePortfolio(portfolio);
    }
    this.#repayments.delete(step);
  }

  #arrive(): void {
    const { appetite, arrivalSteps, everySteps, usage, repaymentSteps } = this.#settings;
    const { markets, portfolios } = this.#lender;
    const share = (1 - 2 ** (-everySteps / arrivalSteps)) / usage.length;
    const each = markets.map(({ terms, accounts }, i) => {
      const held = portfolios.totalCollateral[i] as number;
      const room = terms.limit * TOKEN_UNITS - accounts.totalCollateral - held;
      return Math.max(0, Math.floor(Math.min((appetite[i] as number) * TOKEN_UNITS - held, room) * share));
    });
    const power = markets.reduce((sum, { oracle, terms }, i) => {
      return sum + (each[i] as number) * unitPrice(oracle.price) * terms.ltv;
    }, 0);
    for (const use of usage) {
      const debt = Math.floor(power * use);
      if (debt === 0) continue;
      const portfolio = this.#lender.openPortfolio(each, debt);
      const steps = Math.ceil(-Math.log2(1 - this.#uniform()) * repaymentSteps);
      if (!Number.isFinite(steps)) continue;
      const at = this.#lender.step + Math.max(1, steps);
      this.#repayments.set(at, [...(this.#repayments.get(at) ?? []), portfolio]);
    }
  }
}

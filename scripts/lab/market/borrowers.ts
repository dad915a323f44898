import { uniforms } from "../validation/statistics/random.ts";
import { TOKEN_UNITS } from "./accountBook.ts";
import type { CascadeMarket } from "./cascadeMarket.ts";
import type { CollateralMarket } from "./collateralMarket.ts";
import { unitPrice } from "./liquidation.ts";

/** How the borrowers of one collateral behave. Half-lives in steps. */
export type BorrowerSettings = {
  /** Collateral that would be deposited without any limit, whole tokens. */
  readonly appetite: number;
  /** Half of what is missing to appetite or limit is deposited within so many steps. */
  readonly arrivalSteps: number;
  /** Half of the loans are repaid within so many steps; Infinity: none is. */
  readonly repaymentSteps: number;
  /**
   * Loans of a fixed term instead of half-lives: each step lends the same share of appetite or limit, and every loan is
   * repaid after so many steps.
   */
  readonly termSteps?: number | null;
  /** Shares of the LTV that new loans use, one account each per step, the collateral in equal parts. */
  readonly usage: readonly number[];
  /** One of them a step in turn instead, with all of the step's collateral: as many accounts as steps. */
  readonly inTurn?: boolean;
  /**
   * Who tops up: this share of accounts that come within `band` of liquidation repays down to `to` of the border, half of
   * them within `halfLifeSteps`; 0: all at once.
   */
  readonly topUp: {
    readonly share: number;
    readonly band: number;
    readonly to: number;
    readonly halfLifeSteps: number;
  };
  readonly seed: number;
};

/** The borrowers of one collateral: new loans within LTV and limit, repayments, top-ups. */
export class Borrowers {
  readonly #market: CollateralMarket;
  readonly #lender: CascadeMarket;
  readonly #settings: BorrowerSettings;
  readonly #uniform: () => number;
  /** Accounts to be repaid, and to be topped up, by step: id and generation in turn. */
  readonly #repayments = new Map<number, number[]>();
  readonly #topUps = new Map<number, number[]>();
  /** Ratio above which an account was within the band at the last step. */
  #alarm = Number.POSITIVE_INFINITY;

  constructor(lender: CascadeMarket, market: CollateralMarket, settings: BorrowerSettings) {
    this.#lender = lender;
    this.#market = market;
    this.#settings = settings;
    this.#uniform = uniforms(settings.seed);
  }

  /** One step, after the oracle reported and before liquidators act. */
  act(): void {
    this.#repay();
    this.#topUp();
    this.#arrive();
  }

  #repay(): void {
    const { accounts } = this.#market;
    for (const id of this.#due(this.#repayments)) {
      // Nobody repays more than he gets back.
      if (accounts.ratio(id) < unitPrice(this.#market.price)) this.#lender.close(this.#market, id);
    }
  }

  #topUp(): void {
    const { share, band, halfLifeSteps } = this.#settings.topUp;
    if (share === 0) return;
    const { accounts, oracle, terms } = this.#market;
    const border = unitPrice(oracle.price) * terms.threshold;
    const alarm = border * (1 - band);
    for (const id of this.#due(this.#topUps)) this.#pay(id, border);
    for (const id of accounts.between(alarm, this.#alarm)) {
      if (this.#uniform() >= share) continue;
      if (halfLifeSteps === 0) this.#pay(id, border);
      else this.#remember(this.#topUps, id, halfLifeSteps);
    }
    this.#alarm = alarm;
  }

  /** Tops an account up, unless it has come far enough from the border by itself. */
  #pay(id: number, border: number): void {
    const { accounts } = this.#market;
    const left = Math.floor(accounts.collateralOf(id) * border * this.#settings.topUp.to);
    const paid = accounts.debtOf(id) - left;
    if (left > 0 && paid > 0) this.#lender.repay(this.#market, id, paid);
  }

  #arrive(): void {
    const { appetite, arrivalSteps, repaymentSteps, termSteps = null } = this.#settings;
    const { accounts, oracle, terms } = this.#market;
    // Those who hold several collaterals take their part of the limit.
    const others = this.#lender.portfolios.totalCollateral[this.#lender.markets.indexOf(this.#market)] ?? 0;
    const wanted = Math.min(appetite * TOKEN_UNITS, terms.limit * TOKEN_UNITS - others);
    const missing = wanted - accounts.totalCollateral;
    if (!(missing > 0)) return;
    const inflow =
      termSteps === null ? missing * (1 - 2 ** (-1 / arrivalSteps)) : Math.min(missing, wanted / termSteps);
    const usage = this.#usage();
    const each = Math.floor(inflow / usage.length);
    if (each === 0) return;
    for (const share of usage) {
      const debt = Math.floor(each * unitPrice(oracle.price) * terms.ltv * share);
      if (debt > 0) {
        const id = this.#lender.open(this.#market, each, debt);
        if (termSteps === null) this.#remember(this.#repayments, id, repaymentSteps);
        else this.#note(this.#repayments, id, termSteps);
      }
    }
  }

  #usage(): readonly number[] {
    const { usage, inTurn = false } = this.#settings;
    return inTurn ? [usage[this.#lender.step % usage.length] as number] : usage;
  }

  /** Draws when an account comes up, half of them within `halfLife` steps. */
  #remember(book: Map<number, number[]>, id: number, halfLife: number): void {
    const steps = Math.ceil(-Math.log2(1 - this.#uniform()) * halfLife);
    if (Number.isFinite(steps)) this.#note(book, id, Math.max(1, steps));
  }

  #note(book: Map<number, number[]>, id: number, steps: number): void {
    const at = this.#lender.step + steps;
    const entry = [id, this.#market.accounts.generationOf(id)];
    const known = book.get(at);
    if (known === undefined) book.set(at, entry);
    else known.push(...entry);
  }

  /** Accounts that come up now and are still open. */
  *#due(book: Map<number, number[]>): Generator<number> {
    const due = book.get(this.#lender.step) ?? [];
    book.delete(this.#lender.step);
    for (let i = 0; i < due.length; i += 2) {
      const id = due[i] as number;
      if (this.#market.accounts.generationOf(id) === due[i + 1]) yield id;
    }
  }
}

/**
 * The market of scripts/lab/market written again, slow and obvious: every account is looked at in every round, amounts are
 * plain objects, nothing is shared with the code under test but the forms of its settings.
 */
import type { CollateralSettings, Terms } from "../../../scripts/lab/market/collateralMarket.ts";

export type Account = { id: number; market: number; collateral: number; debt: number };
type Pool = { reserve: number; fee: number; keep: number; sold: number; scale: number };
type Feed = { price: number; reported: number; reportedAt: number; pending: { price: number; at: number }[] };

export class ReferenceMarket {
  accounts: Account[] = [];
  portfolios: { collateral: number[]; debt: number }[] = [];
  badDebt: number[];
  seized: number[];
  liquidated: number[];
  portfolioBadDebt = 0;
  portfolioLiquidated = 0;
  profit = 0;
  step = 0;
  prices: number[];
  settling: { units: number; at: number }[] = [];
  readonly feeds: Feed[];

  readonly settings: readonly CollateralSettings[];
  readonly pools: Pool[];
  outside: number[];
  terms: Terms[];
  capital: number;
  readonly settlementSteps: number;

  constructor(
    settings: readonly CollateralSettings[],
    pools: Pool[],
    outside: readonly number[],
    terms: readonly Terms[],
    capitalUsd: number,
    settlementSteps: number,
  ) {
    this.settings = settings;
    this.pools = pools;
    this.outside = [...outside];
    this.prices = [...outside];
    this.terms = [...terms];
    this.capital = capitalUsd * 100;
    this.settlementSteps = settlementSteps;
    this.feeds = outside.map((price) => ({ price, reported: price, reportedAt: 0, pending: [] }));
    this.badDebt = settings.map(() => 0);
    this.seized = settings.map(() => 0);
    this.liquidated = settings.map(() => 0);
  }

  advance(outside: readonly number[], scales: readonly number[]): void {
    this.step += 1;
    for (const one of this.settling) if (one.at <= this.step) this.capital += one.units;
    this.settling = this.settling.filter((one) => one.at > this.step);
    this.pools.forEach((pool, i) => {
      pool.sold *= pool.keep;
      if (pool.sold < 1e-9) pool.sold = 0;
      pool.scale = scales[i] as number;
    });
    this.outside = [...outside];
    this.see();
  }

  see(): void {
    this.settings.forEach(({ pool, impactShare, oracle }, i) => {
      const { sold, scale, reserve, fee } = this.pools[pool] as Pool;
      // Fees on both sides as written in the engine, so that both round alike.
      const marginal = (q: number) => (1 - fee) / (1 + q / reserve) ** 2;
      const drop = sold === 0 ? 0 : 1 - marginal(sold / scale) / marginal(0);
      const market = (this.outside[i] as number) * (1 - impactShare * drop);
      this.prices[i] = market;
      const feed = this.feeds[i] as Feed;
      if (
        Math.abs(market / feed.reported - 1) > oracle.deviation ||
        this.step - feed.reportedAt >= oracle.heartbeatSteps
      ) {
        feed.reported = market;
        feed.reportedAt = this.step;
        feed.pending.push({ price: market, at: this.step + oracle.latencySteps });
      }
      for (const one of feed.pending) if (one.at <= this.step) feed.price = one.price;
      feed.pending = feed.pending.filter((one) => one.at > this.step);
    });
  }

  liquidate(): void {
    const instant = this.settings.some(({ oracle }) => oracle.deviation === 0 && oracle.latencySteps === 0);
    while (this.round() && instant) this.see();
    this.see();
  }

  round(): boolean {
    let sold = false;
    for (const portfolio of this.portfolios) if (this.callPortfolio(portfolio)) sold = true;
    this.settings.forEach((settings, i) => {
      const price = ((this.feeds[i] as Feed).price * 100) / 1e6;
      const border = price * (this.terms[i] as Terms).threshold;
      const { bonus, flashFee, gasUsd } = settings.liquidation;
      const dust = bonus > flashFee ? Math.floor((gasUsd * 100) / (bonus - flashFee)) : Number.POSITIVE_INFINITY;
      const due = this.accounts
        .filter((one) => one.market === i && one.debt / one.collateral > border)
        .sort((a, b) => b.debt / b.collateral - a.debt / a.collateral || a.id - b.id);
      for (const account of due) {
        if (this.room(i) < 1) break;
        while (account.debt > dust && account.debt / account.collateral > border) {
          const call = this.call(i, account, border / (account.debt / account.collateral));
          if (call === null) break;
          sold = true;
          account.collateral -= call.seize;
          account.debt -= call.repay;
          this.liquidated[i] = (this.liquidated[i] as number) + call.repay;
          if (account.collateral > 0) continue;
          this.badDebt[i] = (this.badDebt[i] as number) + account.debt;
          account.debt = 0;
        }
      }
    });
    this.accounts = this.accounts.filter((one) => one.debt > 0);
    return sold;
  }

  callPortfolio(portfolio: { collateral: number[]; debt: number }): boolean {
    let sold = false;
    for (;;) {
      let power = 0;
      this.settings.forEach((_, i) => {
        const price = ((this.feeds[i] as Feed).price * 100) / 1e6;
        power += (portfolio.collateral[i] as number) * price * (this.terms[i] as Terms).threshold;
      });
      if (portfolio.debt === 0 || power / portfolio.debt >= 1) return sold;
      let [best, most] = [-1, 0];
      this.settings.forEach((_, i) => {
        const value =
          Math.min(portfolio.collateral[i] as number, this.room(i)) * (((this.feeds[i] as Feed).price * 100) / 1e6);
        if (value > most) [best, most] = [i, value];
      });
      if (best < 0) return sold;
      const account = { collateral: portfolio.collateral[best] as number, debt: portfolio.debt };
      const call = this.call(best, account, power / portfolio.debt);
      if (call === null) return sold;
      sold = true;
      portfolio.collateral[best] = account.collateral - call.seize;
      portfolio.debt -= call.repay;
      this.portfolioLiquidated += call.repay;
      if (portfolio.debt > 0 && portfolio.collateral.some((units) => units > 0)) continue;
      this.portfolioBadDebt += portfolio.debt;
      portfolio.debt = 0;
    }
  }

  room(i: number): number {
    const { pool, poolTokens, liquidation } = this.settings[i] as CollateralSettings;
    const { reserve, fee, scale, sold } = this.pools[pool] as Pool;
    const price =
      (((1 + liquidation.flashFee) / (1 + liquidation.bonus)) * (this.feeds[i] as Feed).price) /
      (this.outside[i] as number);
    const until = price >= 1 - fee ? 0 : reserve * (Math.sqrt((1 - fee) / price) - 1);
    return (Math.max(0, until * scale - sold) / poolTokens) * 1e6;
  }

  call(
    i: number,
    account: { collateral: number; debt: number },
    health: number,
  ): { repay: number; seize: number } | null {
    const { pool: index, poolTokens, liquidation } = this.settings[i] as CollateralSettings;
    const { bonus, closeFactor, fullCloseBelowHealth, fullCloseBelowUsd, gasUsd, flashFee } = liquidation;
    const gas = Math.ceil(gasUsd * 100);
    const price = ((this.feeds[i] as Feed).price * 100) / 1e6;
    const all = health < fullCloseBelowHealth || account.debt < fullCloseBelowUsd * 100;
    const affordable = Math.floor(Math.floor((this.capital - gas) / (1 + flashFee)));
    const wanted = Math.min(all ? account.debt : Math.ceil(account.debt * closeFactor), affordable);
    const full = Math.floor((wanted * (1 + bonus)) / price);
    const seize = Math.min(account.collateral, Math.floor(this.room(i)), full);
    if (!(seize > 0)) return null;
    const repay = seize === full ? wanted : Math.min(wanted, Math.ceil((seize * price) / (1 + bonus)));
    const pool = this.pools[index] as Pool;
    const tokens = (seize / 1e6) * poolTokens;
    const sell = (q: number) => ((1 - pool.fee) * q) / (1 + q / pool.reserve);
    const mid = ((this.outside[i] as number) / poolTokens) * 100;
    const quote = (sell((pool.sold + tokens) / pool.scale) - sell(pool.sold / pool.scale)) * pool.scale;
    const proceeds = Math.floor(quote * mid);
    const cost = repay + Math.ceil(repay * flashFee) + gas;
    if (proceeds < cost) return null;
    pool.sold += tokens;
    this.profit += proceeds - cost;
    this.capital += this.settlementSteps === 0 ? proceeds - cost : -cost;
    if (this.settlementSteps > 0) this.settling.push({ units: proceeds, at: this.step + this.settlementSteps });
    this.seized[i] = (this.seized[i] as number) + seize;
    return { repay, seize };
  }
}

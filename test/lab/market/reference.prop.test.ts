import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CascadeMarket } from "../../../scripts/lab/market/cascadeMarket.ts";
import type { CollateralMarket, Terms } from "../../../scripts/lab/market/collateralMarket.ts";
import { constantProduct, Pool } from "../../../scripts/lab/market/pool.ts";
import { ReferenceMarket } from "./reference.ts";
import { collateral } from "./support.ts";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const market = fc.record({
  pool: fc.nat(1),
  poolTokens: fc.constantFrom(1, 1.2),
  impactShare: share,
  oracle: fc.record({
    deviation: fc.constantFrom(0, 0.005, 0.05),
    heartbeatSteps: fc.constantFrom(0, 3, 24),
    latencySteps: fc.constantFrom(0, 1, 2),
  }),
  liquidation: fc.record({
    bonus: fc.constantFrom(0.02, 0.05, 0.1),
    closeFactor: fc.constantFrom(0.25, 0.5, 1),
    fullCloseBelowHealth: fc.constantFrom(0, 0.95, 1),
    fullCloseBelowUsd: fc.constantFrom(0, 2_000),
    gasUsd: fc.constantFrom(0, 5, 50),
    flashFee: fc.constantFrom(0, 0.0009),
  }),
});
const world = fc.record({
  markets: fc.tuple(market, market),
  pools: fc.array(
    fc.record({ reserve: fc.double({ min: 1, max: 1e5, noNaN: true }), refill: fc.constantFrom(1, 6, 1e9) }),
    { minLength: 2, maxLength: 2 },
  ),
  accounts: fc.array(fc.record({ market: fc.nat(1), tokens: fc.integer({ min: 1, max: 1e9 }), use: share }), {
    maxLength: 60,
  }),
  portfolios: fc.array(fc.record({ a: fc.integer({ min: 1, max: 1e9 }), b: fc.nat(1e9), use: share }), {
    maxLength: 80,
  }),
  returns: fc.array(
    fc.tuple(fc.double({ min: -0.3, max: 0.2, noNaN: true }), fc.double({ min: -0.3, max: 0.2, noNaN: true })),
    {
      minLength: 1,
      maxLength: 12,
    },
  ),
  thresholds: fc.array(fc.constantFrom(0.7, 0.78, 0.83, 0.9), { minLength: 12, maxLength: 12 }),
  scales: fc.array(fc.double({ min: 0.05, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 }),
  capitalUsd: fc.constantFrom(50_000, 1e7, Number.POSITIVE_INFINITY),
  settlementSteps: fc.constantFrom(0, 2),
});

test("the event-driven market does what the slow reference does, step by step, and loses no unit", () => {
  fc.assert(
    fc.property(world, (w) => {
      const settings = w.markets.map((one, i) => collateral({ ...one, name: `M${i}` }));
      const terms: Terms = { ltv: 0.6, threshold: 0.83, limit: Number.POSITIVE_INFINITY };
      const start = [1_000, 20];
      const fast = new CascadeMarket(
        settings,
        w.pools.map(({ reserve, refill }) => new Pool(constantProduct(reserve, 0.003), refill)),
        start,
        [terms, terms],
        { capitalUsd: w.capitalUsd, settlementSteps: w.settlementSteps },
      );
      const slow = new ReferenceMarket(
        settings,
        w.pools.map(({ reserve, refill }) => ({ reserve, fee: 0.003, keep: 2 ** (-1 / refill), sold: 0, scale: 1 })),
        start,
        [terms, terms],
        w.capitalUsd,
        w.settlementSteps,
      );
      const money = (tokens: number, i: number) => (tokens * (start[i] as number) * 100) / 1e6;
      const ids = w.accounts.map(({ market: i, tokens, use }) => {
        const debt = Math.max(1, Math.floor(money(tokens, i) * 0.83 * use));
        const id = fast.open(fast.markets[i] as CollateralMarket, tokens, debt);
        slow.accounts.push({ id, market: i, collateral: tokens, debt });
        return [i, id] as const;
      });
      for (const { a, b, use } of w.portfolios) {
        const debt = Math.max(1, Math.floor((money(a, 0) + money(b, 1)) * 0.83 * use));
        fast.openPortfolio([a, b], debt);
        slow.portfolios.push({ collateral: [a, b], debt });
      }
      const prices = [...start];
      w.returns.forEach((move, step) => {
        move.forEach((one, i) => {
          prices[i] = (prices[i] as number) * (1 + one);
        });
        const scales = [w.scales[step] as number, w.scales[11 - step] as number];
        fast.advance(prices, scales);
        slow.advance(prices, scales);
        const threshold = w.thresholds[step] as number;
        fast.setTerms(fast.markets[0] as CollateralMarket, { ...terms, threshold });
        slow.terms[0] = { ...terms, threshold };
        fast.liquidate();
        slow.liquidate();
        for (const [i, id] of ids) {
          const { accounts } = fast.markets[i] as CollateralMarket;
          const other = slow.accounts.find((one) => one.market === i && one.id === id);
          const expected = other === undefined ? [0, 0] : [other.collateral, other.debt];
          assert.deepEqual([accounts.collateralOf(id), accounts.debtOf(id)], expected, `step ${step}, account ${id}`);
        }
        assert.deepEqual(
          Array.from(fast.portfolios.all, ({ collateral: held, debt }) => ({ collateral: [...held], debt })),
          slow.portfolios.filter(({ debt }) => debt > 0),
        );
        assert.equal(fast.profit, slow.profit);
        assert.equal(fast.capital, slow.capital);
        holdsEveryUnit(fast, w.capitalUsd);
      });
      assert.deepEqual(
        fast.markets.map(({ ledger }) => [ledger.seized, ledger.liquidated, ledger.badDebt]),
        slow.settings.map((_, i) => [slow.seized[i], slow.liquidated[i], slow.badDebt[i]]),
      );
      assert.deepEqual(
        [fast.portfolioLedger.liquidated, fast.portfolioLedger.badDebt],
        [slow.portfolioLiquidated, slow.portfolioBadDebt],
      );
    }),
    { numRuns: 300 },
  );
});

/** Debt, collateral and liquidators' money add up to the last unit. */
function holdsEveryUnit(fast: CascadeMarket, capitalUsd: number): void {
  fast.markets.forEach(({ ledger, accounts }, i) => {
    const { lent, repaid, liquidated, badDebt, deposited, withdrawn, seized } = ledger;
    assert.equal(lent, repaid + liquidated + badDebt + accounts.totalDebt, "debt");
    const held = fast.portfolios.totalCollateral[i] as number;
    assert.equal(deposited, withdrawn + seized + accounts.totalCollateral + held, "collateral");
  });
  const owed = fast.portfolios.totalDebt;
  const sums = Array.from(fast.portfolios.all).reduce((sum, { debt }) => sum + debt, 0);
  assert.equal(owed, sums);
  const { lent, liquidated, badDebt } = fast.portfolioLedger;
  assert.equal(lent, liquidated + badDebt + owed, "debt of portfolios");
  if (Number.isFinite(capitalUsd)) assert.equal(capitalUsd * 100 + fast.profit, fast.capital + fast.settling, "money");
}

import assert from "node:assert/strict";
import { it } from "node:test";
import { PortfolioBook } from "../../../scripts/lab/market/portfolioBook.ts";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";

it("the portfolios that are due are those that a look at each finds, while levels move and portfolios come and change", () => {
  let found = 0;
  for (let seed = 1; seed <= 20; seed += 1) {
    const uniform = uniforms(seed);
    const book = new PortfolioBook(3);
    const levels = [1, 2, 0.5];
    const open = () => {
      // Some hold one of three alone, and what is worth more than all the rest may be what falls.
      const collateral = levels.map((level) => (uniform() < 0.3 ? 0 : Math.ceil((1e6 * uniform()) / level)));
      const power = collateral.reduce((sum, units, i) => sum + units * (levels[i] as number), 0);
      if (power > 0) book.open(collateral, Math.ceil(power * (0.3 + 0.69 * uniform())));
    };
    for (let i = 0; i < 400; i += 1) open();
    for (let step = 0; step < 200; step += 1) {
      levels.forEach((level, i) => {
        levels[i] = level * Math.exp((uniform() - 0.505) * 0.03);
      });
      const due = book.due([...levels]);
      const expected = [...book.all].filter((one) => {
        return one.collateral.reduce((sum, units, i) => sum + units * (levels[i] as number), 0) / one.debt < 1;
      });
      assert.deepEqual(due, expected, `seed ${seed}, step ${step}`);
      found += due.length;
      for (const portfolio of due) {
        const market = portfolio.collateral.findIndex((units) => units > 2);
        if (market < 0 || uniform() < 0.2) book.close(portfolio);
        else {
          const half = Math.floor((portfolio.collateral[market] as number) / 2);
          book.reduce(portfolio, market, half, Math.min(portfolio.debt - 1, half * (levels[market] as number)));
        }
      }
      if (uniform() < 0.3) open();
    }
    const debts = [...book.all].reduce((sum, { debt }) => sum + debt, 0);
    assert.ok(Math.abs(book.totalDebt - debts) < 1e-6 * debts);
  }
  assert.ok(found > 1_000, `${found} fell due`);
});

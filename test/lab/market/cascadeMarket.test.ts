import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CascadeMarket } from "../../../scripts/lab/market/cascadeMarket.ts";
import type { CollateralMarket } from "../../../scripts/lab/market/collateralMarket.ts";
import { largestCall } from "../../../scripts/lab/market/liquidation.ts";
import { constantProduct, type DepthCurve, Pool, recordedDepth } from "../../../scripts/lab/market/pool.ts";
import { collateral, lender, TERMS, TOKEN, USD } from "./support.ts";

/** Depth whose price falls by `slope` of mid for each token sold. */
function linearDepth(slope: number): DepthCurve {
  return {
    sell: (tokens) => tokens - (slope * tokens ** 2) / 2,
    marginal: (tokens) => 1 - slope * tokens,
    until: (price) => Math.max(0, (1 - price) / slope),
  };
}

const only = (made: CascadeMarket) => made.markets[0] as CollateralMarket;

describe("a cascade", () => {
  it("is delta0 / (1 - lambda f) times its first sale, to 1e-9", () => {
    for (const gain of [0.2, 0.5, 0.8]) {
      const [lambda, first] = [1e-11, 1e8];
      const all = { ...collateral().liquidation, fullCloseBelowHealth: 1 };
      const made = lender({ impactShare: 1, liquidation: all }, linearDepth(lambda));
      const market = only(made);
      // The price falls by lambda of itself a token. Each account sells `gain` times what the one before it sold, and falls
      // due half-way through that fall: f = gain / lambda tokens for a unit of fall, as far as the cascade reaches.
      let [before, sold] = [990.5, 0];
      let size = first;
      for (; size > first * 1e-5; size *= gain) {
        const price = 990 * (1 - lambda * sold);
        const debt = Math.floor((size * price * USD) / 1.05);
        made.open(market, Math.round((debt * TOKEN) / (((before + price) / 2) * 0.83 * USD)), debt);
        sold += size;
        before = price;
      }
      made.advance([990]);
      made.liquidate();
      // The book ends where an account would be too small to be told apart from the one before: so much less is sold.
      const expected = (first / (1 - gain)) * (1 - size / first);
      assert.ok(Math.abs(market.ledger.seized / TOKEN / expected - 1) < 1e-9, `gain ${gain}`);
      assert.equal(market.accounts.totalDebt, 0);
    }
  });
});

describe("one call", () => {
  const terms = collateral().liquidation;

  it("worsens an account beyond the toxic frontier 1 / (1 + b), and heals one below it", () => {
    const ratioAfter = (ratio: number) => {
      const account = { collateral: 1e12, debt: Math.round(1e12 * ratio) };
      const call = largestCall(account, 0.99, 1, { ...terms, closeFactor: 0.1 }, 1e15, 1e15);
      assert.ok(call !== null);
      return (account.debt - call.repay) / (account.collateral - call.seize);
    };
    const frontier = 1 / 1.05;
    assert.ok(ratioAfter(frontier - 1e-3) < frontier - 1e-3);
    assert.ok(ratioAfter(frontier + 1e-3) > frontier + 1e-3);
    assert.ok(Math.abs(ratioAfter(frontier) - frontier) < 1e-9);
  });

  it("repays half, or all below the health at which all may be closed; rounds against the borrower", () => {
    assert.deepEqual(largestCall({ collateral: 1_000, debt: 101 }, 0.96, 1, terms, 1e9, 1e9), { repay: 51, seize: 53 });
    assert.deepEqual(largestCall({ collateral: 1_000, debt: 101 }, 0.9, 1, terms, 1e9, 1e9), {
      repay: 101,
      seize: 106,
    });
    assert.deepEqual(largestCall({ collateral: 100, debt: 101 }, 0.9, 1, terms, 1e9, 1e9), { repay: 96, seize: 100 });
    assert.equal(largestCall({ collateral: 100, debt: 101 }, 0.9, 1, terms, 0.5, 1e9), null);
  });
});

describe("two accounts, by hand", () => {
  // 10 ETH against 8 000 USD and 10 ETH against 7 850 USD; threshold 0.83, bonus 5 %, a constant-product pool of 1 000 ETH.
  // At 950 the first is due (10 x 950 x 0.83 = 7 885 < 8 000), the second is not. Health 0.986: half is repaid, 4 000 USD for
  // 4 000 x 1.05 / 950 = 4.421052 ETH, which sell for 950 x 4.421052 / 1.004421052 = 4181.51 USD. The price falls to
  // 950 / 1.004421052^2 = 941.6554, where the second is due (7 815.8 < 7 850) and the first, healed, is not
  // (5.578948 x 941.66 x 0.83 = 4360 > 4 000). Half of it: 3 925 USD for 4.376601 ETH, sold for 4103.37 USD.
  // At 950 / 1.008797653^2 = 933.50 both are healthy.
  const played = (impactShare: number) => {
    const made = lender({ impactShare }, constantProduct(1_000, 0));
    made.open(only(made), 10 * TOKEN, 8_000 * USD);
    made.open(only(made), 10 * TOKEN, 7_850 * USD);
    made.advance([950]);
    made.liquidate();
    return made;
  };

  it("the second falls due by the sale of the first, and both are healed", () => {
    const made = played(1);
    const { accounts, ledger } = only(made);
    assert.deepEqual([accounts.collateralOf(0), accounts.debtOf(0)], [5_578_948, 4_000 * USD]);
    assert.deepEqual([accounts.collateralOf(1), accounts.debtOf(1)], [5_623_399, 3_925 * USD]);
    assert.equal(ledger.calls, 2);
    assert.equal(made.profit, 35_988);
    assert.ok(Math.abs(only(made).price - 933.5025) < 1e-4);
  });

  it("without feedback the second stays as it is", () => {
    assert.equal(only(played(0)).accounts.debtOf(1), 7_850 * USD);
  });
});

describe("liquidators", () => {
  it("stop where the next token would not pay, and what is due stays unsold and is counted", () => {
    const made = lender({}, constantProduct(10, 0));
    const market = only(made);
    made.open(market, 100 * TOKEN, 80_000 * USD);
    made.advance([900]);
    made.liquidate();
    // Break-even at 1 / 1.05 of the mid price: 10 (sqrt(1.05) - 1) tokens.
    assert.equal(market.ledger.seized, Math.floor(10 * (Math.sqrt(1.05) - 1) * TOKEN));
    assert.equal(market.ledger.unsoldSteps, market.accounts.totalDebt);
    assert.ok(market.ledger.unsoldSteps > 79_000 * USD);
    // 0.246950 ETH at 900 repay 211.68 USD of the 80 000 that fell due: the rest could not be sold, and waits.
    assert.deepEqual([market.ledger.due, market.ledger.failed], [80_000 * USD, 80_000 * USD - 21_168]);
    made.advance([900]);
    made.liquidate();
    assert.equal(market.ledger.failed, 80_000 * USD - 21_168, "what waits is counted once");
    assert.equal(market.ledger.unsoldSteps, 2 * market.accounts.totalDebt);
    made.advance([1_000]);
    made.liquidate();
    made.advance([900]);
    made.liquidate();
    assert.equal(market.ledger.failed, 2 * (80_000 * USD - 21_168), "it healed, and fell due once more");
  });

  it("sell on as the pool is refilled, half within its half-life", () => {
    const pool = new Pool(constantProduct(10, 0), 3);
    pool.take(4);
    for (let i = 0; i < 3; i += 1) pool.refill();
    assert.ok(Math.abs(pool.sold - 2) < 1e-12);
  });

  it("act no further than their capital until it settles", () => {
    const settings = [collateral()];
    const pools = [new Pool(constantProduct(1e9, 0), Number.POSITIVE_INFINITY)];
    const made = new CascadeMarket(settings, pools, [1_000], [TERMS], { capitalUsd: 1_000, settlementSteps: 2 });
    made.open(only(made), 100 * TOKEN, 80_000 * USD);
    const repaid = [1, 2, 3].map(() => {
      made.advance([900]);
      made.liquidate();
      return only(made).ledger.liquidated / USD;
    });
    assert.equal(repaid[0], 1_000);
    assert.equal(repaid[1], 1_000, "the proceeds are still on their way");
    assert.ok((repaid[2] as number) > 2_000, "with the bonus earned");
    assert.ok(made.capital >= 0);
  });

  it("leave an account whose bonus does not pay the gas, and it ends as a shortfall", () => {
    const made = lender({ liquidation: { ...collateral().liquidation, gasUsd: 10 } });
    const market = only(made);
    made.open(market, TOKEN / 10, 80 * USD);
    made.advance([500]);
    made.liquidate();
    assert.equal(market.ledger.calls, 0);
    assert.equal(made.shortfall(market), 30 * USD);
  });

  it("book as bad debt what is owed when the collateral is gone", () => {
    const made = lender();
    const market = only(made);
    made.open(market, 10 * TOKEN, 8_000 * USD);
    made.advance([500]);
    made.liquidate();
    assert.equal(market.ledger.seized, 10 * TOKEN);
    // 10 ETH at 500 repay 5 000 / 1.05.
    assert.equal(market.ledger.badDebt, 8_000 * USD - Math.ceil((5_000 * USD) / 1.05));
  });
});

describe("what is left of an account", () => {
  it("goes back to the borrower when the whole debt is repaid (a seed of reference.prop.test.ts had lost it)", () => {
    const made = lender({ liquidation: { ...collateral().liquidation, fullCloseBelowHealth: 1 } });
    const market = only(made);
    made.open(market, 10 * TOKEN, 8_400 * USD);
    made.advance([1_000]);
    made.liquidate();
    const { ledger, accounts } = market;
    assert.deepEqual([ledger.liquidated, ledger.seized], [8_400 * USD, 8.82 * TOKEN]);
    assert.equal(ledger.withdrawn, 1.18 * TOKEN);
    assert.equal(accounts.totalCollateral, 0);
  });
});

describe("a recorded curve", () => {
  it("sells as far as its own marginal price says, however much the pool could take", () => {
    const exact = constantProduct(1_000, 0.0005);
    const curve = {
      priceQuote: 2_000,
      sell: (q: number) => 2_000 * exact.sell(q),
      marginal: (q: number) => 2_000 * exact.marginal(q),
    };
    const depth = recordedDepth(curve, 1e25);
    for (const price of [0.999, 0.96, 0.5, 0.01]) {
      assert.ok(Math.abs(depth.until(price) / exact.until(price) - 1) < 1e-9, `${price}`);
    }
    assert.equal(depth.until(1), 0);
    assert.equal(depth.sell(500), exact.sell(500));
    assert.throws(() => recordedDepth({ ...curve, priceQuote: 0 }, 1), /no depth; field priceQuote; given 0/);
  });
});

describe("the rule's own moves", () => {
  it("are counted as caused when they make debt liquidatable at an unmoved price", () => {
    const made = lender();
    const market = only(made);
    made.open(market, 10 * TOKEN, 8_000 * USD);
    made.open(market, 10 * TOKEN, 7_000 * USD);
    made.setTerms(market, { ...TERMS, ltv: 0.7, threshold: 0.75 });
    assert.equal(market.ledger.caused, 8_000 * USD);
    made.advance([1_000]);
    made.liquidate();
    assert.ok(market.ledger.liquidated > 0);
  });
});

describe("a lender whose oracle says a wrong price", () => {
  /** 8 000 against 10 tokens of 1 000 USD: healthy at the market's price, not at 900. */
  const saying = (said: number, outside: number) => {
    const made = lender({ liquidation: { ...collateral().liquidation, closeFactor: 1 } });
    const market = only(made);
    made.open(market, 10 * TOKEN, 8_000 * USD);
    market.oracle.said = said;
    made.advance([outside]);
    made.liquidate();
    return { made, market };
  };

  it("seizes what the market would not have let it seize, and that is counted at the market's price", () => {
    const { market } = saying(900, 1_000);
    assert.equal(market.ledger.liquidated, 8_000 * USD);
    const seized = (8_000 * 1.05) / 900;
    assert.ok(Math.abs(market.ledger.seized - seized * TOKEN) <= 1);
    assert.ok(Math.abs(market.ledger.misjudged - seized * 1_000 * USD) <= 1);
  });

  it("counts nothing where the market's price asks for the same", () => {
    const { market } = saying(900, 900);
    assert.ok(market.ledger.liquidated > 0);
    assert.equal(market.ledger.misjudged, 0);
  });

  it("liquidates nobody who is under water where the price is too high, and follows the market again", () => {
    const { made, market } = saying(1_000, 600);
    assert.deepEqual([market.ledger.liquidated, market.oracle.price], [0, 1_000]);
    assert.equal(made.shortfall(market), 2_000 * USD);
    market.oracle.said = null;
    made.advance([600]);
    assert.equal(market.oracle.price, 600);
  });

  it("does not count as caused what was due at the market's price", () => {
    const { made, market } = saying(1_000, 600);
    made.setTerms(market, { ...TERMS, ltv: 0.7, threshold: 0.75 });
    assert.equal(market.ledger.caused, 0);
  });
});

describe("contagion", () => {
  const two = (shared: boolean) => {
    const settings = [
      collateral({ impactShare: 1 }),
      collateral({ name: "wstETH", impactShare: 1, pool: shared ? 0 : 1, poolTokens: 1.2 }),
    ];
    const pools = [0, 1].map(() => new Pool(constantProduct(200, 0), Number.POSITIVE_INFINITY));
    const capital = { capitalUsd: Number.POSITIVE_INFINITY, settlementSteps: 0 };
    return new CascadeMarket(settings, pools, [1_000, 1_200], [TERMS, TERMS], capital);
  };

  it("passes through a shared pool from one collateral to another", () => {
    const liquidated = [true, false].map((shared) => {
      const made = two(shared);
      const [eth, wsteth] = made.markets as [CollateralMarket, CollateralMarket];
      made.open(eth, 10 * TOKEN, 8_200 * USD);
      made.open(wsteth, 10 * TOKEN, 9_800 * USD);
      made.advance([985, 1_200]);
      made.liquidate();
      return wsteth.ledger.liquidated;
    });
    assert.ok((liquidated[0] as number) > 0);
    assert.equal(liquidated[1], 0);
  });

  // 10 ETH and 10 wstETH (at 1 000) against 16 000 USD; 10 wstETH of another against 8 200 USD; pools of 10 ETH and of 1 000
  // wstETH. ETH falls to 900: (9 000 + 10 000) 0.83 = 15 770 < 16 000, so half of the debt is due. The ETH pool takes
  // 10 (sqrt(1.05) - 1) = 0.247 ETH above break-even, so wstETH is sold: 8 000 x 1.05 / 1 000 = 8.4. Its price falls to
  // 1 000 / 1.0084^2 = 983.4092, at which the other account is due (8 162.3 < 8 200), though nothing of its own moved:
  // half of it, 4 100 USD for 4 100 x 1.05 / 983.4092 = 4.377627 wstETH. At 1 000 / 1.012777628^2 = 974.926 both are healthy.
  it("passes through a borrower who holds both, by hand: the sale of what did not fall liquidates who holds that alone", () => {
    const settings = [collateral({ impactShare: 1 }), collateral({ name: "wstETH", impactShare: 1, pool: 1 })];
    const pools = [10, 1_000].map((reserve) => new Pool(constantProduct(reserve, 0), Number.POSITIVE_INFINITY));
    const capital = { capitalUsd: Number.POSITIVE_INFINITY, settlementSteps: 0 };
    const played = (debt: number) => {
      const made = new CascadeMarket(settings, pools, [1_000, 1_000], [TERMS, TERMS], capital);
      const holder = made.openPortfolio([10 * TOKEN, 10 * TOKEN], debt);
      const wsteth = made.markets[1] as CollateralMarket;
      const other = made.open(wsteth, 10 * TOKEN, 8_200 * USD);
      made.advance([900, 1_000]);
      made.liquidate();
      return { made, holder, wsteth, other };
    };
    const { made: calm } = played(15_000 * USD);
    assert.equal(calm.markets[1]?.ledger.calls, 0, "where the holder of both is healthy, nothing is sold");
    const { made, holder, wsteth, other } = played(16_000 * USD);
    assert.deepEqual([holder.collateral, holder.debt], [[10 * TOKEN, 1.6 * TOKEN], 8_000 * USD]);
    assert.deepEqual([wsteth.accounts.collateralOf(other), wsteth.accounts.debtOf(other)], [5_622_373, 4_100 * USD]);
    assert.ok(Math.abs(wsteth.price - 974.926) < 1e-3);
    assert.equal(made.markets[0]?.ledger.calls, 0);
    assert.deepEqual([made.portfolioLedger.due, made.portfolioLedger.failed], [8_000 * USD, 0]);
  });

  it("passes through a borrower who holds both: the other collateral is sold where it has more room", () => {
    const made = two(false);
    made.openPortfolio([20 * TOKEN, 10 * TOKEN], 26_000 * USD);
    made.advance([950, 1_200]);
    made.liquidate();
    assert.ok(made.portfolioLedger.liquidated > 0);
    assert.ok(
      (made.markets[1] as CollateralMarket).ledger.seized + (made.markets[0] as CollateralMarket).ledger.seized > 0,
    );
  });
});

describe("wrong settings", () => {
  it("are refused with the field, the value and what was expected", () => {
    assert.throws(() => lender({ pool: 3 }), /no such pool; field pool of ETH; given 3; expected an index below 1/);
    const made = lender();
    assert.throws(
      () => made.setTerms(only(made), { ...TERMS, threshold: 0.96 }),
      /field terms of ETH; given "LTV 0.8, threshold 0.96"; expected 0 <= LTV <= threshold < 0.9524/,
    );
    assert.throws(() => made.advance([0]), /field price of ETH; given 0; expected USD a token > 0/);
    assert.throws(() => made.open(only(made), 1.5, 10), /field collateral; given 1.5; expected whole units > 0/);
  });
});

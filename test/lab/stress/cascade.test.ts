import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { constantProduct } from "../../../scripts/lab/market/pool.ts";
import { type Borrower, cascade, type StressedMarket } from "../../../scripts/lab/stress/cascade.ts";
import { leastShock, measureOf } from "../../../scripts/lab/stress/reverse.ts";
import { type Scenario, shockOf } from "../../../scripts/lab/stress/scenario.ts";

const FALL: Scenario = { name: "fall", summary: "a fall", all: { priceFall: 0.3 }, markets: {} };
const DEEP = constantProduct(1e12, 0);
const ALONE = { impactShare: 1, capitalUsd: Number.POSITIVE_INFINITY };

/** A collateral at 1 000 USD with threshold 0.83 and a bonus of 5 %. */
function market(changes: Partial<StressedMarket> = {}): StressedMarket {
  return {
    ...{ name: "ETH", priceUsd: 1_000, priceFactor: 1, pool: "ETH", poolTokens: 1, depth: DEEP, bonus: 0.05 },
    ...{ feedLateSeconds: 0, threshold: () => 0.83 },
    ...changes,
  };
}
const one = (collateralUsd: number, debtUsd: number): Borrower => ({ collateralUsd: [collateralUsd], debtUsd });

describe("the least shock", () => {
  const lossOf = (book: readonly Borrower[], depth = DEEP) => {
    const { sizeAt, most } = measureOf(FALL, ["ETH"]);
    const at = (bps: number) => {
      const { priceFactor } = shockOf(FALL, "ETH", sizeAt(bps));
      return cascade([market({ priceFactor, depth })], book, ALONE).total.badDebtUsd;
    };
    return (wanted: number) => leastShock(at, most, wanted, () => {});
  };

  it("of one account is by hand: bad debt begins at the toxic frontier, debt over collateral 1 / (1 + b)", () => {
    // 10 ETH against 8 000 USD. All may be closed, for 8 000 x 1.05 / p ETH: enough down to p = 840, where 8 000 / 8 400 is
    // 1 / 1.05. Below, 10 p / 1.05 is repaid and 8 000 - 10 p / 1.05 is lost: 90 USD at p = 830.55, a fall of 16.945 %.
    const least = lossOf([one(10_000, 8_000)]);
    const found = least(90);
    assert.deepEqual([found.bps, found.isMonotone], [1_695, true]);
    assert.ok(Math.abs(found.loss - (8_000 - 8_305 / 1.05)) < 0.02, `${found.loss}`);
    assert.ok(Math.abs(found.lossBelow - (8_000 - 8_306 / 1.05)) < 0.02, `${found.lossBelow}`);
    assert.equal(least(0.05).bps, 1_601, "the first basis point beyond the frontier");
    assert.equal(least(8_000).bps, null, "something is always repaid");
  });

  it("is smaller where the pool is shallow, because each sale takes the price further down", () => {
    const book = Array.from({ length: 40 }, (_, i) => one(10_000, 8_000 - 40 * i));
    const [deep, shallow] = [DEEP, constantProduct(2_000, 0)].map((depth) => lossOf(book, depth)(1_000).bps);
    assert.ok(deep !== null && deep !== undefined && shallow !== null && shallow !== undefined);
    assert.ok(shallow < deep, `${shallow} against ${deep}`);
  });

  it("is looked for with every tenth basis point where a larger shock was seen to cost less", () => {
    // 100 and more at 150 to 160 bp, less from there to 2 000: halving would never look at 150.
    const bump = (bps: number) => (bps >= 143 && bps <= 160 ? 120 : bps === 100 ? 50 : bps < 2_000 ? 40 : 500);
    const found = leastShock(bump, 9_999, 100, () => {});
    assert.deepEqual([found.bps, found.isMonotone, found.strideBps], [143, false, 10]);
    assert.deepEqual([found.loss, found.lossBelow], [120, 40]);
    const flat = leastShock(
      (bps) => bps,
      10_000,
      20_000,
      () => {},
    );
    assert.deepEqual([flat.bps, flat.loss, flat.tried], [null, 10_000, 100]);
    assert.equal(
      leastShock(
        (bps) => bps,
        10_000,
        1,
        () => {},
      ).bps,
      1,
    );
    for (const wanted of [7, 100, 101, 5_432, 10_000]) {
      assert.equal(
        leastShock(
          (bps) => bps,
          10_000,
          wanted,
          () => {},
        ).bps,
        wanted,
      );
    }
  });
});

describe("a cascade after a shock", () => {
  it("liquidates or loses every cent of accounts that may be closed whole and can be sold", () => {
    const book = Array.from({ length: 50 }, (_, i) => one(10_000, 5_500 + 50 * i));
    const { total } = cascade([market({ priceFactor: 0.6 })], book, ALONE);
    assert.equal(total.debtUsd, 50 * 5_500 + (50 * 50 * 49) / 2);
    assert.equal(total.dueUsd, total.debtUsd);
    assert.ok(Math.abs(total.liquidatedUsd + total.badDebtUsd - total.debtUsd) < 0.01);
    // 10 ETH at 600 repay 6 000 / 1.05 at most.
    const lost = book.reduce((sum, { debtUsd }) => sum + Math.max(0, debtUsd - 6_000 / 1.05), 0);
    assert.ok(Math.abs(total.badDebtUsd - lost) < 1, `${total.badDebtUsd} against ${lost}`);
    const nothing = { sell: () => 0, marginal: () => 0, until: () => 0 };
    const unsold = cascade([market({ priceFactor: 0.6, depth: nothing })], book, ALONE).total;
    const beyond = book.reduce((sum, { debtUsd }) => sum + Math.max(0, debtUsd - 6_000), 0);
    assert.deepEqual([unsold.liquidatedUsd, unsold.badDebtUsd], [0, beyond], "what nobody buys is owed all the same");
  });

  it("liquidates with feedback what the price alone would not", () => {
    const book = [one(100_000, 80_000), one(10_000, 7_850)];
    const depth = constantProduct(1_000, 0);
    const played = (impactShare: number) => {
      return cascade([market({ priceFactor: 0.95, depth })], book, { ...ALONE, impactShare });
    };
    assert.equal(played(0).total.dueUsd, 80_000, "the second is healthy at 950");
    assert.ok(played(0).total.liquidatedUsd <= 80_000);
    assert.ok(played(1).total.liquidatedUsd > played(0).total.liquidatedUsd);
    assert.ok((played(1).markets[0]?.deepestFall ?? 0) > 0.05);
  });

  it("waits for a late feed, and a threshold that moves afterwards is counted as the cause", () => {
    const book = [one(10_000, 8_000)];
    const never = cascade([market({ priceFactor: 0.9, feedLateSeconds: 2 * 86_400 })], book, ALONE);
    assert.deepEqual([never.total.dueUsd, never.total.liquidatedUsd], [8_000, 0]);
    const late = cascade([market({ priceFactor: 0.9, feedLateSeconds: 3_600 })], book, ALONE);
    assert.ok(late.total.liquidatedUsd > 0);
    const tightened = cascade([market({ threshold: (seconds) => (seconds < 7_200 ? 0.83 : 0.79) })], book, ALONE);
    assert.deepEqual([tightened.total.dueUsd, tightened.total.causedUsd], [0, 8_000]);
  });

  it("passes from market to market through a shared pool, shared capital, and a borrower who holds both", () => {
    const wbtc = (pool: string) => market({ name: "WBTC", pool, poolTokens: 1, depth: constantProduct(50, 0) });
    const btc = market({ name: "BTC", pool: "BTC", priceFactor: 0.9, depth: constantProduct(50, 0) });
    const each: readonly Borrower[] = [
      { collateralUsd: [100_000, 0], debtUsd: 82_000 },
      { collateralUsd: [0, 10_000], debtUsd: 8_250 },
    ];
    const through = (pool: string) => cascade([btc, wbtc(pool)], each, ALONE).markets[1]?.liquidatedUsd ?? 0;
    assert.equal(through("WBTC"), 0);
    assert.ok(through("BTC") > 0);
    const both: readonly Borrower[] = [{ collateralUsd: [50_000, 50_000], debtUsd: 81_000 }];
    const { several, total, markets } = cascade([btc, wbtc("WBTC")], both, ALONE);
    assert.deepEqual([several.accounts, several.debtUsd, several.dueUsd], [1, 81_000, 81_000]);
    assert.ok(several.liquidatedUsd > 0 && total.liquidatedUsd === several.liquidatedUsd);
    assert.equal(markets[0]?.debtUsd, 0);
    const short = cascade([market({ priceFactor: 0.9 })], [one(100_000, 82_000)], { ...ALONE, capitalUsd: 100 });
    assert.ok(
      short.total.liquidatedUsd <
        cascade([market({ priceFactor: 0.9 })], [one(100_000, 82_000)], ALONE).total.liquidatedUsd,
    );
  });
});

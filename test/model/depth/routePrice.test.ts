import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { routePrice } from "../../../keeper/model/depth/route.ts";
import { sqrtPriceX96At } from "../../../scripts/lab/replica/sqrtPrice.ts";
import { near } from "../../support/near.ts";
import { pool, token } from "../../support/pools.ts";

const TOKENS = { WETH: token("WETH", 18), USDC: token("USDC", 6), WBTC: token("WBTC", 8), DAI: token("DAI", 18) };
type Name = keyof typeof TOKENS;

/** A pool of two tokens at their dollar prices. */
function between(
  [name0, usd0]: readonly [Name, number],
  [name1, usd1]: readonly [Name, number],
  liquidity = 10n ** 18n,
) {
  const [token0, token1] = [TOKENS[name0], TOKENS[name1]];
  const sqrtPriceX96 = sqrtPriceX96At(
    { usd: usd0, decimals: token0.decimals },
    { usd: usd1, decimals: token1.decimals },
  );
  const sketch = { feePips: 500, tickSpacing: 10, ticks: [], token0, token1 };
  return pool({ ...sketch, liquidity, sqrtPriceX96 });
}

const weth = (usd: number, liquidity?: bigint) => between(["USDC", 1], ["WETH", usd], liquidity);

describe("routePrice", () => {
  it("is the price of the second token when that is sold, and of the first when that is", () => {
    near(routePrice([[weth(2_948.53)]], "WETH") ?? 0, 2_948.53, 1e-6);
    near(routePrice([[between(["WETH", 2_948.53], ["USDC", 1])]], "WETH") ?? 0, 2_948.53, 1e-6);
    near(routePrice([[weth(4_000)]], "USDC") ?? 0, 1 / 4_000, 1e-12);
  });

  it("multiplies hop by hop, whichever way each pool is turned", () => {
    const wbtc = between(["WBTC", 89_000], ["WETH", 3_000]);
    near(routePrice([[wbtc], [weth(3_000)]], "WBTC") ?? 0, 89_000, 1e-3);
    const turned = between(["WETH", 3_000], ["WBTC", 89_000]);
    near(routePrice([[turned], [between(["WETH", 3_000], ["USDC", 1])]], "WBTC") ?? 0, 89_000, 1e-3);
  });

  it("takes the pool with the most liquidity in range, the first of equals", () => {
    near(routePrice([[weth(3_000, 5n), weth(3_100, 9n), weth(3_200, 7n)]], "WETH") ?? 0, 3_100, 1e-6);
    near(routePrice([[weth(3_000, 5n), weth(3_100, 5n)]], "WETH") ?? 0, 3_000, 1e-6);
    near(routePrice([[weth(3_000, 9n), weth(3_100, 5n)]], "WETH") ?? 0, 3_000, 1e-6);
  });

  it("is null without a hop, with an empty one, or where a pool does not hold the token that arrives", () => {
    assert.equal(routePrice([], "WETH"), null);
    assert.equal(routePrice([[]], "WETH"), null);
    assert.equal(routePrice([[weth(3_000)], []], "WETH"), null);
    assert.equal(routePrice([[weth(3_000)]], "WBTC"), null);
    // The first hop sells WETH for USDC: the second would have to take USDC.
    assert.equal(routePrice([[weth(3_000)], [between(["WETH", 3_000], ["WBTC", 89_000])]], "WETH"), null);
    assert.equal(
      routePrice([[between(["WETH", 3_000], ["USDC", 1])], [between(["WETH", 3_000], ["WBTC", 9])]], "WETH"),
      null,
    );
  });

  it("is null for a price of nothing or of everything", () => {
    const empty = { ...weth(3_000), sqrtPriceX96: 0n };
    assert.equal(routePrice([[empty]], "WETH"), null);
    assert.equal(routePrice([[empty]], "USDC"), null);
  });

  it("turns with its pool: selling and buying back is one", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e6, noNaN: true }), (usd) => {
        const [sell, buy] = [routePrice([[weth(usd)]], "WETH"), routePrice([[weth(usd)]], "USDC")];
        assert.ok(sell !== null && buy !== null);
        near(sell * buy, 1, 1e-12);
        near(sell / usd, 1, 1e-6);
      }),
    );
  });
});

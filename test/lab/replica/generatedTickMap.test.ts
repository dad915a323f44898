import assert from "node:assert/strict";
import { test } from "node:test";
import { generatedTickMap } from "../../../scripts/lab/replica/generatedTickMap.ts";
import { toPositions } from "../../../scripts/lab/replica/positions.ts";
import { liquidityAt } from "../../support/liquidityAt.ts";

const shape = {
  feePips: 500,
  tickSpacing: 10,
  sqrtPriceX96: 1459071770269315203845095385394772n,
  liquidity: 11_000_000_000_000_000_001n,
};

test("The recorded price lies in the recorded tick 196429.", () => {
  assert.equal(generatedTickMap(shape).tick, 196_429);
});

test("In-range liquidity is what was asked for, to the last unit, and all nets cancel.", () => {
  const { ticks, tick } = generatedTickMap(shape);
  assert.equal(liquidityAt(ticks, tick), shape.liquidity);
  assert.equal(liquidityAt(ticks, 900_000), 0n);
});

test("Ticks ascend, lie on the spacing and within the range of Uniswap.", () => {
  for (const tickSpacing of [1, 10, 60, 200]) {
    const { ticks } = generatedTickMap({ ...shape, tickSpacing });
    ticks.forEach(({ index }, i) => {
      assert.equal(index % tickSpacing === 0, true, `${index} on ${tickSpacing}`);
      assert.ok(Math.abs(index) <= 887_272);
      assert.ok(i === 0 || index > (ticks[i - 1]?.index ?? 0));
    });
  }
});

test("Depth falls with distance from the price: seven nested positions.", () => {
  const map = generatedTickMap(shape);
  assert.equal(toPositions(map.ticks).length, 7);
  const at = (distance: number) => liquidityAt(map.ticks, map.tick + distance);
  for (const [near, far] of [
    [0, 600],
    [600, 3_000],
    [3_000, 12_000],
    [12_000, 50_000],
  ] as const) {
    assert.ok(at(near) > at(far) && at(-near) > at(-far - 20), `${near} deeper than ${far}`);
  }
});

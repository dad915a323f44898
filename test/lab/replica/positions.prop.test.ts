import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toPositions } from "../../../scripts/lab/replica/positions.ts";
import type { MapTick } from "../../../scripts/lab/replica/tickMap.ts";

type Position = ReturnType<typeof toPositions>[number];

/** What minting these positions leaves in the pool: the reference, slow and obvious. */
function mint(positions: readonly Position[]): MapTick[] {
  const ticks = new Map<number, { net: bigint; gross: bigint }>();
  const change = (index: number, net: bigint, gross: bigint) => {
    const before = ticks.get(index) ?? { net: 0n, gross: 0n };
    ticks.set(index, { net: before.net + net, gross: before.gross + gross });
  };
  for (const { lower, upper, liquidity } of positions) {
    change(lower, liquidity, liquidity);
    change(upper, -liquidity, liquidity);
  }
  return [...ticks]
    .sort(([a], [b]) => a - b)
    .map(([index, { net, gross }]) => ({ index, liquidityNet: net, liquidityGross: gross }));
}

const position = fc
  .record({
    lower: fc.integer({ min: -100, max: 100 }),
    width: fc.integer({ min: 1, max: 50 }),
    liquidity: fc.bigInt({ min: 1n, max: 2n ** 100n }),
  })
  .map(({ lower, width, liquidity }) => ({ lower, upper: lower + width, liquidity }));

test("Whatever positions a pool was made of, minting what we derive gives the same net and gross at every tick.", () => {
  fc.assert(
    fc.property(fc.array(position, { minLength: 1, maxLength: 40 }), (original) => {
      const ticks = mint(original);
      const derived = toPositions(ticks);
      assert.deepEqual(mint(derived), ticks);
      for (const { lower, upper, liquidity } of derived) assert.ok(lower < upper && liquidity > 0n);
      assert.ok(derived.length <= 2 * ticks.length, "at most one position per start or end");
    }),
  );
});

test("A full-range position stays one position.", () => {
  const ticks = [
    { index: -10, liquidityNet: 5n, liquidityGross: 5n },
    { index: 10, liquidityNet: -5n, liquidityGross: 5n },
  ];
  assert.deepEqual(toPositions(ticks), [{ lower: -10, upper: 10, liquidity: 5n }]);
});

test("Narrow positions nest inside wide ones.", () => {
  const wide = { lower: -100, upper: 100, liquidity: 1n };
  const narrow = { lower: -10, upper: 10, liquidity: 9n };
  assert.deepEqual(toPositions(mint([wide, narrow])), [narrow, wide]);
});

test("More ends than starts, or a start without an end, is refused at its tick.", () => {
  const refused = (tick: number) => ({
    name: "TonsorError",
    code: "BAD_ARGUMENT",
    message: `the tick map does not balance; field tick ${tick}; given 5; expected every start of liquidity to have an end above it`,
  });
  const end = [{ index: 10, liquidityNet: -5n, liquidityGross: 5n }];
  assert.throws(() => toPositions(end), refused(10));
  const start = [{ index: -10, liquidityNet: 5n, liquidityGross: 5n }];
  assert.throws(() => toPositions(start), refused(-10));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { limitOf, tokensOf } from "../../keeper/domain/contract.ts";

const MOST = tokensOf(65_535);

/** As Words.sol writes it: the value below 1024, else six bits of exponent above ten of mantissa with its hidden bit. */
const asInSolidity = (limit: bigint) => (limit < 1_024n ? limit : (1_024n | (limit & 0x3ffn)) << ((limit >> 10n) - 1n));

test("known limits: as they are up to 2048 tokens, then in steps of two, four, eight", () => {
  const written = [0, 1, 1_023, 1_024, 2_047, 2_048, 2_049, 2_050, 4_099, 12_000, 12_007, 1_000_000];
  assert.deepEqual(
    written.map((tokens) => tokensOf(limitOf(tokens))),
    [0n, 1n, 1_023n, 1_024n, 2_047n, 2_048n, 2_048n, 2_050n, 4_096n, 12_000n, 12_000n, 999_936n],
  );
  assert.deepEqual([limitOf(1_024), limitOf(2_048), limitOf(4_096)], [1_024, 2_048, 3_072]);
});

test("every one of the 65536 codes is the number that the contract reads in it, and comes back from that number", () => {
  let before = -1n;
  for (let limit = 0; limit <= 65_535; limit++) {
    const tokens = tokensOf(limit);
    assert.equal(tokens, asInSolidity(BigInt(limit)));
    assert.ok(tokens > before, `${limit} is not above the code before it`);
    assert.equal(limitOf(tokens), limit);
    before = tokens;
  }
});

test("a limit is rounded down, by less than a tenth of a percent, and never up", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: MOST }), (tokens) => {
      const written = tokensOf(limitOf(tokens));
      assert.ok(
        written <= tokens && (tokens - written) * 1_000n < (tokens === 0n ? 1n : tokens),
        `${tokens}: ${written}`,
      );
    }),
    { numRuns: 1_000 },
  );
});

test("a greater number is never a smaller limit, and what is above the greatest is the greatest", () => {
  const tokens = fc.bigInt({ min: 0n, max: MOST * 4n });
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      assert.ok(a <= b ? limitOf(a) <= limitOf(b) : limitOf(a) >= limitOf(b));
      if (a > MOST) assert.equal(limitOf(a), 65_535);
    }),
    { numRuns: 1_000 },
  );
});

test("1024 notches double a limit from 1024 tokens on, and one is at most a tenth of a percent", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_024, max: 64_511 }), (limit) => {
      assert.equal(tokensOf(limit + 1_024), 2n * tokensOf(limit));
      assert.ok((tokensOf(limit + 1) - tokensOf(limit)) * 1_000n <= tokensOf(limit));
    }),
  );
});

test("what is no number of whole tokens is refused", () => {
  for (const tokens of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, -1n, -(2n ** 80n)]) {
    assert.throws(
      () => limitOf(tokens),
      { code: "OUT_OF_RANGE", message: /not a number of whole tokens/ },
      String(tokens),
    );
  }
});

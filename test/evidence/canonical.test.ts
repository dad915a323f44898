import assert from "node:assert/strict";
import { test } from "node:test";
import canonicalize from "canonicalize";
import fc from "fast-check";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { hashEvidence } from "../../keeper/evidence/bundle.ts";
import { canonicalBytes } from "../../keeper/evidence/canonical.ts";

const text = (value: unknown) => new TextDecoder().decode(canonicalBytes(value));

test("the example of RFC 8785 section 3.2.3 gives the printed text", () => {
  const value = {
    numbers: [Number("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
    literals: [null, true, false],
  };
  assert.equal(
    text(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test("keys are sorted by UTF-16 code units, as in RFC 8785 section 3.2.3", () => {
  const keys = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
  assert.equal(text(keys), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
});

test("the example in the documentation is right", () => {
  assert.equal(text({ b: 1, a: 1e21 }), '{"a":1e+21,"b":1}');
});

test("minus zero is written as zero", () => {
  assert.equal(text([-0]), "[0]");
});

for (const [name, value, path] of [
  ["NaN", { a: [1, Number.NaN] }, "$.a[1]"],
  ["infinity", { a: { b: Number.POSITIVE_INFINITY } }, "$.a.b"],
  ["a bigint", [1n], "$[0]"],
  ["undefined", { a: undefined }, "$.a"],
  ["a date", { a: new Date(0) }, "$.a"],
  ["a function", [() => 1], "$[0]"],
] as const) {
  test(`${name} is refused, with its path`, () => {
    assert.throws(
      () => canonicalBytes(value),
      (error) => error instanceof TonsorError && error.code === "BAD_ARGUMENT" && error.facts.field === path,
    );
  });
}

test("the fast form is that of the RFC's authors, for any JSON", () => {
  const key = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("1", "10", "9", "01", "__proto__", "toJSON", ""),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(null, true, false, -0, 1e21, 5e-324),
      fc.array(tie("tree")),
      fc.uniqueArray(fc.tuple(key, tie("tree")), { selector: ([name]) => name }).map(Object.fromEntries),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      assert.equal(text(value), canonicalize(value));
    }),
    { numRuns: 1_000 },
  );
});

test("a lone surrogate is refused, in a value and in a key", () => {
  for (const value of [["\ud800"], { "\udc00": 1 }]) assert.throws(() => canonicalBytes(value), /surrogate/);
});

test("the value given is left as it was", () => {
  const value = Object.freeze({ b: Object.freeze([1, Object.freeze({ d: 1, c: 2 })]), a: 1 });
  assert.equal(text(value), '{"a":1,"b":[1,{"c":2,"d":1}]}');
  assert.deepEqual(Object.keys(value), ["b", "a"]);
});

test("the hash is keccak256: of nothing, and of abc", () => {
  assert.equal(hashEvidence(new Uint8Array()), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  assert.equal(
    hashEvidence(new TextEncoder().encode("abc")),
    "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
  );
});

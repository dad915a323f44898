import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bar, left, painter, right, wrap } from "../../../keeper/cli/render/layout.ts";

test("a bar starts where the last one ended and shows eighths", () => {
  assert.equal(bar(0, 5, 10, 10), "█████");
  assert.equal(bar(5, 10, 10, 10), "     █████");
  assert.equal(bar(0, 1, 16, 10), "▋");
});

test("a span too small to see is one thin block, an empty one nothing", () => {
  assert.equal(bar(0, 1, 100_000, 10), "▏");
  assert.equal(bar(3, 3, 10, 10), "");
  assert.equal(bar(0, 0, 0, 10), "");
});

test("a negative step is drawn over the span it takes away", () => {
  assert.equal(bar(10, 5, 10, 10), "     █████");
});

test("a bar never exceeds its width", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
      assert.ok([...bar(a, b, 1, 30)].length <= 30);
    }),
  );
});

test("wrapping loses no word and keeps to the width", () => {
  assert.deepEqual(wrap("aa bb", 6, 2), ["  aa", "  bb"]);
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 40 });
  fc.assert(
    fc.property(words, fc.integer({ min: 20, max: 100 }), (list, width) => {
      const lines = wrap(list.join(" "), width, 4);
      assert.deepEqual(
        lines
          .join(" ")
          .split(/\s+/)
          .filter((word) => word !== ""),
        list,
      );
      for (const line of lines) assert.ok(line.length <= width);
    }),
  );
});

test("cells are padded, and cut with a mark when too long", () => {
  assert.equal(left("abc", 5), "abc  ");
  assert.equal(left("abcdef", 4), "abc~");
  assert.equal(right("7", 3), "  7");
});

test("without colour the painter leaves the text alone", () => {
  assert.equal(painter(false)("bad", "x"), "x");
  assert.equal(painter(true)("bad", "x"), "\u001b[31mx\u001b[39m");
});

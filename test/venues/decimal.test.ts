import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { decimal, decimalOrNone, parseShape } from "../../keeper/venues/parse.ts";

const Row = z.object({ price: decimal, bid: decimalOrNone });
/** The fault of a row of another shape: its code, and the field and the problem that its detail names. */
const issueOf = (row: unknown) => {
  const parsed = parseShape(row, Row, "s", "");
  if (!("fault" in parsed)) return null;
  const [field, problem] = parsed.fault.detail.split(": ");
  return { code: parsed.fault.code, field, problem };
};

test("decimal text becomes the number it spells", () => {
  for (const [text, value] of [
    ["0", 0],
    ["-1.0", -1],
    ["+2", 2],
    ["0.00000009", 9e-8],
    ["1e-7", 1e-7],
    ["39016.8143629068452065", 39_016.81436290684],
  ] as const) {
    assert.equal(decimal.parse(text), value);
  }
});

test("empty text is none where none is allowed, and SCHEMA where it is not", () => {
  assert.deepEqual(Row.parse({ price: "1", bid: "" }), { price: 1, bid: null });
  assert.deepEqual(issueOf({ price: "", bid: "" })?.code, "SCHEMA");
});

for (const value of ["NaN", "inf", "-Infinity", "1e999", null]) {
  test(`${JSON.stringify(value)} in the place of a number is NOT_FINITE, in either field`, () => {
    assert.deepEqual(issueOf({ price: value, bid: "1" })?.code, "NOT_FINITE");
    assert.deepEqual(
      [issueOf({ price: "1", bid: value })?.code, issueOf({ price: "1", bid: value })?.field],
      ["NOT_FINITE", "bid"],
    );
  });
}

for (const value of [1, "abc", "0x10", "1,5", "1 ", ".5", "5.", "--1", "1e9999", true, [], {}, undefined]) {
  test(`${JSON.stringify(value)} in the place of decimal text is SCHEMA and names the field`, () => {
    const found = issueOf({ price: value, bid: "1" });
    assert.equal(found?.field, "price");
    assert.equal(found?.code, typeof value === "number" ? "NOT_FINITE" : "SCHEMA");
  });
}

test("a missing field is said to be missing", () => {
  assert.equal(issueOf({ bid: "" })?.problem, "missing");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { faultLog } from "../../keeper/domain/fault.ts";
import { parseShape, readRows } from "../../keeper/venues/parse.ts";

const Schema = z.object({ price: z.number(), name: z.string(), list: z.array(z.number()).optional() });
/** The fault of a value of another shape: its code, and the field and the problem that its detail names. */
function issueOf(value: unknown) {
  const parsed = parseShape(value, Schema, "s", "field ");
  if (!("fault" in parsed)) throw new Error("expected the value to fail");
  const [, field, problem] = /^field (\S+): (.*)$/s.exec(parsed.fault.detail) ?? [];
  return { code: parsed.fault.code, field, problem };
}

test("a value of the documented shape comes back as it is", () => {
  assert.deepEqual(parseShape({ price: 1, name: "x" }, Schema, "s"), { data: { price: 1, name: "x" } });
});

for (const price of [Number.NaN, Number.POSITIVE_INFINITY, null, "NaN", "-inf", " Infinity "]) {
  test(`a price of ${JSON.stringify(price)} (${String(price)}) is NOT_FINITE`, () => {
    assert.deepEqual(issueOf({ price, name: "x" }), {
      code: "NOT_FINITE",
      field: "price",
      problem: "not a finite number",
    });
  });
}

for (const price of ["12", "", true, [], {}, undefined]) {
  test(`a price of ${JSON.stringify(price)} is SCHEMA`, () => {
    const issue = issueOf({ price, name: "x" });
    assert.deepEqual([issue.code, issue.field], ["SCHEMA", "price"]);
  });
}

test("null in the place of text is SCHEMA: only numbers can be not finite", () => {
  assert.deepEqual(issueOf({ price: 1, name: null }).code, "SCHEMA");
});

test("a field inside a list is named with its place", () => {
  assert.equal(issueOf({ price: 1, name: "x", list: [1, 2, null] }).field, "list.2");
});

test("a value that is no record at all is SCHEMA of the whole", () => {
  for (const value of [null, 5, "x", []]) assert.deepEqual(issueOf(value).code, "SCHEMA");
  assert.equal(issueOf(null).field, "(whole)");
});

test("behind a thousand bad rows a list is not read any further: two hundred thousand cost no more", () => {
  const row = z.object({ price: z.number() });
  let judged = 0;
  const counting = z.preprocess((value) => {
    judged += 1;
    return value;
  }, row);
  const read = (values: readonly unknown[]) => {
    const log = faultLog("s");
    return { rows: readRows(values, counting, "ticker", log), faults: log.faults() };
  };
  const bad = (count: number) => Array.from({ length: count }, () => 1);
  const { rows, faults } = read([{ price: 1 }, ...bad(199_998), { price: 2 }]);
  assert.deepEqual([rows, judged], [[{ price: 1 }], 1_001]);
  assert.deepEqual(
    faults.map(({ code, count }) => [code, count]),
    [
      ["SCHEMA", 1_000],
      ["SCHEMA", 198_999],
    ],
  );
  assert.match(faults[1]?.detail ?? "", /^not read, behind 1000 bad ones, first ticker 1001/);
  assert.deepEqual(read([...bad(999), { price: 2 }]).rows, [{ price: 2 }]);
});

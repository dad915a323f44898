import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonMeter, parseCanonical } from "../../keeper/io/json.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
/** Fewest values that the meter must allow before it lets a text pass. */
function counted(text: string): number {
  let most = 0;
  while (jsonMeter(most)(bytes(text)) !== null) most += 1;
  return most;
}
/** Values and keys that a parser makes of a text. */
function made(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const inside = Object.values(value).reduce((sum: number, entry) => sum + made(entry), 1);
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}

test("the meter never counts fewer values than there are, in however many pieces the bytes come", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat({ max: 40 }), (text, cut) => {
      const count = counted(text);
      assert.ok(count >= made(JSON.parse(text)));
      const meter = jsonMeter(count);
      const all = bytes(text);
      assert.equal(meter(all.subarray(0, cut)) ?? meter(all.subarray(cut)), null);
    }),
    { seed: 15, numRuns: 300 },
  );
});

test("what stands in a text is no value, and a text is not left by an escaped quote", () => {
  assert.equal(counted('"[[[,,,:::"'), 1);
  assert.equal(counted('["\\",{,\\\\",1]'), 3);
});

test("a flood is refused by its count, a deep one by its depth, before anything parses them", () => {
  assert.equal(jsonMeter(1_000)(bytes("{},".repeat(2_000))), "above 1000 values");
  assert.equal(jsonMeter(1_000)(bytes("[".repeat(33))), "nested deeper than 32");
  assert.equal(jsonMeter(1_000)(bytes("[".repeat(32) + "]".repeat(32))), null);
  assert.equal(jsonMeter(10)(bytes("[1,2,3]")), null);
});

test("what has no canonical form is refused with the reason, at any depth and in names too", () => {
  assert.deepEqual(parseCanonical('{"a":[1,"x"]}'), { value: { a: [1, "x"] } });
  assert.deepEqual(parseCanonical('{"a":1e999}'), { why: "a number beyond a double" });
  assert.deepEqual(parseCanonical('[[{"a":[-1e999]}]]'), { why: "a number beyond a double" });
  assert.deepEqual(parseCanonical('["\\ud800"]'), { why: "half a surrogate pair" });
  assert.deepEqual(parseCanonical('{"\\udc00":1}'), { why: "half a surrogate pair" });
  assert.deepEqual(parseCanonical("[".repeat(5_000) + "]".repeat(5_000)), { why: "nested deeper than 32" });
  assert.deepEqual(parseCanonical("<html>"), { why: "not JSON" });
  assert.deepEqual(parseCanonical('"\\ud83d\\ude00"'), { value: "😀" });
});

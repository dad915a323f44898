import assert from "node:assert/strict";
import { test } from "node:test";
import { faultLog } from "../../keeper/domain/fault.ts";

test("equal findings are one fault with a count and the place of the first", () => {
  const log = faultLog("deribit:ETH:options");
  log.add("CROSSED", "bid above ask", "ETH-27FEB26-3000-C");
  log.add("CROSSED", "bid above ask", "ETH-27FEB26-3100-C");
  assert.deepEqual(log.faults(), [
    { code: "CROSSED", source: "deribit:ETH:options", detail: "bid above ask, first ETH-27FEB26-3000-C", count: 2 },
  ]);
});

test("the same code for another reason is another fault, in the order first seen", () => {
  const log = faultLog("s");
  log.add("NOT_POSITIVE", "zero mark", "b");
  log.add("CROSSED", "bid above ask", "c");
  log.add("NOT_POSITIVE", "zero index", "a");
  assert.deepEqual(
    log.faults().map((one) => one.detail),
    ["zero mark, first b", "bid above ask, first c", "zero index, first a"],
  );
});

test("a name as long as a novel is cut", () => {
  const log = faultLog("s");
  log.add("SCHEMA", "x", "y".repeat(100_000));
  assert.ok((log.faults()[0]?.detail.length ?? 0) < 100);
});

test("nothing found is no fault", () => {
  assert.deepEqual(faultLog("s").faults(), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstrument } from "../../keeper/venues/parse.ts";

test("an inverse option is read with its expiry at 08:00 UTC", () => {
  assert.deepEqual(parseInstrument("ETH-27FEB26-3000-C"), {
    currency: "ETH",
    expiry: 1772179200,
    strike: 3000,
    kind: "call",
  });
  assert.equal(1772179200, Date.parse("2026-02-27T08:00:00Z") / 1000);
});

test("a one-digit day and a put are read", () => {
  const read = parseInstrument("BTC-7FEB26-69000-P");
  assert.deepEqual(read, {
    currency: "BTC",
    expiry: Date.parse("2026-02-07T08:00:00Z") / 1000,
    strike: 69000,
    kind: "put",
  });
  assert.deepEqual(parseInstrument("BTC-07FEB26-69000-P"), read);
});

test("a linear option keeps its pair as currency and its decimal strike", () => {
  const read = parseInstrument("XRP_USDC-29FEB28-2d5-C");
  assert.equal(read?.currency, "XRP_USDC");
  assert.equal(read?.strike, 2.5);
});

for (const name of [
  "ETH-PERPETUAL",
  "ETH-27FEB26",
  "ETH-27FEB26-3000",
  "ETH-27FEB26-3000-X",
  "ETH-31FEB26-3000-C",
  "ETH-0FEB26-3000-C",
  "ETH-27FOO26-3000-C",
  "ETH-29FEB26-3000-C",
  "ETH-27FEB26-0-C",
  "ETH-27FEB26--3000-C",
  "eth-27feb26-3000-c",
  " ETH-27FEB26-3000-C",
  "",
]) {
  test(`"${name}" is not an option name`, () => {
    assert.equal(parseInstrument(name), null);
  });
}

test("every month of the year is read, and strike one is a strike", () => {
  const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
  for (const [i, month] of months.entries()) {
    const read = parseInstrument(`ETH-15${month}27-1-P`);
    assert.equal(read?.expiry, Date.UTC(2027, i, 15, 8) / 1000, month);
    assert.equal(read?.strike, 1);
  }
  assert.equal(parseInstrument("ETH-15JUN27-0d5-P")?.strike, 0.5);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { binanceOption, bybitOption, okxOption } from "../../keeper/venues/parse.ts";

const CALL = { currency: "ETH", expiry: 1_772_179_200, strike: 3000, kind: "call" };

test("each venue's spelling of one option says the same: ETH, 2026-02-27T08:00:00Z, 3000, call", () => {
  assert.deepEqual(okxOption("ETH-USD-260227-3000-C"), CALL);
  assert.deepEqual(binanceOption("ETH-260227-3000-C"), CALL);
  assert.deepEqual(bybitOption("ETH-27FEB26-3000-C"), { ...CALL, settledIn: "USDC" });
  assert.deepEqual(bybitOption("ETH-27FEB26-3000-C-USDT"), { ...CALL, settledIn: "USDT" });
});

test("the names printed in the venues' documentation are options", () => {
  const put = { currency: "BTC", expiry: Date.UTC(2022, 2, 9, 8) / 1000, strike: 33_000, kind: "put" };
  assert.deepEqual(okxOption("BTC-USD-220309-33000-P"), put);
  assert.equal(okxOption("BTC-USD-200103-5500-C")?.strike, 5500);
  assert.equal(bybitOption("BTC-30DEC22-18000-C")?.expiry, Date.UTC(2022, 11, 30, 8) / 1000);
  assert.equal(binanceOption("BTC-200730-9000-C")?.expiry, Date.UTC(2020, 6, 30, 8) / 1000);
});

test("small strikes may have decimals", () => {
  assert.equal(bybitOption("XRP-27FEB26-2.25-C-USDT")?.strike, 2.25);
  assert.equal(binanceOption("DOGE-260227-0.2-P")?.strike, 0.2);
  assert.equal(okxOption("ETH-USD-260227-0.5-P")?.strike, 0.5);
});

const PARSERS = { okx: okxOption, bybit: bybitOption, binance: binanceOption };
const REFUSED: Readonly<Record<keyof typeof PARSERS, readonly string[]>> = {
  okx: [
    "",
    "ETH-USD-SWAP",
    "ETH-USD-260227",
    "BTC-USD_UM-260227-90000-C",
    "ETH-USDT-260227-3000-C",
    "ETH-USD-260230-3000-C",
    "ETH-USD-261327-3000-C",
    "ETH-USD-260227-0-C",
    "ETH-USD-260227-3000-X",
    "ETH-USD-260227-3000-C ",
    "ETH-USD-260227--3000-C",
    "ETH-USD-260227-3e3-C",
    "ETH-USD-0260227-3000-C",
    "eth-USD-260227-3000-C",
    "ETH-USD-260227-3000-C\n",
    "ETH-USD-260227-3000.-C",
  ],
  bybit: [
    "",
    "ETHPERP",
    "ETH-27FEB26",
    "ETH-31FEB26-3000-C",
    "ETH-27FEV26-3000-C",
    "ETH-27FEB2026-3000-C",
    "ETH-27FEB26-3000-C-USDC",
    "ETH-27FEB26-3000-C-USDT-X",
    "ETH-0FEB26-3000-C",
    "ETH-27FEB26-0-P",
    "ETH-27feb26-3000-C",
  ],
  binance: [
    "",
    "ETHUSDT",
    "ETH-260227-3000",
    "ETH-260431-3000-C",
    "ETH-260227-0.0-C",
    "ETH-260227-3000-CC",
    "-260227-1-C",
  ],
};
for (const [venue, names] of Object.entries(REFUSED)) {
  test(`${venue}: what is not exactly an option's name is none`, () => {
    for (const name of names) assert.equal(PARSERS[venue as keyof typeof PARSERS](name), null, JSON.stringify(name));
  });
}

test("dates are days that exist, at 08:00 UTC, leap days included", () => {
  const digits = (date: string) => okxOption(`ETH-USD-${date}-3000-C`)?.expiry ?? null;
  const names = (date: string) => bybitOption(`ETH-${date}-3000-C`)?.expiry ?? null;
  assert.equal(digits("240229"), Date.UTC(2024, 1, 29, 8) / 1000);
  assert.equal(names("29FEB24"), Date.UTC(2024, 1, 29, 8) / 1000);
  assert.notEqual(names("5JUN26"), null);
  assert.equal(names("5JUN26"), names("05JUN26"));
  for (const date of ["250229", "26022", "2602271", "ab0227", "260200"]) assert.equal(digits(date), null, date);
  for (const date of ["29FEB25", "32JAN26", "0JAN26", "1XXX26", "JAN26"]) assert.equal(names(date), null, date);
});

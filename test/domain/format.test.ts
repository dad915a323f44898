import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensOf } from "../../keeper/domain/contract.ts";
import {
  bpsPercent,
  moment,
  percent,
  price,
  shortHash,
  shortPercent,
  signedBps,
  span,
  tokens,
  usd,
} from "../../keeper/domain/format.ts";

test("fractions and basis points are shown in percent with their unit", () => {
  assert.equal(percent(0.834), "83.40 %");
  assert.equal(percent(0.5871, 1), "58.7 %");
  assert.equal(percent(-0.05), "-5.00 %");
  assert.equal(percent(123.45678, 4), "12345.6780 %");
  assert.equal(percent(null), "-");
  assert.equal(percent(Number.NaN), "-");
  assert.equal(shortPercent(0.05), "5 %");
  assert.equal(shortPercent(0.07), "7 %");
  assert.equal(shortPercent(0.1237, 1), "12.4 %");
  assert.equal(bpsPercent(1660), "16.60 %");
  assert.equal(signedBps(1234), "+1,234 bp");
  assert.equal(signedBps(-12), "-12 bp");
  assert.equal(signedBps(0), "+0 bp");
});

test("money keeps three or more digits and its scale", () => {
  assert.equal(usd(2_345_678), "$2.35 M");
  assert.equal(usd(412_000_000), "$412.00 M");
  assert.equal(usd(1_500_000_000), "$1.50 B");
  assert.equal(usd(950), "$950.00");
  assert.equal(usd(0), "$0.00");
  assert.equal(price(2345.6), "$2,345.60");
  assert.equal(price(0.000123), "$0.000123");
  assert.equal(price(null), "no price");
});

test("tokens keep to nine columns, whatever an exposure limit can say", () => {
  const most = tokensOf(0xffff);
  const shown = [0, 950, 12_000, 999_936, 2_345_678, 412_000_000, 999_990_000_000, 1e12, Number(most)].map(tokens);
  assert.deepEqual(shown.slice(0, 5), ["0", "950", "12,000", "999,936", "2.35 M"]);
  assert.deepEqual(shown.slice(5), ["412.00 M", "999.99 B", "1.0e+12", "9.4e+21"]);
});

test("spans take the unit that reads best", () => {
  assert.equal(span(45), "45 s");
  assert.equal(span(720), "12 min");
  assert.equal(span(21_600), "6.0 h");
  assert.equal(span(1_123_200), "13.0 d");
});

test("moments are UTC whatever the machine's time zone", () => {
  assert.equal(moment(1_769_572_847), "2026-01-28 04:00 UTC");
});

test("hashes keep both ends", () => {
  assert.equal(shortHash("0x1234567890abcdef"), "0x123456..cdef");
  assert.equal(shortHash("0x1234"), "0x1234");
});

test("each unit begins exactly where it reads better than the one below", () => {
  assert.deepEqual([119.4, 119.9, 120, 7_199].map(span), ["119 s", "120 s", "2 min", "120 min"]);
  assert.deepEqual([7_200, 172_799, 172_800].map(span), ["2.0 h", "48.0 h", "2.0 d"]);
  assert.deepEqual([0, 0.5, 89].map(span), ["0 s", "1 s", "89 s"]);
  assert.deepEqual([999, 1_000, 999_999].map(usd), ["$999.00", "$1.00 k", "$1,000.00 k"]);
  assert.deepEqual([1e6, 999_999_999, 1e9, 1.5e12].map(usd), ["$1.00 M", "$1,000.00 M", "$1.00 B", "$1,500.00 B"]);
  assert.deepEqual([0.999999, 1, 0].map(price), ["$0.999999", "$1.00", "$0.000000"]);
  assert.equal(shortHash("0x123456789012"), "0x123456789012");
  assert.equal(shortHash("0x1234567890123"), "0x123456..0123");
});

test("every third digit has its comma, and the fraction none", () => {
  assert.equal(price(1_234_567.891), "$1,234,567.89");
  assert.equal(price(123.4), "$123.40");
  assert.equal(price(1_000), "$1,000.00");
  assert.equal(signedBps(-1_234_567), "-1,234,567 bp");
  assert.equal(span(86_400 * 12_345), "12,345.0 d");
});

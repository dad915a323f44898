import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bpsPercent,
  moment,
  percent,
  price,
  shortHash,
  signedBps,
  span,
  usd,
} from "../../../keeper/cli/render/text.ts";

test("fractions and basis points are shown in percent with their unit", () => {
  assert.equal(percent(0.834), "83.40 %");
  assert.equal(percent(0.5871, 1), "58.7 %");
  assert.equal(percent(null), "-");
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

import assert from "node:assert/strict";
import { test } from "node:test";
import { knownMarket, momentIn, numberIn, transactionHash, wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { shortHash } from "../../keeper/domain/format.ts";

const refused = (code: string) => (error: unknown) => error instanceof TonsorError && error.code === code;

test("numbers are read within their range, ends included", () => {
  assert.equal(numberIn("speed", 1, 1e6)("3600"), 3600);
  assert.equal(numberIn("speed", 1, 1e6)("1"), 1);
  assert.equal(numberIn("speed", 1, 1e6)("1e6"), 1e6);
});

test("what is no number in the range is refused", () => {
  for (const text of ["", " ", "x", "0.999", "1000001", "NaN", "Infinity", "-5"]) {
    assert.throws(() => numberIn("speed", 1, 1e6)(text), refused("BAD_ARGUMENT"), JSON.stringify(text));
  }
});

test("whole numbers take digits only", () => {
  assert.equal(wholeNumberIn("port", 0, 65_535)("8080"), 8080);
  for (const text of ["80.5", "1e3", "+1", "-1", "0x10", "65536", ""]) {
    assert.throws(() => wholeNumberIn("port", 0, 65_535)(text), refused("BAD_ARGUMENT"), JSON.stringify(text));
  }
});

test("a transaction hash is 0x and 64 digits, its beginning, or its ends as lists show them; in lower case", () => {
  const hash = `0x${"AB".repeat(32)}`;
  assert.equal(transactionHash(hash), hash.toLowerCase());
  assert.equal(transactionHash("0xA3e1"), "0xa3e1");
  assert.equal(transactionHash(shortHash(hash)), "0xababab");
  assert.equal(transactionHash("0xa3e106…a773"), "0xa3e106");
  for (const text of [undefined, "", "0x", "0xa3e", "0xa3e1..", `0x${"g".repeat(64)}`, "a3e106", `${hash}a`]) {
    assert.throws(() => transactionHash(text), refused("BAD_ARGUMENT"), text ?? "nothing");
  }
});

test("a market is one of the configured names, and the refusal lists them", () => {
  assert.equal(knownMarket("weth", ["WETH", "WBTC"]), "WETH");
  assert.throws(() => knownMarket("DOGE", ["WETH", "WBTC"]), /expected one of WETH, WBTC/);
  assert.throws(() => knownMarket("DOGE", []), /there is none/);
});

test("a moment is a date, an ISO time with its zone, or Unix seconds; days that do not exist are refused", () => {
  const moment = momentIn("--from");
  assert.equal(moment("2026-02-05"), 1_770_249_600);
  assert.equal(moment("2026-02-05T21:30:00Z"), 1_770_327_000);
  assert.equal(moment("2026-02-05T21:30:00+01:00"), 1_770_323_400);
  assert.equal(moment("1770327000"), 1_770_327_000);
  for (const text of ["", "yesterday", "2026-02-30", "2026-13-01", "2026-02-05T21:30:00", "5", "1e9"]) {
    assert.throws(() => moment(text), /--from has the wrong form/, text);
  }
});

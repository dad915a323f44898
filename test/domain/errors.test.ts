import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ERROR_CODES, type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";

const message = (facts: ConstructorParameters<typeof TonsorError>[2]) =>
  new TonsorError("BAD_ARGUMENT", "what happened", facts).message;

describe("TonsorError", () => {
  it("names what happened, the field, the value and the expectation, in that order", () => {
    assert.equal(
      message({ field: "port", given: 70_000, expected: "at most 65535" }),
      "what happened; field port; given 70000; expected at most 65535",
    );
  });

  it("says only what it knows", () => {
    assert.equal(message({}), "what happened");
    assert.equal(message({ field: "port" }), "what happened; field port");
    assert.equal(message({ expected: "a number" }), "what happened; expected a number");
    assert.equal(new TonsorError("BAD_FILE", "bare").message, "bare");
  });

  it("shows any value as text, a given undefined and a number that JSON does not know too", () => {
    const shown: readonly (readonly [unknown, string])[] = [
      [2n ** 70n, "1180591620717411303424"],
      [Number.NaN, "NaN"],
      [Number.NEGATIVE_INFINITY, "-Infinity"],
      ["text", '"text"'],
      [{ a: [1] }, '{"a":[1]}'],
      [null, "null"],
      [undefined, "undefined"],
    ];
    for (const [given, text] of shown) assert.equal(message({ given }), `what happened; given ${text}`);
  });

  it("cuts a long value to 120 characters and marks the cut", () => {
    const given = (length: number) => message({ given: "x".repeat(length - 2) }).replace("what happened; given ", "");
    assert.equal(given(120), `"${"x".repeat(118)}"`);
    assert.equal(given(121), `"${"x".repeat(116)}...`);
    assert.equal(given(500).length, 120);
  });

  it("is an Error of its own name that keeps code, facts and cause", () => {
    const cause = new Error("deeper");
    const error = new TonsorError("RPC_FAILED", "no answer", { field: "url" }, cause);
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.code, error.facts], ["TonsorError", "RPC_FAILED", { field: "url" }]);
    assert.equal(error.cause, cause);
    assert.ok(!("cause" in new TonsorError("RPC_FAILED", "no answer")));
  });

  it("takes advice and whether to try again from the table", () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      const error = new TonsorError(code, "x");
      assert.deepEqual([error.advice, error.retryable], [ERROR_CODES[code].next, ERROR_CODES[code].retryable]);
    }
  });

  it("may be tried again exactly where the network, a venue, Redis, the signer or a fee stood in the way", () => {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    assert.deepEqual(
      codes.filter((code) => ERROR_CODES[code].retryable),
      [
        "HTTP_FAILED",
        "RPC_FAILED",
        "REDIS_FAILED",
        "NO_QUORUM",
        "TRANSACTION_REVERTED",
        "TRANSACTION_UNKNOWN",
        "NONCE_UNCLEAR",
        "TRANSACTION_REFUSED",
        "FEE_CAP_EXCEEDED",
        "SPEND_BUDGET",
        "DISK_FULL",
        "JOURNAL_BUSY",
        "STATE_FAILED",
        "STATE_IN_USE",
        "STATE_LOST",
        "SIGNER_FAILED",
        "STUCK",
      ],
    );
  });
});

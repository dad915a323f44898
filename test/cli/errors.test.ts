import assert from "node:assert/strict";
import { test } from "node:test";
import { errorReport, errorText, exitCodeOfThrown } from "../../keeper/cli/errors.ts";
import { ERROR_CODES, type ErrorCode, TonsorError } from "../../keeper/domain/errors.ts";

test("an error is three lines: what, the facts, the advice", () => {
  const error = new TonsorError("OUT_OF_RANGE", "bonus is out of range", {
    field: "bonus",
    given: 5,
    expected: "a fraction",
  });
  assert.equal(
    errorText(errorReport(error)),
    [
      "error OUT_OF_RANGE: bonus is out of range",
      "  field bonus, given 5, expected a fraction",
      "  Correct the named field; the message gives the value and the range.",
      "",
    ].join("\n"),
  );
});

test("a large value is shown by its beginning", () => {
  const given = { result: Array.from({ length: 1_000 }, (_, i) => i) };
  const report = errorReport(new TonsorError("BAD_FILE", "x", { field: "result", given }));
  assert.equal(report.given, `${JSON.stringify(given).slice(0, 117)}...`);
});

test("an error without facts has no line for them", () => {
  assert.equal(errorText(errorReport(new TonsorError("RPC_FAILED", "no answer"))).split("\n").length, 3);
});

test("the facts are never repeated in what happened, whichever are given", () => {
  for (const facts of [
    { field: "a" },
    { given: 1n },
    { expected: "x" },
    { field: "a", given: [1], expected: "x" },
    {},
  ]) {
    assert.equal(errorReport(new TonsorError("BAD_FILE", "what happened", facts)).message, "what happened");
  }
});

test("a message of several lines becomes one", () => {
  assert.equal(errorReport(new Error("2 problems:\n  a\n  b  c\n")).message, "2 problems: a; b c");
});

test("what is thrown without being an error is still reported", () => {
  assert.equal(errorReport("plain").message, "plain");
  assert.equal(errorReport(undefined).code, "UNEXPECTED");
});

test("numbers that JSON does not know are given as text", () => {
  assert.equal(errorReport(new TonsorError("OUT_OF_RANGE", "x", { given: Number.NaN })).given, "NaN");
  assert.equal(errorReport(new TonsorError("OUT_OF_RANGE", "x", { given: 2n ** 70n })).given, "1180591620717411303424");
});

test("every error code has one of the documented exit codes, 75 exactly when it may be tried again", () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    assert.ok([1, 75, 78].includes(exitCodeOfThrown(new TonsorError(code, "x"))), code);
    assert.equal(exitCodeOfThrown(new TonsorError(code, "x")) === 75, ERROR_CODES[code].retryable, code);
  }
  assert.equal(exitCodeOfThrown(new TonsorError("RPC_FAILED", "silent")), 75);
});

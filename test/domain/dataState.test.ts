import assert from "node:assert/strict";
import { test } from "node:test";
import { type Assessment, dataState, type Reason } from "../../keeper/domain/decision.ts";
import { type Fault, fault } from "../../keeper/domain/fault.ts";
import { DEFAULT_POLICY } from "../../keeper/markets/defaults.ts";
import { anExplanation } from "../dashboard/explanations.ts";

const { assessment } = anExplanation();

/** The state with these faults read, these measured, this confidence and these reasons. */
function state(read: readonly Fault[], measured: readonly Fault[] = [], confidence = 0.93, reasons: Reason[] = []) {
  const { readings, risk, decision } = assessment;
  const changed: Pick<Assessment, "readings" | "risk" | "decision"> = {
    readings: { ...readings, faults: read },
    risk: { ...risk, faults: measured, confidence },
    decision: { ...decision, reasons },
  };
  return dataState(changed);
}

test("data that were all believed are NORMAL, also with a few records that were not", () => {
  assert.equal(state([]), "NORMAL");
  assert.equal(
    state([fault("WIDE", "deribit:ETH:options", "spread", 14), fault("STALE", "x", "old quotes", 2)]),
    "NORMAL",
  );
});

test("a source that is missing, contradicted or badly fitted, or a low confidence, is DEGRADED", () => {
  assert.equal(state([fault("UNREACHABLE", "deribit:ETH:options", "refused")]), "DEGRADED");
  assert.equal(state([], [fault("DISAGREES", "priceFeed:ETH-USD", "3 %")]), "DEGRADED");
  // The least confidence is the one from which governance lets loosen.
  const least = DEFAULT_POLICY.minLooseningConfidence;
  assert.equal(state([], [], least - 0.01), "DEGRADED");
  assert.equal(state([], [], least), "NORMAL");
});

test("old, frozen and future data are STALE, whatever else is wrong", () => {
  for (const code of ["STALE", "FROZEN", "FUTURE"] as const) {
    assert.equal(
      state([fault("UNREACHABLE", "x", "refused"), fault(code, "deribit:ETH:options", "by an hour")]),
      "STALE",
    );
  }
});

test("without a usable price or depth it is HALTED", () => {
  assert.equal(state([fault("STALE", "x", "old")], [], 0, ["NO_DATA"]), "HALTED");
});

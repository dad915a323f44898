import assert from "node:assert/strict";
import { test } from "node:test";
import { BaseError, ContractFunctionRevertedError, encodeErrorResult } from "viem";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { explainCallError, revertVerdict } from "../../keeper/protocols/revert.ts";

const errors = [...COLLATERAL_PARAMETERS_ABI, ...COLLATERAL_PARAMETERS_ABI, ...ACCESS_CONTROL_ABI].flatMap((item) =>
  item.type === "error" ? [item.name] : [],
);

test("of the contracts' errors those are expected that another look may mend, every other is fatal", () => {
  const expected = [...new Set(errors.filter((name) => revertVerdict(name) === "expected"))];
  assert.deepEqual(expected.toSorted(), [
    "DeadlinePassed",
    "HeldByGovernance",
    "NoMarketApplied",
    "WrongGeneration",
    "WrongSequence",
  ]);
  for (const name of ["AccessControlUnauthorizedAccount", "PostconditionFailed", "EmptyBatch", "Panic", "Error"]) {
    assert.equal(revertVerdict(name), "fatal", name);
  }
});

test("the code of a refusal follows its verdict, and only the expected may be tried again unchanged", () => {
  const abi = [...COLLATERAL_PARAMETERS_ABI];
  const told = (data: `0x${string}`) => {
    const cause = new ContractFunctionRevertedError({ abi, data, functionName: "update" });
    const { code, retryable } = explainCallError(new BaseError("x", { cause }));
    return [code, retryable];
  };
  const late = encodeErrorResult({ abi, errorName: "DeadlinePassed", args: [1, 2n] });
  assert.deepEqual(told(late), ["TRANSACTION_REVERTED", true]);
  assert.deepEqual(told(encodeErrorResult({ abi, errorName: "EmptyBatch" })), ["TRANSACTION_FATAL", false]);
});

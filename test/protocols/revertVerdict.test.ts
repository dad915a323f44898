import assert from "node:assert/strict";
import { test } from "node:test";
import { type AbiParameter, BaseError, ContractFunctionRevertedError, encodeErrorResult, parseAbi } from "viem";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { explainCallError } from "../../keeper/protocols/revert.ts";

const BUILT_IN = parseAbi(["error Error(string message)", "error Panic(uint256 code)"]);
const abi = [...COLLATERAL_PARAMETERS_ABI, ...BUILT_IN];
const errors = abi.filter((item) => item.type === "error");

/** Any value of a type. */
function anyValue({ type }: AbiParameter): unknown {
  if (type === "string") return "x";
  if (type.startsWith("uint")) return 1n;
  return `0x${"00".repeat(type === "address" ? 20 : 32)}`;
}

/** What the keeper makes of a refusal with this error. */
function meaningOf(error: (typeof errors)[number]) {
  const args = error.inputs.map(anyValue);
  const data = encodeErrorResult({ abi: [error], errorName: error.name, args } as never);
  const cause = new ContractFunctionRevertedError({ abi, data, functionName: "publishBatch" });
  return explainCallError(new BaseError("x", { cause }));
}

test("of the contract's errors those may be tried again that another cycle may mend, every other is fatal", () => {
  const retried = errors.filter((error) => meaningOf(error).code === "TRANSACTION_REVERTED").map(({ name }) => name);
  assert.deepEqual(retried.toSorted(), [
    "DeadlinePassed",
    "HeldByGovernance",
    "NoMarketApplied",
    "WriterIsHalted",
    "WrongSequence",
  ]);
  for (const error of errors) {
    const { code, retryable } = meaningOf(error);
    const isRetried = retried.includes(error.name);
    assert.deepEqual(
      [code, retryable],
      [isRetried ? "TRANSACTION_REVERTED" : "TRANSACTION_FATAL", isRetried],
      error.name,
    );
  }
});

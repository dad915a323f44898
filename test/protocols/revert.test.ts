import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ContractFunctionExecutionError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  type Hex,
  keccak256,
  toBytes,
} from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { explainCallError } from "../../keeper/protocols/revert.ts";

const abi = [...COLLATERAL_PARAMETERS_ABI, ...ACCESS_CONTROL_ABI] as const;
const KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

/** What viem throws for a call that the contract refused with these bytes. */
function refused(data: Hex): Error {
  const cause = new ContractFunctionRevertedError({ abi, data, functionName: "sequence" });
  return new ContractFunctionExecutionError(cause, { abi, functionName: "sequence" });
}

const CASES: readonly (readonly [Hex, string])[] = [
  [
    encodeErrorResult({ abi, errorName: "WrongSequence", args: [5n, 6n] }),
    "WrongSequence: given 5, the chain expects 6",
  ],
  [
    encodeErrorResult({ abi, errorName: "NoMarketApplied", args: [2, 9] }),
    "NoMarketApplied: every market was refused, market 2 for STEP_TOO_LARGE: loosening by more than one step allows, bps",
  ],
  [
    encodeErrorResult({ abi, errorName: "PostconditionFailed", args: [1, "gap to target"] }),
    "PostconditionFailed: group 1, gap to target",
  ],
  [
    encodeErrorResult({ abi, errorName: "ModeNotSafer", args: [1, 0, 2] }),
    "ModeNotSafer: market 1 is FROZEN, asked for NORMAL",
  ],
  [
    encodeErrorResult({ abi, errorName: "BadValues", args: [4, 8, 10n, 20n] }),
    "BadValues: market 4, GAP_TOO_SMALL: initial too close to maintenance, bps; given 10, allowed 20",
  ],
  [
    encodeErrorResult({
      abi,
      errorName: "AccessControlUnauthorizedAccount",
      args: [KEEPER, keccak256(toBytes("KEEPER_ROLE"))],
    }),
    `${KEEPER} does not hold KEEPER_ROLE`,
  ],
  [
    encodeErrorResult({ abi, errorName: "WrongGeneration", args: [2, 3] }),
    "WrongGeneration: made for listings 2, the chain is at 3",
  ],
  [encodeErrorResult({ abi, errorName: "BadEntry", args: [24n] }), "BadEntry: the bytes from 24 on are no entry"],
  [
    encodeErrorResult({ abi, errorName: "HeldByGovernance", args: [1, 1] }),
    "HeldByGovernance: market 1 is NO_NEW_RISK until governance changes it",
  ],
  [encodeErrorResult({ abi, errorName: "BadLimits", args: ["gap", 0n, 1n] }), "BadLimits(gap, 0, 1)"],
  [encodeErrorResult({ abi, errorName: "EmptyBatch" }), "EmptyBatch()"],
];

for (const [data, words] of CASES) {
  test(`the contract's refusal is told as: ${words}`, () => {
    const told = explainCallError(refused(data));
    assert.match(told.code, /^TRANSACTION_(REVERTED|FATAL)$/);
    assert.equal(told.message, words);
  });
}

test("an error of ours stays what it is, and anything else is RPC_FAILED", () => {
  const ours = new TonsorError("WRONG_CHAIN", "x");
  assert.equal(explainCallError(ours), ours);
  assert.equal(explainCallError(new Error("socket")).code, "RPC_FAILED");
  assert.equal(explainCallError("gone").code, "RPC_FAILED");
});

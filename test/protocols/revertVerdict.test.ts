import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type AbiParameter,
  BaseError,
  ContractFunctionRevertedError,
  encodeErrorResult,
  type PublicClient,
  parseAbi,
} from "viem";
import type { TonsorError } from "../../keeper/domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { onChain } from "../../keeper/protocols/onChain.ts";

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
async function meaningOf(error: (typeof errors)[number]): Promise<TonsorError> {
  const args = error.inputs.map(anyValue);
  const data = encodeErrorResult({ abi: [error], errorName: error.name, args } as never);
  const cause = new ContractFunctionRevertedError({ abi, data, functionName: "publishBatch" });
  const client = { chain: { id: 1 }, getChainId: async () => 1 } as unknown as PublicClient;
  return onChain(client, () => Promise.reject(new BaseError("x", { cause }))).catch((told: TonsorError) => told);
}

test("of the contract's errors those may be tried again that another cycle may mend, every other is fatal", async () => {
  const meanings = await Promise.all(errors.map(async (error) => ({ name: error.name, told: await meaningOf(error) })));
  const retried = meanings.filter(({ told }) => told.code === "TRANSACTION_REVERTED").map(({ name }) => name);
  assert.deepEqual(retried.toSorted(), [
    "DeadlinePassed",
    "HeldByGovernance",
    "NoMarketApplied",
    "WriterIsHalted",
    "WrongSequence",
  ]);
  for (const { name, told } of meanings) {
    const { code, retryable } = told;
    const isRetried = retried.includes(name);
    assert.deepEqual([code, retryable], [isRetried ? "TRANSACTION_REVERTED" : "TRANSACTION_FATAL", isRetried], name);
  }
});

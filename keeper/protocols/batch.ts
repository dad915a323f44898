import { decodeFunctionData, encodeFunctionData } from "viem";
import type { Batch, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import { decodeEntries, encodeEntries } from "./words.ts";

/** The head of a batch: what is not about one market (H in contracts/parameters/Words.sol). */
function headOf({ sequence, deadline, modelVersion }: Pick<Batch, "sequence" | "deadline" | "modelVersion">): bigint {
  return sequence | (BigInt(deadline) << 64n) | (BigInt(modelVersion) << 104n);
}

/** Sequence, deadline and model version in the head of a batch. */
export function headFields(head: bigint): Pick<Batch, "sequence" | "deadline" | "modelVersion"> {
  return {
    sequence: head & 0xffff_ffff_ffff_ffffn,
    deadline: Number((head >> 64n) & 0xff_ffff_ffffn),
    modelVersion: Number((head >> 104n) & 0xffff_ffffn),
  };
}

/** Head, evidence and entries of a batch, as every call that carries one takes them. */
export function batchArguments(batch: Batch): readonly [head: bigint, evidence: Hex, entries: Hex] {
  return [headOf(batch), batch.evidence, encodeEntries(batch.entries)];
}

/** The batch that such arguments are of. @throws TonsorError `BAD_ARGUMENT` */
export function batchOf([head, evidence, entries]: readonly [head: bigint, evidence: Hex, entries: Hex]): Batch {
  return { ...headFields(head), evidence, entries: decodeEntries(entries) };
}

/** Returns the calldata of `publishBatch`. */
export function encodeBatch(batch: Batch): Hex {
  return encodeFunctionData({ abi, functionName: "publishBatch", args: batchArguments(batch) });
}

/**
 * Returns the batch that calldata of `publishBatch` carries, the inverse of `encodeBatch`.
 * @throws TonsorError `BAD_ARGUMENT` when it is no call of `publishBatch`.
 */
export function decodeBatch(data: Hex): Batch {
  const call = calldataOf(data);
  if (call?.functionName !== "publishBatch") {
    const facts = { field: "data", given: String(data).slice(0, 10), expected: "a call of publishBatch" };
    throw new TonsorError("BAD_ARGUMENT", "not a batch", facts);
  }
  return batchOf(call.args);
}

function calldataOf(data: Hex) {
  try {
    return decodeFunctionData({ abi, data });
  } catch {
    // An unknown selector, or bytes that do not decode: the caller reports what it expected.
    return null;
  }
}

import { decodeFunctionData, encodeFunctionData, type PublicClient } from "viem";
import type { Batch, Hex, Simulation } from "../domain/batch.ts";
import { ACCESS_CONTROL_ABI, COLLATERAL_PARAMETERS_ABI } from "../protocols/abi.ts";
import { onChain } from "../protocols/client.ts";
import { decodeBatch, STANDING, simulateCall } from "../protocols/collateralParameters.ts";
import { decodeEntries, encodeEntries } from "../protocols/entry.ts";
import { QUORUM_DOOR_ABI, type QuorumBatch, type QuorumPlace } from "./typedData.ts";

/** What the parameter contract refuses comes through the door with its own error. */
const abi = [...QUORUM_DOOR_ABI, ...COLLATERAL_PARAMETERS_ABI, ...ACCESS_CONTROL_ABI] as const;

/** A batch with its entries packed, as the door's signers sign it. */
export function quorumBatch({ entries, ...batch }: Batch): QuorumBatch {
  return { ...batch, entries: encodeEntries(entries) };
}

/** Returns the calldata of the door's `updateSigned`. */
export function encodeSignedBatch(place: QuorumPlace, batch: Batch, signatures: Hex): Hex {
  const args = [place.parameters, quorumBatch(batch), signatures] as const;
  return encodeFunctionData({ abi: QUORUM_DOOR_ABI, functionName: "updateSigned", args });
}

/**
 * Returns the batch that calldata carries, whichever door it went through: `update(batch)` or `updateSigned`.
 * @throws TonsorError `BAD_ARGUMENT` when it is neither.
 */
export function decodeAnyBatch(data: Hex): Batch {
  try {
    const call = decodeFunctionData({ abi: QUORUM_DOOR_ABI, data });
    if (call.functionName !== "updateSigned") return decodeBatch(data);
    const { entries, ...batch } = call.args[1];
    return { ...batch, entries: decodeEntries(entries) };
  } catch {
    return decodeBatch(data);
  }
}

/** Runs a signed batch against the latest block without sending it, as `simulateBatch` does, within the quorum's limits. */
export async function simulateSigned(
  client: PublicClient,
  place: QuorumPlace,
  from: Hex,
  batch: Batch,
  signatures: Hex,
): Promise<Simulation> {
  const args = [place.parameters, quorumBatch(batch), signatures] as const;
  const call = { address: place.door, abi, functionName: "updateSigned", args, account: from } as const;
  return await simulateCall(client, place.parameters, batch, {
    quorum: true,
    simulate: () => client.simulateContract({ ...call, ...STANDING }),
    gas: () => client.estimateContractGas({ ...call, ...STANDING }),
  });
}

/** Who signs for a door, and how many of them must. Both are in its bytecode and never change. */
export async function readQuorum(
  client: PublicClient,
  door: Hex,
): Promise<{ readonly threshold: number; readonly signers: readonly Hex[] }> {
  const at = { address: door, abi: QUORUM_DOOR_ABI } as const;
  const [threshold, signers] = await onChain(client, () =>
    Promise.all([
      client.readContract({ ...at, functionName: "threshold" }),
      client.readContract({ ...at, functionName: "signers" }),
    ]),
  );
  return { threshold: Number(threshold), signers };
}

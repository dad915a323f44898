import {
  type Address,
  decodeFunctionData,
  encodeFunctionData,
  type Hex,
  hexToBytes,
  isAddressEqual,
  isHex,
  type PublicClient,
  parseAbi,
  recoverTypedDataAddress,
  type TypedDataDefinition,
} from "viem";
import type { Batch, Simulation } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../protocols/abi.ts";
import { batchArguments, batchOf, decodeBatch, STANDING, simulateCall } from "../protocols/collateralParameters.ts";
import { onChain } from "../protocols/onChain.ts";

/** The gateway SignerQuorum, as a relayer calls it and as a reader of its errors knows it. */
const SIGNER_QUORUM_ABI = parseAbi([
  "function publishSigned(address parameters, uint256 head, bytes32 evidence, bytes entries, bytes signatures)",
  "function digestOf(address parameters, uint256 head, bytes32 evidence, bytes entries) view returns (bytes32)",
  "function threshold() view returns (uint256)",
  "function signerCount() view returns (uint256)",
  "function signers() view returns (address[])",
  "error TooFewSignatures(uint256 given, uint256 needed)",
  "error SignersNotAscending(address given, address previous)",
  "error NotASigner(address given)",
  "error BadSignature(uint256 index, uint8 reason, bytes32 given)",
]);

/** What is signed, as EIP-712 describes it. */
const QUORUM_TYPES = {
  Batch: [
    { name: "parameters", type: "address" },
    { name: "head", type: "uint256" },
    { name: "evidence", type: "bytes32" },
    { name: "entries", type: "bytes" },
  ],
} as const;

/** Where a signature counts: one chain, one SignerQuorum, one parameter contract. */
export type QuorumPlace = { readonly chainId: number; readonly gateway: Address; readonly parameters: Address };

/** A batch as it is signed. */
type SignedValues = { readonly head: bigint; readonly evidence: Hex; readonly entries: Hex };

/** One signer's signature of a batch. */
export type QuorumShare = { readonly signer: Address; readonly signature: Hex };

/** Whoever holds a key: a viem account, or an adapter around a keystore or a machine that signs. */
type QuorumSigner = {
  readonly address: Address;
  signTypedData(typed: QuorumTypedData): Promise<Hex>;
};

type QuorumTypedData = TypedDataDefinition<typeof QUORUM_TYPES, "Batch">;

const SIGNATURE_BYTES = 65;
/** Half the order of secp256k1: a valid signature with a greater s has a twin with a smaller one (EIP-2). */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The typed data that a signer signs. @example quorumTypedData(place, batch).domain?.name // "Tonsor SignerQuorum" */
export function quorumTypedData(place: QuorumPlace, batch: SignedValues): QuorumTypedData {
  return {
    domain: { name: "Tonsor SignerQuorum", version: "1", chainId: place.chainId, verifyingContract: place.gateway },
    types: QUORUM_TYPES,
    primaryType: "Batch",
    message: { parameters: place.parameters, ...batch },
  };
}

/**
 * One signer's share. Throws BAD_ARGUMENT when what comes back is not the signer's own signature of this batch, which
 * a keystore with another account selected would give.
 */
export async function signShare(place: QuorumPlace, batch: SignedValues, signer: QuorumSigner): Promise<QuorumShare> {
  const share = { signer: signer.address, signature: await signer.signTypedData(quorumTypedData(place, batch)) };
  if (await isShareOf(place, batch, share)) return share;
  throw new TonsorError("BAD_ARGUMENT", "a signer returned a signature that is not its own", {
    field: "signature",
    given: share.signature,
    expected: `a signature of this batch by ${signer.address}`,
  });
}

/** Whether a share is what it says: well formed, and by its signer, of this batch, for this place. Never throws. */
export async function isShareOf(place: QuorumPlace, batch: SignedValues, share: QuorumShare): Promise<boolean> {
  if (faultOf(share.signature) !== null) return false;
  try {
    const signature = share.signature;
    const signed = await recoverTypedDataAddress({ ...quorumTypedData(place, batch), signature });
    return isAddressEqual(signed, share.signer);
  } catch {
    return false;
  }
}

/**
 * The signatures as `publishSigned` takes them: the `threshold` with the lowest addresses, ascending, 65 bytes each.
 * Throws BAD_ARGUMENT when they are too few, when a signer is there twice, or when one is malformed or malleable.
 * @example combineShares([second, first], 2) // first's 65 bytes, then second's
 */
export function combineShares(shares: readonly QuorumShare[], threshold: number): Hex {
  const order = (share: QuorumShare) => share.signer.toLowerCase();
  const sorted = [...shares].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  for (const [index, share] of sorted.entries()) {
    const fault = faultOf(share.signature);
    const previous = sorted[index - 1];
    const twice = previous !== undefined && order(previous) === order(share);
    if (fault === null && !twice) continue;
    throw new TonsorError("BAD_ARGUMENT", `the signature of ${share.signer} cannot be used`, {
      field: "shares",
      given: twice ? share.signer : share.signature,
      expected: fault ?? "each signer once",
    });
  }
  if (!Number.isInteger(threshold) || threshold < 1 || sorted.length < threshold) {
    throw new TonsorError("BAD_ARGUMENT", "too few signatures for SignerQuorum", {
      field: "shares",
      given: sorted.length,
      expected: `at least ${threshold}, and a threshold of 1 or more`,
    });
  }
  const used = sorted.slice(0, threshold);
  return `0x${used.map(({ signature }) => signature.slice(2)).join("")}`;
}

/** What SignerQuorum would refuse a signature for, in words; null when nothing. */
function faultOf(signature: Hex): string | null {
  if (!isHex(signature) || signature.length !== 2 + 2 * SIGNATURE_BYTES) return `${SIGNATURE_BYTES} bytes`;
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  if (s > HALF_ORDER) return "an s in the lower half of the order";
  const v = hexToBytes(signature).at(-1);
  return v === 27 || v === 28 ? null : "a last byte of 27 or 28";
}

/** What the parameter contract refuses comes through SignerQuorum with its own error. */
const abi = [...SIGNER_QUORUM_ABI, ...COLLATERAL_PARAMETERS_ABI] as const;

/** What of a batch is signed. */
export function signedValues(batch: Batch): SignedValues {
  const [head, evidence, entries] = batchArguments(batch);
  return { head, evidence, entries };
}

/** Returns the calldata of `publishSigned`. */
export function encodeSignedBatch(place: QuorumPlace, batch: Batch, signatures: Hex): Hex {
  const args = [place.parameters, ...batchArguments(batch), signatures] as const;
  return encodeFunctionData({ abi: SIGNER_QUORUM_ABI, functionName: "publishSigned", args });
}

/**
 * Returns the batch that calldata carries, whichever way it was sent: `publishBatch` or `publishSigned`.
 * @throws TonsorError `BAD_ARGUMENT` when it is neither.
 */
export function decodeAnyBatch(data: Hex): Batch {
  try {
    const call = decodeFunctionData({ abi: SIGNER_QUORUM_ABI, data });
    if (call.functionName !== "publishSigned") return decodeBatch(data);
    const [, head, evidence, entries] = call.args;
    return batchOf([head, evidence, entries]);
  } catch {
    return decodeBatch(data);
  }
}

/**
 * Returns who signed the batch that calldata brings to a signer quorum, in the order of the signatures; null when it brings
 * none of this place and evidence.
 * @example (await signersOf(place, batch.evidence, encodeSignedBatch(place, batch, signatures)))?.length // 2
 */
export async function signersOf(
  { chainId, gateway, parameters }: QuorumPlace,
  named: Hex,
  data: Hex,
): Promise<readonly Address[] | null> {
  try {
    const { args } = decodeFunctionData({ abi: SIGNER_QUORUM_ABI, data });
    const [at, head, evidence, entries, signatures] = args as readonly [Address, bigint, Hex, Hex, Hex];
    if (!isAddressEqual(at, parameters) || evidence !== named) return null;
    const typed = quorumTypedData({ chainId, gateway, parameters }, { head, evidence, entries });
    const each = hexToBytes(signatures);
    const of = (n: number) => each.subarray(n * SIGNATURE_BYTES, (n + 1) * SIGNATURE_BYTES);
    const numbers = Array.from({ length: each.length / SIGNATURE_BYTES }, (_, n) => n);
    return await Promise.all(numbers.map((n) => recoverTypedDataAddress({ ...typed, signature: of(n) })));
  } catch {
    return null;
  }
}

/** Runs a signed batch against the latest block without sending it, as `simulateBatch` does, within the signer quorum's limits. */
export async function simulateSigned(
  client: PublicClient,
  place: QuorumPlace,
  from: Hex,
  batch: Batch,
  signatures: Hex,
): Promise<Simulation> {
  const args = [place.parameters, ...batchArguments(batch), signatures] as const;
  const call = { address: place.gateway, abi, functionName: "publishSigned", args, account: from } as const;
  return await simulateCall(client, place.parameters, batch, {
    writer: place.gateway,
    simulate: () => client.simulateContract({ ...call, ...STANDING }),
    gas: () => client.estimateContractGas({ ...call, ...STANDING }),
  });
}

/** Who signs, and how many of them must. Both are in the bytecode and never change. */
export async function readQuorum(
  client: PublicClient,
  gateway: Hex,
): Promise<{ readonly threshold: number; readonly signers: readonly Hex[] }> {
  const at = { address: gateway, abi: SIGNER_QUORUM_ABI } as const;
  const [threshold, signers] = await onChain(client, () =>
    Promise.all([
      client.readContract({ ...at, functionName: "threshold" }),
      client.readContract({ ...at, functionName: "signers" }),
    ]),
  );
  return { threshold: Number(threshold), signers };
}

import type { Contract } from "ethers";
import { type Address, bytesToHex, concatHex, type Hex, hexToBytes } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { as, type Batch, type CoreWorld, coreWorld } from "./coreWorld.ts";

export type QuorumWorld = Awaited<ReturnType<typeof quorumWorld>>;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Fixed keys, by ascending address: the same in every run. */
export const KEYS: readonly PrivateKeyAccount[] = Array.from({ length: 16 }, (_, i) =>
  privateKeyToAccount(`0x${(i + 1).toString(16).padStart(64, "0")}`),
).sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));

/** Keys by place in that order. */
export const keys = (...places: number[]): PrivateKeyAccount[] =>
  places.map((place) => KEYS[place] ?? privateKeyToAccount(generatePrivateKey()));

/** Where a signature counts: one chain, one SignerQuorum, one parameter contract. */
export type Place = { readonly chainId: number; readonly quorum: Address; readonly parameters: Address };

/** What a signer signs, as EIP-712 describes it. Written here a second time: the keeper's own is held to the contract by its tests. */
export const typedData = (place: Place, batch: Batch) => ({
  domain: { name: "Tonsor SignerQuorum", version: "1", chainId: place.chainId, verifyingContract: place.quorum },
  types: {
    Batch: [
      { name: "parameters", type: "address" },
      { name: "head", type: "uint256" },
      { name: "evidence", type: "bytes32" },
      { name: "entries", type: "bytes" },
    ],
  },
  primaryType: "Batch" as const,
  message: { parameters: place.parameters, ...batch },
});

/** The contract with a quorum of `threshold` of the first `count` keys, sent to by a stranger. */
export async function quorumWorld(threshold = 3, count = 5, markets = 5, chainId = 31_337) {
  const world = await coreWorld(markets, chainId);
  const deployQuorum = async (k: number, signers: readonly PrivateKeyAccount[], core: Contract = world.core) => {
    const quorum = await world.own(
      "SignerQuorum",
      k,
      signers.map(({ address }) => address),
    );
    await world.admit(await quorum.getAddress(), "QUORUM", core);
    return as(quorum, world.accounts.stranger);
  };
  const quorum = await deployQuorum(threshold, KEYS.slice(0, count));
  const place: Place = {
    chainId,
    quorum: (await quorum.getAddress()) as Address,
    parameters: (await world.core.getAddress()) as Address,
  };
  return { ...world, deployQuorum, quorum, place };
}

/** Signatures of a batch by these keys, ascending. */
export async function signed(place: Place, batch: Batch, signers: readonly PrivateKeyAccount[]): Promise<Hex> {
  const ascending = [...signers].sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));
  return concatHex(await Promise.all(ascending.map((signer) => signer.signTypedData(typedData(place, batch)))));
}

/** The arguments of `publishSigned`. */
export const relay = (parameters: string, { head, evidence, entries }: Batch, signatures: Hex) =>
  ["publishSigned", parameters, head, evidence, entries, signatures] as const;

/** The twin of a signature that recovers the same address: s mirrored, v flipped. */
export function malleated(signature: Hex): Hex {
  const s = ORDER - BigInt(`0x${signature.slice(66, 130)}`);
  const v = signature.slice(130) === "1b" ? "1c" : "1b";
  return `0x${signature.slice(2, 66)}${s.toString(16).padStart(64, "0")}${v}`;
}

/** The bytes with one bit flipped. */
export function flipped(data: Hex, bit: number): Hex {
  const bytes = hexToBytes(data);
  const at = Math.floor(bit / 8) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit % 8));
  return bytesToHex(bytes);
}

/** The quorum's next batch, which tightens. */
export const tighter = (world: QuorumWorld, change: Parameters<CoreWorld["batch"]>[2] = {}): Promise<Batch> =>
  world.batch(world.place.quorum, { initialBps: 2_400, maintenanceTargetBps: 1_900 }, change);

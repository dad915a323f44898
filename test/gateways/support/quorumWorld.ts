import type { Contract } from "ethers";
import { type Address, bytesToHex, type Hex, hexToBytes } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { combineShares, type QuorumPlace, signShare } from "../../../keeper/cosign/signedBatch.ts";
import { as, type Batch, type DoorWorld, doorWorld } from "./doorWorld.ts";

export type QuorumWorld = Awaited<ReturnType<typeof quorumWorld>>;
export const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** Fixed keys, by ascending address: the same in every run. */
export const KEYS: readonly PrivateKeyAccount[] = Array.from({ length: 16 }, (_, i) =>
  privateKeyToAccount(`0x${(i + 1).toString(16).padStart(64, "0")}`),
).sort((a, b) => (a.address.toLowerCase() < b.address.toLowerCase() ? -1 : 1));

/** Keys by place in that order. */
export const keys = (...places: number[]): PrivateKeyAccount[] =>
  places.map((place) => KEYS[place] ?? privateKeyToAccount(generatePrivateKey()));

/** The contract with a door of `threshold` of the first `count` keys, sent to by a stranger. */
export async function quorumWorld(threshold = 3, count = 5, markets = 5, chainId = 31_337) {
  const world = await doorWorld(markets, chainId);
  const deployDoor = async (k: number, signers: readonly PrivateKeyAccount[], core: Contract = world.core) => {
    const door = await world.own(
      "QuorumDoor",
      k,
      signers.map(({ address }) => address),
    );
    await (await core.getFunction("grantRole")(world.ethers.id("QUORUM_ROLE"), await door.getAddress())).wait();
    return as(door, world.accounts.stranger);
  };
  const door = await deployDoor(threshold, KEYS.slice(0, count));
  const place: QuorumPlace = {
    chainId,
    door: (await door.getAddress()) as Address,
    parameters: (await world.core.getAddress()) as Address,
  };
  return { ...world, deployDoor, door, place };
}

/** Signatures of a batch by these keys, ascending. */
export async function signed(place: QuorumPlace, batch: Batch, signers: readonly PrivateKeyAccount[]): Promise<Hex> {
  const shares = await Promise.all(signers.map((signer) => signShare(place, batch, signer)));
  return combineShares(shares, shares.length);
}

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

/** A batch that tightens, which both doors take. */
export const tighter = (world: DoorWorld, change: Partial<Batch> = {}): Promise<Batch> =>
  world.batch({ initialBps: 2_400, maintenanceTargetBps: 1_900 }, change);

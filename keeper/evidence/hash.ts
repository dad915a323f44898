import { keccak256 } from "viem";
import type { Hex } from "../domain/batch.ts";

/**
 * Returns keccak256 of evidence bytes, the hash that stands in `BatchApplied`.
 * @example hashEvidence(new TextEncoder().encode("")) // 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470
 */
export function hashEvidence(bytes: Uint8Array): Hex {
  return keccak256(bytes);
}

import { keccak256 } from "viem";
import { z } from "zod";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { canonicalBytes, canonicalText } from "./canonical.ts";
import { bundleSchema, type EvidenceBundle } from "./schema.ts";
import { upgraded } from "./upgrade.ts";

/**
 * Returns the canonical bytes of a bundle: what is hashed and stored.
 * @throws TonsorError `BAD_ARGUMENT` naming the path of a field that is not of the schema, a non-finite number included.
 * @example encodeBundle(bundle) // the UTF-8 bytes of {"chainId":31337,"contract":"0x...",...}
 */
export function encodeBundle(bundle: EvidenceBundle): Uint8Array {
  const encoded = z.safeEncode(bundleSchema, bundle);
  if (!encoded.success) refuse("BAD_ARGUMENT", "not an evidence bundle", encoded.error);
  return canonicalBytes(encoded.data);
}

/**
 * Returns the bundle of canonical bytes. Bytes that are valid JSON of the schema in another spelling (white space, key
 * order, 1.0 for 1) are refused too: there is one spelling per bundle.
 * @throws TonsorError `EVIDENCE_MISMATCH` with the path of the first field that is wrong.
 */
export function decodeBundle(bytes: Uint8Array): EvidenceBundle {
  let text: string;
  let json: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    json = JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("EVIDENCE_MISMATCH", "evidence is not UTF-8 JSON", {}, cause);
  }
  const decoded = z.safeDecode(bundleSchema, upgraded(json) as z.input<typeof bundleSchema>);
  if (!decoded.success) refuse("EVIDENCE_MISMATCH", "evidence is not of the schema", decoded.error);
  // The schema strips nothing and each bigint has one spelling, so the JSON itself is what would be encoded again; and
  // valid UTF-8 gives equal texts for equal bytes only.
  if (!isCanonical(json, text)) {
    throw new TonsorError("EVIDENCE_MISMATCH", "evidence is not in canonical form (RFC 8785)");
  }
  return decoded.data;
}

/** What has no canonical form, such as half a surrogate pair, is in none. */
function isCanonical(json: unknown, text: string): boolean {
  try {
    return canonicalText(json) === text;
  } catch {
    return false;
  }
}

/**
 * Returns keccak256 of evidence bytes, the hash in `BatchApplied`.
 * @example hashEvidence(new TextEncoder().encode("")) // 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470
 */
export function hashEvidence(bytes: Uint8Array): Hex {
  return keccak256(bytes);
}

function refuse(code: "BAD_ARGUMENT" | "EVIDENCE_MISMATCH", what: string, error: z.ZodError): never {
  const issue = error.issues[0];
  const field = issue === undefined ? "$" : ["$", ...issue.path.map(String)].join(".");
  throw new TonsorError(code, what, { field, expected: issue?.message ?? "tonsor.evidence.v4" });
}

import { keccak256 } from "viem";
import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import { request } from "../io/http.ts";
import { evidenceFolder } from "../journal/files.ts";

/** Where evidence is read, by its hash. */
type EvidenceSource = Pick<EvidenceStore, "get">;

/** A batch of some hundred markets. */
const LIMITS = { maxBytes: 64 * 1_048_576, maxValues: 16_000_000, timeoutMs: 60_000 };

/**
 * Evidence that somebody else keeps: a folder of `<hash>.json.gz`, or a web address under which `<address>/<hash>` is the bundle,
 * as a keeper's status page serves it. Nobody need be trusted for it: the bytes are hashed, and the chain says to what.
 * @throws of `get` EVIDENCE_MISSING where it is not to be had, EVIDENCE_MISMATCH with both hashes where a byte differs
 * @example evidenceFrom("https://keeper.example/evidence")
 */
export function evidenceFrom(place: string): EvidenceSource {
  if (!/^https?:\/\//i.test(place)) return evidenceFolder(place);
  return {
    async get(hash) {
      const answer = await request(`${place.replace(/\/+$/, "")}/${hash}`, { source: "evidence", ...LIMITS });
      if (!answer.ok) {
        const facts = { field: "evidence", given: answer.fault.detail, expected: `the bundle at <address>/${hash}` };
        throw new TonsorError("EVIDENCE_MISSING", "the address does not serve this evidence", facts);
      }
      const bytes = new TextEncoder().encode(answer.body);
      const found: Hex = keccak256(bytes);
      if (found === hash) return bytes;
      throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: hash });
    },
  };
}

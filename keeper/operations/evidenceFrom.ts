import { keccak256, sha256 } from "viem";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import { request } from "../io/http.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";

/** Where evidence is read, by its hash. */
type EvidenceSource = Pick<EvidenceStore, "get" | "part">;

/** The whole bundle of the forms that had no parts. */
const LIMITS = { maxBytes: 64 * 1_048_576, maxValues: 16_000_000, timeoutMs: 60_000 };

/**
 * Evidence that somebody else keeps: a folder of `<hash>.json.gz`, or a web address under which `<address>/<hash>` is the root and `<address>/parts/<name>` a part,
 * as a keeper's status page serves it. Nobody need be trusted for it: the bytes are hashed, and the chain says to what.
 * @throws of `get` EVIDENCE_MISSING where it is not to be had, EVIDENCE_MISMATCH with both hashes where a byte differs
 * @example evidenceFrom("https://keeper.example/evidence")
 */
export function evidenceFrom(place: string): EvidenceSource {
  if (!/^https?:\/\//i.test(place)) return evidenceFolder(place);
  const read = async (path: string, hashed: (bytes: Uint8Array) => string): Promise<Uint8Array> => {
    const answer = await request(`${place.replace(/\/+$/, "")}/${path}`, { source: "evidence", ...LIMITS });
    if (!answer.ok) {
      const facts = {
        field: "evidence",
        given: answer.fault.detail,
        expected: `what was stored, at <address>/${path}`,
      };
      throw new TonsorError("EVIDENCE_MISSING", "the address does not serve this evidence", facts);
    }
    const bytes = new TextEncoder().encode(answer.body);
    const found = hashed(bytes);
    if (path.endsWith(found)) return bytes;
    throw new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: path });
  };
  return {
    get: (hash) => read(hash, keccak256),
    part: (name) => read(`parts/${name}`, (bytes) => sha256(bytes).slice(2)),
  };
}

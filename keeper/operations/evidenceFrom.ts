import { keccak256, sha256 } from "viem";
import { TonsorError } from "../domain/errors.ts";
import type { EvidenceStore } from "../domain/journal.ts";
import { requestBytes } from "../io/http.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";
import { MOST_PART, unpackEvidence } from "../journal/files.ts";

/** Where evidence is read, by its hash. */
type EvidenceSource = Pick<EvidenceStore, "get" | "part">;

const MIB = 1_048_576;
/** A root, bytes: the whole bundle of the forms that had no parts. */
const MOST_ROOT = 64 * MIB;
/** One piece, and all pieces of a source from its first on, milliseconds: who drips bytes of each gains nothing. */
const TIMES = { pieceMs: 60_000, allMs: 900_000 };
/** How a piece is named: as a keeper's status page serves it, and as a file of the evidence folder or its mirror. */
const ENDS = ["", ".json.gz"];

/**
 * Evidence that somebody else keeps: a folder of `<hash>.json.gz`, or a web address under which `<address>/<hash>` is the root and `<address>/parts/<name>` a part,
 * as a keeper's status page serves it, or the same names ending in `.json.gz`, as any static server of such a folder does. Packed or not, nobody need be trusted for it: the
 * bytes are hashed before anything reads them, and the chain says to what. Redirects are not followed.
 * @throws TonsorError BAD_ARGUMENT for an address of another scheme; of `get` and `part` EVIDENCE_MISSING where it is not to
 * be had, with the fault (TOO_LARGE, UNREACHABLE, HTTP_STATUS); EVIDENCE_MISMATCH with both hashes where a byte differs
 * @example evidenceFrom("https://keeper.example/evidence")
 */
export function evidenceFrom(place: string, { pieceMs, allMs } = TIMES): EvidenceSource {
  if (!/^https?:\/\//i.test(place)) {
    if (/^[a-z][a-z0-9+.-]*:\//i.test(place)) {
      const facts = {
        field: "--evidence",
        given: place,
        expected: "a folder, or an address that begins with http:// or https://",
      };
      throw new TonsorError("BAD_ARGUMENT", "evidence is not read from such an address", facts);
    }
    return evidenceFolder(place);
  }
  const base = place.replace(/\/+$/, "");
  let ends: readonly string[] = ENDS;
  let until: number | null = null;
  const timeLeft = () => {
    until ??= performance.now() + allMs;
    return Math.round(Math.max(1, Math.min(pieceMs, until - performance.now())));
  };
  const read = async (path: string, most: number, hashed: (bytes: Uint8Array) => string): Promise<Uint8Array> => {
    let failed: TonsorError | null = null;
    for (const end of ends) {
      const limits = { maxBytes: most, timeoutMs: timeLeft() };
      const answer = await requestBytes(`${base}/${path}${end}`, { source: "evidence", ...limits });
      const found = answer.ok ? pieceOf(answer.body, path, most, hashed) : missing(path, answer.fault);
      if (found instanceof Uint8Array) {
        // The parts are named as their root is.
        ends = [end];
        return found;
      }
      // Some servers answer what they do not have with a page: that it is changed says more than that it is not there.
      if (failed?.code !== "EVIDENCE_MISMATCH") failed = found;
      if (!answer.ok && answer.status === undefined) break;
    }
    throw failed ?? missing(path, { code: "UNREACHABLE", detail: "not asked for" });
  };
  return {
    get: (hash) => read(hash, MOST_ROOT, keccak256),
    part: (name) => read(`parts/${name}`, MOST_PART, (bytes) => sha256(bytes).slice(2)),
  };
}

/** The bytes that are named so, unpacked where they came packed; or what they are instead. */
function pieceOf(
  body: Uint8Array,
  path: string,
  most: number,
  hashed: (bytes: Uint8Array) => string,
): Uint8Array | TonsorError {
  let bytes = body;
  if (body[0] === 0x1f && body[1] === 0x8b) {
    try {
      bytes = unpackEvidence(body, most);
    } catch (error) {
      const isBomb = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
      if (isBomb) return missing(path, { code: "TOO_LARGE", detail: `above ${most} bytes when unpacked` });
    }
  }
  const found = hashed(bytes);
  if (path.endsWith(found)) return bytes;
  return new TonsorError("EVIDENCE_MISMATCH", "the evidence was changed", { given: found, expected: path });
}

function missing(path: string, { code, detail }: { readonly code: string; readonly detail: string }): TonsorError {
  return new TonsorError("EVIDENCE_MISSING", "the address does not serve this evidence", {
    field: "evidence",
    given: `${code}: ${detail}`,
    expected: `what was stored, at <address>/${path} or ${path}.json.gz`,
  });
}

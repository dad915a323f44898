import { sha256 } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { EvidencePieces, PackedEvidence } from "../../keeper/domain/journal.ts";
import { hashEvidence } from "../../keeper/evidence/bundle.ts";
import { piecesOf } from "../../keeper/evidence/pieces.ts";
import type { EvidenceBundle } from "../../keeper/evidence/schema.ts";

/** A bundle as it is stored, in memory; `edit` may write other words into a piece before it gets its name. */
export function packed(
  bundle: EvidenceBundle,
  edit: (text: string, kind: "part" | "root") => string = (text) => text,
): PackedEvidence & { readonly hash: Hex } {
  const parts = new Map<string, Uint8Array>();
  const pieces = piecesOf(bundle);
  for (let step = pieces.next(""); step.done !== true; ) {
    const { kind, bytes } = step.value;
    const edited = new TextEncoder().encode(edit(new TextDecoder().decode(bytes), kind));
    if (kind === "root") return { root: edited, parts, hash: hashEvidence(edited) };
    const name = sha256(edited).slice(2);
    parts.set(name, edited);
    step = pieces.next(name);
  }
  throw new Error("no root");
}

/** Evidence of one piece, for tests of where it is kept. */
export function* onePiece(root: string | Uint8Array): EvidencePieces {
  yield { kind: "root", bytes: typeof root === "string" ? new TextEncoder().encode(root) : root };
}

/** Every text of a bundle as it is stored. */
export const textsOf = ({ root, parts }: PackedEvidence): readonly string[] =>
  [root, ...parts.values()].map((bytes) => new TextDecoder().decode(bytes));

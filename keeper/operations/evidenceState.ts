import type { Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { readEvidence } from "../evidence/bundle.ts";
import type { KeeperIdentity, KeeperRecords } from "../keeper.ts";
import { type Check, fail, ok } from "./configChecks.ts";

/** So many of the newest batches that this keeper sent are looked after. */
export const LAST_BATCHES = 20;
/** Rows of the journal in which they are searched: replacements and refusals lie between. */
const SEARCHED = 200;

type Records = KeeperRecords & Pick<KeeperIdentity, "signer">;

/** Hashes of the evidence of the newest batches that this key had mined. */
function lastEvidence({ store, signer }: Pick<Records, "store" | "signer">): readonly Hex[] {
  const own = store.recentIntents(SEARCHED).filter((one) => {
    return one.kind === "BATCH" && one.status === "CONFIRMED" && one.from.toLowerCase() === signer?.toLowerCase();
  });
  return [...new Set(own.map(({ batch }) => batch.evidence))].slice(0, LAST_BATCHES);
}

/**
 * How many batches of this key the chain took, up to its last number there, that the journal lacks after the first of the newest
 * it has: what was sent between a backup of the state folder and its return.
 */
export function batchesUnknown({ store, signer }: Pick<Records, "store" | "signer">, sequence: number): number {
  const landed = store.recentIntents(SEARCHED).filter((one) => {
    const ended = one.status === "DROPPED" || one.status === "REVERTED" || one.status === "SUPERSEDED";
    return one.kind === "BATCH" && !ended && one.from.toLowerCase() === signer?.toLowerCase();
  });
  const known = [...new Set(landed.map(({ batch }) => Number(batch.sequence)))].slice(0, LAST_BATCHES);
  return Math.max(0, sequence + 1 - Math.min(...known) - known.filter((one) => one <= sequence).length);
}

/** How many of the last batches lack evidence, root or part: a look at the folder's names, cheap enough for every cycle. */
export async function evidenceMissing(records: Records): Promise<number> {
  const wanted = lastEvidence(records);
  return wanted.length === 0 ? 0 : (await records.evidence.missing(wanted)).length;
}

/** What `doctor` says of the evidence of the last batches: each is read and hashed. */
export async function evidenceCheck(records: Records): Promise<Check> {
  const name = "evidence";
  const wanted = lastEvidence(records);
  const wrong: string[] = [];
  for (const hash of wanted) {
    await readEvidence(records.evidence, hash).catch((error: unknown) => {
      if (!(error instanceof TonsorError)) throw error;
      wrong.push(`${error.code} ${hash}`);
    });
  }
  if (wanted.length === 0) return ok(name, "no batch of this key is in the journal yet");
  const found = `${wanted.length - wrong.length} of the last ${wanted.length} batches can be verified`;
  if (wrong.length === 0) return ok(name, found);
  const cure =
    "Bring the files back from a backup, or from another keeper's /evidence/<hash>: nobody can verify without.";
  return fail(name, `${found}; ${wrong.slice(0, 3).join(", ")}`, cure);
}

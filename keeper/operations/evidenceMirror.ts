import { stat } from "node:fs/promises";
import { setTimeout as rest } from "node:timers/promises";
import type { Hex } from "../domain/contract.ts";
import type { EvidencePieces, Journal, PackedEvidence } from "../domain/journal.ts";
import { readEvidence } from "../evidence/bundle.ts";
import { evidenceFolder } from "../journal/evidenceFolder.ts";
import type { KeeperIdentity, KeeperRecords } from "../keeper.ts";
import { type Check, ok, warn } from "./configChecks.ts";
import { evidenceCheck, LAST_BATCHES } from "./evidenceState.ts";

/** Between two bundles there is rest, so many times as long as the last took, at most a second: a first copy of years is no load. */
const REST_TIMES = 4;
const LONGEST_REST_MS = 1_000;
/** Without a bundle done for so long, something hangs: a share that is gone, milliseconds. */
const STUCK_MS = 600_000;

/** Batches on chain whose evidence is not in the mirror, and what keeps it from being there, in words; null: nothing that is known. */
export type MirrorState = { readonly behind: number; readonly problem: string | null };

/**
 * Copies the evidence of mined batches into a folder, the newest first, each bundle hashed on the way, its parts before its root: what is
 * served of it is whole at any moment and everybody's to read, and what was interrupted goes on. Of the last batches files that are gone again are copied again. It only adds:
 * the mirror is the archive, and its retention is its owner's. Evidence of what may still be in flight is not in it.
 * @param monotonic a clock that never jumps, milliseconds
 */
export function evidenceMirror(
  folder: string,
  { store, evidence }: { readonly store: Pick<Journal, "minedEvidence"> } & Pick<KeeperRecords, "evidence">,
  monotonic: () => number,
) {
  const mirror = evidenceFolder(folder, true);
  const there = new Set<Hex>();
  let wanted: readonly Hex[] = [];
  let failed: string | null = null;
  let movedAt = monotonic();
  let running: Promise<void> | null = null;
  const copy = async (hash: Hex): Promise<string | null> => {
    const found = await readEvidence(evidence, hash).catch((error: Error) => error);
    if (found instanceof Error) return `its evidence cannot be read here: ${found.message}`;
    await mirror.put(piecesOf(found));
    there.add(hash);
    return null;
  };
  const pass = async (): Promise<void> => {
    await assertFolder(folder);
    there.clear();
    for (const hash of await mirror.list()) there.add(hash);
    for (const hash of await mirror.missing(wanted.slice(0, LAST_BATCHES))) there.delete(hash);
    let lacking: string | null = null;
    for (const hash of wanted.filter((one) => !there.has(one))) {
      const began = monotonic();
      lacking = (await copy(hash)) ?? lacking;
      movedAt = monotonic();
      await rest(Math.min(REST_TIMES * (movedAt - began), LONGEST_REST_MS), undefined, { ref: false });
    }
    failed = lacking;
  };
  return {
    state(): MirrorState {
      const behind = wanted.filter((hash) => !there.has(hash)).length;
      const isStuck = running !== null && monotonic() - movedAt > STUCK_MS;
      const why = isStuck ? `nothing was copied to ${folder} for ten minutes` : failed;
      const isBehind = behind > 0 && why !== null;
      return { behind, problem: isBehind ? `the mirror lacks the evidence of ${behind} batches: ${why}` : null };
    },
    /** Begins a pass if none is under way. Nobody need wait for it, and it does not throw. */
    async refresh(): Promise<void> {
      wanted = store.minedEvidence();
      if (running !== null) return;
      movedAt = monotonic();
      running = pass().catch((error: Error) => {
        failed = error.message;
      });
      await running;
      running = null;
    },
  };
}

/** An absent folder is none to be made: it may be the place of a disk that is not mounted. */
async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() !== true) throw new Error(`${folder} is no folder that is there`);
}

/** Stored evidence as it was stored; parts before the root that names them. */
function* piecesOf({ root, parts }: PackedEvidence): EvidencePieces {
  for (const bytes of parts.values()) yield { kind: "part", bytes };
  yield { kind: "root", bytes: root };
}

/** What `doctor` says of a mirror; nothing where there is none. */
export async function mirrorChecks(
  folder: string | null,
  records: KeeperRecords & Pick<KeeperIdentity, "signer">,
): Promise<readonly Check[]> {
  if (folder === null) return [];
  const name = "evidence mirror";
  const absent = await assertFolder(folder).catch((error: Error) => error.message);
  const evidence = evidenceFolder(folder);
  const there = new Set(await evidence.list());
  const behind = records.store.minedEvidence().filter((hash) => !there.has(hash)).length;
  const last = await evidenceCheck({ ...records, evidence });
  const found = `${absent ?? folder}: ${last.found}, ${behind} batches in all are not in it`;
  if (absent === undefined && behind === 0 && last.state === "ok") return [ok(name, found)];
  const cure =
    "A running keeper copies what is lacking after each cycle: see that the folder is there, mounted, with space, and its user may write to it.";
  return [warn(name, found, cure)];
}

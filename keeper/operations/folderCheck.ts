import { access, constants, mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Check } from "./configChecks.ts";

const MEGABYTE = 1_000_000;
/** Below this a decision and its evidence do not fit any more. */
const FULL = MEGABYTE;
/** Below this a person should act: weeks of evidence, or a neighbour that is filling the disk. */
const SCARCE = 200 * MEGABYTE;

/**
 * What `doctor` says of the state folder and of those in it that are written before anything is sent, for each may lie on a
 * disk of its own: whether it is there, can be written, and has space. They are made when absent; the worst is told.
 */
export async function folderCheck(
  { state }: { readonly state: string },
  spaceOf: (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }> = statfs,
): Promise<Check> {
  const name = "state folder";
  const checks: Check[] = [];
  for (const folder of [state, ...WITHIN.map((one) => join(state, one))]) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      checks.push(spaceCheck(folder, await spaceOf(folder)));
    } catch (error) {
      const found = `${folder}: ${error instanceof Error ? error.message : String(error)}`;
      return { name, state: "fail", found, cure: "Make it writable, or point TONSOR_STATE elsewhere." };
    }
  }
  const worst = ["fail", "warn"].map((grade) => checks.find((check) => check.state === grade));
  return worst.find((check) => check !== undefined) ?? { name, state: "ok", found: state, cure: null };
}

/** Evidence, and reports of impact. */
const WITHIN = ["evidence", "impact"];

function spaceCheck(folder: string, { bavail, bsize }: { readonly bavail: number; readonly bsize: number }): Check {
  const name = "state folder";
  const free = bavail * bsize;
  if (free >= SCARCE) return { name, state: "ok", found: folder, cure: null };
  const found = `${folder} has ${(free / MEGABYTE).toFixed(1)} MB left`;
  if (free >= FULL) {
    return { name, state: "warn", found, cure: "Free space before it is full: then nothing is sent any more." };
  }
  const cure =
    "The disk is full and nothing is sent: free space or shorten RETENTION_DAYS; the keeper goes on by itself.";
  return { name, state: "fail", found, cure };
}

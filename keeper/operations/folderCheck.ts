import { access, constants, mkdir, statfs } from "node:fs/promises";
import type { Check } from "./configChecks.ts";

const MEGABYTE = 1_000_000;
/** Below this a decision and its evidence do not fit any more. */
const FULL = MEGABYTE;
/** Below this a person should act: weeks of evidence, or a neighbour that is filling the disk. */
const SCARCE = 200 * MEGABYTE;

/** What `doctor` says of the state folder: whether it is there, can be written, and has space. It is made when absent. */
export async function folderCheck(
  { state }: { readonly state: string },
  spaceOf: (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }> = statfs,
): Promise<Check> {
  const name = "state folder";
  try {
    await mkdir(state, { recursive: true });
    await access(state, constants.W_OK);
    return spaceCheck(state, await spaceOf(state));
  } catch (error) {
    const found = `${state}: ${error instanceof Error ? error.message : String(error)}`;
    return { name, state: "fail", found, cure: "Make it writable, or point TONSOR_STATE elsewhere." };
  }
}

function spaceCheck(state: string, { bavail, bsize }: { readonly bavail: number; readonly bsize: number }): Check {
  const name = "state folder";
  const free = bavail * bsize;
  if (free >= SCARCE) return { name, state: "ok", found: state, cure: null };
  const found = `${state} has ${(free / MEGABYTE).toFixed(1)} MB left`;
  if (free >= FULL) {
    return { name, state: "warn", found, cure: "Free space before it is full: then nothing is sent any more." };
  }
  const cure =
    "The disk is full and nothing is sent: free space or shorten RETENTION_DAYS; the keeper goes on by itself.";
  return { name, state: "fail", found, cure };
}

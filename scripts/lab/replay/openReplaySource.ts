import { dataFolder, type Environment } from "../dataFolder.ts";
import { generatedSource } from "./generatedSource.ts";
import { recordedSource } from "./recordedSource.ts";
import type { ReplaySource } from "./replaySource.ts";

/** A source, which one it is, and why, in words for the reader of a log. */
type OpenedSource = { readonly source: ReplaySource; readonly name: ReplaySource["name"]; readonly why: string };

const SEED = 20_260_128;

/**
 * The recorded data when it is there (see `dataFolder`), otherwise the generated sample. Nothing is read yet.
 * @param every seconds from one board to the next, which only the generated sample can give; null: as recorded
 * @throws TonsorError BAD_FILE when TONSOR_DATA names a folder without recordings: what is asked for by name is not
 *   silently replaced
 */
export function openReplaySource(environment: Environment = process.env, every: number | null = null): OpenedSource {
  if (every !== null) {
    const why = `for a board every ${every} s was asked for; seed ${SEED}`;
    return { source: generatedSource(SEED, every), name: "generated", why };
  }
  const folder = dataFolder(environment);
  if (folder !== null) {
    const why = environment["TONSOR_DATA"] ? "in the folder TONSOR_DATA names" : "found in ../shared/data";
    return { source: recordedSource(folder), name: "recorded", why };
  }
  const why = `for there are no recordings in ../shared/data and TONSOR_DATA is not set; seed ${SEED}`;
  return { source: generatedSource(SEED), name: "generated", why };
}

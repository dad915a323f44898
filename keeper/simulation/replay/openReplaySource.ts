import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { generatedSource } from "./generatedSource.ts";
import { recordedSource } from "./recordedSource.ts";
import type { ReplaySource } from "./replaySource.ts";

/** A source, which one it is, and why, in words for the reader of a log. */
export type OpenedSource = { readonly source: ReplaySource; readonly name: ReplaySource["name"]; readonly why: string };

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const SEED = 20260128;

/**
 * The recorded data when it is there (the folder named by TONSOR_DATA, else `../shared/data` beside the repository),
 * otherwise the generated sample. Nothing is read yet.
 * @throws TonsorError BAD_FILE when TONSOR_DATA names a folder without recordings: asked for is not optional
 */
export function openReplaySource(environment: NodeJS.ProcessEnv = process.env): OpenedSource {
  const named = environment["TONSOR_DATA"];
  if (named !== undefined && named !== "") {
    return {
      source: recordedSource(resolve(named)),
      name: "recorded",
      why: "TONSOR_DATA names a folder of recordings",
    };
  }
  const beside = join(REPOSITORY, "..", "shared", "data");
  if (existsSync(join(beside, "options"))) {
    return { source: recordedSource(beside), name: "recorded", why: "recordings were found in ../shared/data" };
  }
  return {
    source: generatedSource(SEED),
    name: "generated",
    why: `no recordings in ../shared/data and TONSOR_DATA is not set: a generated sample, seed ${SEED}`,
  };
}

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../domain/errors.ts";
import { SENTINEL } from "./killSwitch.ts";

/** A pause: its reason, and when it ends by itself (Unix seconds), or null for never. */
type PauseRequest = { readonly reason: string; readonly until: number | null };

/** Longest reason kept, characters. */
const LONGEST = 200;

/**
 * Writes the sentinel: nothing is sent from the next look at it on, by this keeper or one started later, until its time
 * has come or it is removed. A pause that stands is replaced.
 * @throws TonsorError BAD_ARGUMENT for an end that is not after `now`
 */
export function writePause(state: string, { reason, until }: PauseRequest, now: number): void {
  if (until !== null && until <= now) {
    const given = new Date(until * 1000).toISOString();
    throw new TonsorError("BAD_ARGUMENT", "the pause would be over already", {
      field: "until",
      given,
      expected: "a time to come",
    });
  }
  const words = reason.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
  const end = until === null ? [] : [`until ${new Date(until * 1000).toISOString()}`];
  mkdirSync(state, { recursive: true });
  const file = join(state, SENTINEL);
  // Renamed into place: a reader sees the whole text or none.
  writeFileSync(`${file}.part`, `${[...end, words].join("\n")}\n`, { flush: true });
  renameSync(`${file}.part`, file);
}

/** Removes the sentinel; returns whether there was one. */
export function removePause(state: string): boolean {
  try {
    rmSync(join(state, SENTINEL));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Unix seconds of an ISO time with a zone. @throws TonsorError BAD_ARGUMENT @example untilTime("2026-02-06T12:00:00Z") // 1770379200 */
export function untilTime(text: string): number {
  const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const milliseconds = withZone ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(milliseconds)) return Math.ceil(milliseconds / 1000);
  const expected = "an ISO time with a zone, as 2026-02-06T12:00:00Z";
  throw new TonsorError("BAD_ARGUMENT", "not a time", { field: "until", given: text, expected });
}

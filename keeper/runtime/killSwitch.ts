import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../domain/errors.ts";
import type { KillSwitch, KillSwitchName } from "../domain/journal.ts";
import type { Config } from "./config.ts";

/** File in the state folder with which a person stops the keeper (`tonsor pause`, the admin call, or by hand). */
const PAUSE_FILE = "PAUSED";

/** File in the state folder with which the keeper stops itself; a person removes it (`tonsor resume`). */
const HALT_FILE = "HALTED";

/** What the keeper of earlier versions wrote instead: a halt must outlive an upgrade. */
const FORMER_HALT_FILE = "BREAKER";

/** Whether anything may be sent, and why not. */
export type KillSwitches = {
  readonly set: boolean;
  readonly reason: string | null;
  readonly switches: readonly KillSwitch[];
};

/**
 * Returns which kill switches of this machine are set at `now` (Unix seconds): TONSOR_PAUSED, the file PAUSED or HALTED
 * in the state folder, and `others`. Any one stops sending. Checked before every send, so that the files work without a
 * restart. A file that exists but cannot be read counts as set.
 * @example killSwitches(config, 1_769_572_847) // { set: true, reason: "file PAUSED: maintenance of the node", ... }
 */
export function killSwitches(
  config: Pick<Config, "paused" | "state">,
  now: number,
  others: readonly KillSwitch[] = [],
): KillSwitches {
  const found: readonly (readonly [KillSwitchName, string | null])[] = [
    ["environment", environmentReason(config.paused, now)],
    ["sentinel", pauseReason(config.state, now)],
    ["submissionHalt", haltReason(config.state, HALT_FILE) ?? haltReason(config.state, FORMER_HALT_FILE)],
  ];
  const switches = [...found.flatMap(([name, reason]) => (reason === null ? [] : [{ name, reason }])), ...others];
  const reason = switches.length === 0 ? null : switches.map((one) => one.reason).join("; ");
  return { set: switches.length > 0, reason, switches };
}

function environmentReason(paused: Config["paused"], now: number): string | null {
  if (paused.kind === "always") return "TONSOR_PAUSED is set";
  if (paused.kind === "none" || now >= paused.time) return null;
  return `TONSOR_PAUSED until ${new Date(paused.time * 1000).toISOString()}`;
}

/** The file's text is the reason; a first line that is `until <ISO time with a zone>` and nothing else ends the pause. */
function pauseReason(state: string, now: number): string | null {
  const read = readIfThere(join(state, PAUSE_FILE));
  if (read === null) return null;
  if (!read.ok) return `file ${PAUSE_FILE} cannot be read (${read.code})`;
  const until = /^until (\S+)\r?(?:\n|$)/.exec(read.text)?.[1];
  if (until !== undefined && ZONED_TIME.test(until) && Date.parse(until) / 1000 <= now) return null;
  const words = read.text.trim().replaceAll(/\s+/g, " ").slice(0, 200);
  return words === "" ? `file ${PAUSE_FILE}` : `file ${PAUSE_FILE}: ${words}`;
}

function haltReason(state: string, name: string): string | null {
  const read = readIfThere(join(state, name));
  if (read === null) return null;
  if (!read.ok) return `file ${name} cannot be read (${read.code})`;
  return `submission halt: ${read.text.trim().replaceAll(/\s+/g, " ").slice(0, 300)}`;
}

type ReadFile = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly code: string };

/** A file's text, why it cannot be read, or null when there is no such file. */
function readIfThere(file: string): ReadFile | null {
  try {
    return { ok: true, text: readFileSync(file, "utf8") };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return code === "ENOENT" || code === "ENOTDIR" ? null : { ok: false, code };
  }
}

/** A pause: its reason, and when it ends by itself (Unix seconds), or null for never. */
type PauseRequest = { readonly reason: string; readonly until: number | null };

const LONGEST_REASON = 200;

/**
 * Writes the file PAUSED: this keeper, and one started later, sends nothing until the pause ends or the file is removed.
 * Replaces an earlier pause.
 * @throws TonsorError BAD_ARGUMENT for an end that is not after `now`
 */
export function writePause(state: string, { reason, until }: PauseRequest, now: number): void {
  if (until !== null && until <= now) {
    const facts = { field: "until", given: new Date(until * 1000).toISOString(), expected: "a time in the future" };
    throw new TonsorError("BAD_ARGUMENT", "the pause would be over already", facts);
  }
  const words = reason.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_REASON);
  // The end has the first line to itself: without one that is empty, so that no reason is ever read as an end.
  const end = until === null ? "" : `until ${new Date(until * 1000).toISOString()}`;
  mkdirSync(state, { recursive: true });
  const file = join(state, PAUSE_FILE);
  // Renamed into place: a reader sees the complete text or none.
  writeFileSync(`${file}.part`, `${end}\n${words}\n`, { flush: true });
  renameSync(`${file}.part`, file);
}

/** Removes the file PAUSED; returns whether there was one. */
export function removePause(state: string): boolean {
  return removed(join(state, PAUSE_FILE));
}

const ZONED_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Unix seconds of an ISO time with a zone. @throws TonsorError BAD_ARGUMENT @example untilTime("2026-02-06T12:00:00Z") // 1770379200 */
export function untilTime(text: string): number {
  const milliseconds = ZONED_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(milliseconds)) return Math.ceil(milliseconds / 1000);
  const expected = "an ISO time with a zone, as 2026-02-06T12:00:00Z";
  throw new TonsorError("BAD_ARGUMENT", "not a time", { field: "until", given: text, expected });
}

/**
 * Why the keeper stops itself: `step`, a decision would move a haircut further in one step than the limit; `reverts`,
 * batches in a row were mined and refused.
 */
export type HaltTrigger = "step" | "reverts";

/** Stops all sending from now on, restarts included. Returns false, and keeps the first reason, when halted already. */
export function haltSubmission(state: string, trigger: HaltTrigger, detail: string, now: number): boolean {
  const words = `${trigger}: ${detail}; since ${new Date(now * 1000).toISOString()}`;
  mkdirSync(state, { recursive: true });
  try {
    writeFileSync(join(state, HALT_FILE), `${words}\n`, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the submission halt; returns whether there was one. */
export function clearHalt(state: string): boolean {
  return [HALT_FILE, FORMER_HALT_FILE].map((name) => removed(join(state, name))).includes(true);
}

function removed(file: string): boolean {
  try {
    rmSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

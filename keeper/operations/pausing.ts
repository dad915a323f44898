import type { Config } from "../runtime/config.ts";
import { clearHalt, killSwitches, removePause, untilTime, writePause } from "../runtime/killSwitch.ts";

/** The reason as it is shown from now on. */
export type PauseResult = { readonly reason: string };

export type ResumeResult = {
  /** Reasons that were cleared. */
  readonly removed: readonly string[];
  /** What still stops sending, or null. */
  readonly still: string | null;
};

type Settings = Pick<Config, "paused" | "state">;

/**
 * Stops sending, by a file that outlives this process. `until` is an ISO time with a zone, or null for no end.
 * @param now Unix seconds by the keeper's clock
 * @throws TonsorError BAD_ARGUMENT
 */
export function pauseKeeper(
  config: Settings,
  { reason, until }: { readonly reason: string; readonly until: string | null },
  now: number,
): PauseResult {
  writePause(config.state, { reason, until: until === null ? null : untilTime(until) }, now);
  const { switches, reason: all } = killSwitches(config, now);
  return { reason: switches.find(({ name }) => name === "sentinel")?.reason ?? String(all) };
}

/** Clears the pause and the submission halt; returns what still stops sending. */
export function resumeKeeper(config: Settings, now: number): ResumeResult {
  // At time 0, so that a pause which is over already is named too when its file is removed.
  const before = killSwitches(config, 0).switches;
  const removedNames = [removePause(config.state) ? "sentinel" : "", clearHalt(config.state) ? "submissionHalt" : ""];
  const removed = before.filter(({ name }) => removedNames.includes(name)).map(({ reason }) => reason);
  return { removed, still: killSwitches(config, now).reason };
}

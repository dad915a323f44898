import { TonsorError } from "../domain/errors.ts";
import type { PauseResult, ResumeResult } from "../runtime/adminServer.ts";
import type { Config } from "../runtime/config.ts";
import { clearHalt, killSwitches, removePause, untilTime, writePause } from "../runtime/killSwitch.ts";

/** Of the year 9999, Unix seconds. */
const LAST_SECOND = 253_402_300_799;

type Settings = Pick<Config, "paused" | "state">;

/**
 * Stops sending, by a file that outlives this process, and reads back that it does. `until` is an ISO time with a zone,
 * or null for no end.
 * @param now Unix seconds by the keeper's clock
 * @throws TonsorError BAD_ARGUMENT; BAD_FILE when what was written does not stop the next cycle
 */
export function pauseKeeper(
  config: Settings,
  { reason, until }: { readonly reason: string; readonly until: string | null },
  now: number,
): PauseResult {
  const end = until === null ? null : untilTime(until);
  writePause(config.state, { reason, until: end }, now);
  // Up to its last second, or for ever: what the next cycle will read, not what was meant.
  const written = [now, end === null ? LAST_SECOND : end - 1].map((at) => {
    return killSwitches(config, at).switches.find(({ name }) => name === "sentinel")?.reason;
  });
  const [stops, lasts] = written;
  if (stops !== undefined && lasts !== undefined) return { reason: stops };
  throw new TonsorError("BAD_FILE", "the pause was written but does not stop the keeper", {
    given: `the file PAUSED in ${config.state}`,
    expected: "a file that is read back as it was written; until then use TONSOR_PAUSED=1",
  });
}

/** Clears the pause and the submission halt; returns what still stops sending. */
export function resumeKeeper(config: Settings, now: number): ResumeResult {
  // At time 0, so that a pause which is over already is named too when its file is removed.
  const before = killSwitches(config, 0).switches;
  const removedNames = [removePause(config.state) ? "sentinel" : "", clearHalt(config.state) ? "submissionHalt" : ""];
  const removed = before.filter(({ name }) => removedNames.includes(name)).map(({ reason }) => reason);
  return { removed, still: killSwitches(config, now).reason };
}

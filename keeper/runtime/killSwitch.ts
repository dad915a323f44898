import { join } from "node:path";
import type { KillSwitch, KillSwitchName } from "../domain/killSwitch.ts";
import { BREAKER_FILE } from "./breakerFile.ts";
import type { Config } from "./config.ts";
import { readIfThere } from "./readIfThere.ts";

/** Name of the sentinel file in the state folder. */
export const SENTINEL = "PAUSED";

/** Whether anything may be sent, and why not. */
export type KillSwitches = {
  readonly set: boolean;
  readonly reason: string | null;
  readonly switches: readonly KillSwitch[];
};

/**
 * Returns which kill switches of this machine are set at `now` (Unix seconds): TONSOR_PAUSED, a file PAUSED or a file
 * BREAKER in the state folder, and those of `others`. Any one stops sending. Looked at before every send, so that the
 * files work without a restart. A file that is there but cannot be read counts as set.
 * @example killSwitches(config, 1_769_572_847) // { set: true, reason: "file PAUSED: maintenance of the node", ... }
 */
export function killSwitches(
  config: Pick<Config, "paused" | "state">,
  now: number,
  others: readonly KillSwitch[] = [],
): KillSwitches {
  const found: readonly (readonly [KillSwitchName, string | null])[] = [
    ["environment", environmentReason(config.paused, now)],
    ["sentinel", sentinelReason(join(config.state, SENTINEL), now)],
    ["breaker", breakerReason(join(config.state, BREAKER_FILE))],
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

/** What stands in the file is the reason; a first line `until <ISO time>` ends it then, and one that is no time never. */
function sentinelReason(file: string, now: number): string | null {
  const read = readIfThere(file);
  if (read === null) return null;
  if (!read.ok) return `file ${SENTINEL} cannot be read (${read.code})`;
  const until = /^until (\S+)/.exec(read.text)?.[1];
  if (until !== undefined && Date.parse(until) / 1000 <= now) return null;
  const words = read.text.trim().replaceAll(/\s+/g, " ").slice(0, 200);
  return words === "" ? `file ${SENTINEL}` : `file ${SENTINEL}: ${words}`;
}

function breakerReason(file: string): string | null {
  const read = readIfThere(file);
  if (read === null) return null;
  if (!read.ok) return `file ${BREAKER_FILE} cannot be read (${read.code})`;
  return `automatic breaker: ${read.text.trim().replaceAll(/\s+/g, " ").slice(0, 300)}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";

/** Name of the sentinel file in the state folder; what is written in it is the reason. */
export const SENTINEL = "PAUSED";

/** Whether anything may be sent, and why not. */
export type KillSwitches = { readonly set: boolean; readonly reason: string | null };

/**
 * Returns whether a kill switch of this machine is set at `now` (Unix seconds): TONSOR_PAUSED, or a file PAUSED in the
 * state folder. Any one stops sending; the on-chain mode is read with the chain. Looked at before every send, so the file
 * works without a restart. A sentinel that is there but cannot be read counts as set.
 * @example killSwitches(config, 1_769_572_847) // { set: true, reason: "file PAUSED: maintenance of the node" }
 */
export function killSwitches(config: Pick<Config, "paused" | "state">, now: number): KillSwitches {
  const reasons = [environmentReason(config.paused, now), sentinelReason(join(config.state, SENTINEL))];
  const given = reasons.filter((reason) => reason !== null);
  return given.length === 0 ? { set: false, reason: null } : { set: true, reason: given.join("; ") };
}

function environmentReason(paused: Config["paused"], now: number): string | null {
  if (paused.kind === "always") return "TONSOR_PAUSED is set";
  if (paused.kind === "none" || now >= paused.time) return null;
  return `TONSOR_PAUSED until ${new Date(paused.time * 1000).toISOString()}`;
}

function sentinelReason(file: string): string | null {
  try {
    const words = readFileSync(file, "utf8").trim().slice(0, 200);
    return words === "" ? `file ${SENTINEL}` : `file ${SENTINEL}: ${words}`;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "ENOENT" || code === "ENOTDIR" ? null : `file ${SENTINEL} cannot be read (${code})`;
  }
}

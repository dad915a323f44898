import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Name of the file in the state folder with which the keeper stops itself; a person removes it (`tonsor resume`). */
export const BREAKER_FILE = "BREAKER";

/** What can trip the automatic breaker, and what it means. */
const BREAKER_TRIGGERS = {
  step: "a decision would move a haircut further in one step than the limit",
  reverts: "batches in a row were refused in a block, and paid for",
  spend: "the fees of a day are above the limit",
} as const;
export type BreakerTrigger = keyof typeof BREAKER_TRIGGERS;

/** Stops all sending from now on, restarts included. The first reason stays; returns false when it was tripped already. */
export function tripBreaker(state: string, trigger: BreakerTrigger, detail: string, now: number): boolean {
  const words = `${trigger}: ${detail}; since ${new Date(now * 1000).toISOString()}`;
  mkdirSync(state, { recursive: true });
  try {
    writeFileSync(join(state, BREAKER_FILE), `${words}\n`, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the breaker's file; returns whether there was one. */
export function resetBreaker(state: string): boolean {
  try {
    rmSync(join(state, BREAKER_FILE));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

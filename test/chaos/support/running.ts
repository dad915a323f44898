import { setTimeout } from "node:timers/promises";
import type { Child, Ended } from "../../support/child.ts";
import { type CycleLine, cycleLines } from "../../support/cycleLines.ts";
import type { Environment, KeeperWorld } from "../../support/keeperWorld.ts";

/** Cycles that a running keeper has printed so far; the error with which it may have ended is none. */
export function cyclesOf(child: Child): readonly CycleLine[] {
  return cycleLines(cycles(child.said().out));
}

/** The lines of an output that are cycles. */
function cycles(out: string): string {
  const lines = out.slice(0, out.lastIndexOf("\n") + 1).split("\n");
  return lines
    .filter((line) => /^\{"(time|chainId)":/.test(line))
    .join("\n")
    .concat("\n");
}

/** Configuration of a keeper whose node shares a busy machine with it. */
export const PATIENT = { rpc: { timeoutSeconds: 60 } } as const;

/**
 * One `once`, and again when the machine was too busy for its node to answer in time, or for all that it reads to be
 * there: cron would start it again, too, and a row that shares a machine must not fail for it.
 */
export async function patientOnce(
  world: Pick<KeeperWorld, "tonsor">,
  environment: Environment,
): ReturnType<KeeperWorld["tonsor"]> {
  let ended = await world.tonsor("once --json", environment);
  for (let tries = 0; tries < 5 && wasTooBusy(ended); tries++) ended = await world.tonsor("once --json", environment);
  return ended;
}

function wasTooBusy({ code, out, err }: Ended): boolean {
  if (code === 0) return !out.includes('"action": "submit"') && out.includes('"NO_DATA"');
  return code === 75 && /"code": "RPC_FAILED"/.test(out + err) && /timed out|no answer in time/.test(out + err);
}

/** Waits until a running keeper has printed `more` cycles than now. */
export async function cyclesMore(child: Child, more: number): Promise<void> {
  const before = cyclesOf(child).length;
  await child.until(() => cyclesOf(child).length >= before + more, `${more} more cycles`);
}

/** Address of the status page, from the keeper's log. */
export function pageOf(child: Child): string {
  const url = /"page":"([^"]+)"/.exec(child.said().err)?.[1];
  if (url === undefined) throw new Error("the keeper has not said where its page is");
  return url.replace(/\/$/, "");
}

/** Polls until `done`, for at most `seconds`; says whether it came. */
export async function within(seconds: number, done: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    if (await done()) return true;
    await setTimeout(50);
  }
  return false;
}

/** Ends a keeper as an operator would and returns what it said. */
export async function stopped(child: Child): ReturnType<() => Child["ended"]> {
  child.kill("SIGINT");
  return child.ended;
}

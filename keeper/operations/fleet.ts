import { ownError } from "../domain/errors.ts";
import { lockInstance } from "../journal/instanceLock.ts";
import { monotonicClock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { withRedisLibraries } from "../runtime/redis/libraries.ts";
import { problemLog } from "../runtime/redis/redisSchedule.ts";

/** A chain as the workers of a fleet share it: its lease's name, and its state folder, on a disk that all of them have. */
type Shared = { readonly name: string; readonly state: string };

/** Waits for a chain's turn in this worker and runs it then, until it ends by itself, another worker has it or the worker stops. */
export type InTurn = (chain: Shared, run: (signal: AbortSignal) => Promise<void>) => Promise<void>;

/** Whether one has it is asked, and a lease renewed, this often. */
const LOOK_MS = 2_000;
const RENEW_MS = 3_000;
const REPEAT_MS = 60_000;

/**
 * Opens one worker of a fleet, which runs `most` chains at once. A lease on Redis says who runs a chain; while Redis does not
 * answer, who runs one goes on, and what nobody runs is taken by whoever gets its state folder alone. Neither is what keeps
 * two workers from sending: that is the journal, which the later of two takes over.
 */
export async function openFleet(options: {
  readonly most: number;
  readonly redisUrl: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): Promise<{ readonly inTurn: InTurn; close(): void }> {
  const { most, redisUrl, log, signal } = options;
  const { openLeases } = await withRedisLibraries(() => import("../runtime/redis/leases.ts"));
  const complain = problemLog({
    everyMs: REPEAT_MS,
    now: monotonicClock.now,
    write: ({ message, times }) => log.warn({ times }, `the fleet's Redis complains: ${message}`),
  });
  const leases = openLeases(redisUrl, complain);
  let running = 0;
  let asking: Promise<unknown> = Promise.resolve();
  const has = (name: string) =>
    leases.hold(name).catch((error: Error) => {
      complain(error);
      return null;
    });

  /** Takes the chain when there is room for one more and nobody has it; null: not now. */
  async function taken({ name, state }: Shared): Promise<{ release(): void } | null> {
    if (running >= most || signal.aborted) return null;
    const held = await has(name);
    let lock: { release(): void } | null = null;
    try {
      if (held !== false && !signal.aborted) lock = lockOf(state, held === null ? "alone" : "workers");
    } finally {
      if (lock !== null) running += 1;
      else if (held === true) await leases.release(name);
    }
    return lock;
  }

  /** Aborts `lost` as soon as another worker has the lease. */
  async function renew(name: string, ended: AbortSignal, lost: AbortController): Promise<void> {
    while (!ended.aborted) {
      await monotonicClock.sleep(RENEW_MS, ended);
      if (ended.aborted || (await has(name)) !== false) continue;
      log.warn({ lease: name }, "another worker of the fleet has this chain: it ends here");
      return lost.abort(new Error("another worker has this chain"));
    }
  }

  const inTurn: InTurn = async (chain, run) => {
    while (!signal.aborted) {
      // One after the other, or one chain that others have would keep the room from one that nobody has.
      const asked = asking.then(() => taken(chain));
      asking = asked.catch(() => undefined);
      const lock = await asked;
      if (lock === null) {
        await monotonicClock.sleep(LOOK_MS, signal);
        continue;
      }
      log.info({ lease: chain.name }, "this worker has the chain");
      const [lost, ended] = [new AbortController(), new AbortController()];
      const renewing = renew(chain.name, ended.signal, lost);
      try {
        return await run(AbortSignal.any([signal, lost.signal]));
      } finally {
        running -= 1;
        lock.release();
        ended.abort();
        await renewing;
        await leases.release(chain.name);
      }
    }
  };
  return { inTurn, close: leases.close };
}

/** Null while another process has the folder. */
function lockOf(state: string, among: "alone" | "workers"): { release(): void } | null {
  try {
    return lockInstance(state, among);
  } catch (error) {
    if (ownError(error)?.code === "STATE_IN_USE") return null;
    throw error;
  }
}

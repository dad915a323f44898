import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { answered } from "../../../../keeper/runtime/redis/connection.ts";
import type { SweepTask } from "../resultFolder.ts";
import type { Runner, RunnerOptions } from "../sweep.ts";
import type { TaskEnd } from "../threads.ts";
import { requireRedis, SweepQueue } from "./sweepQueue.ts";
import { workOn } from "./sweepWorker.ts";

const LOOK_MS = 250;
/** A Redis that is silent for longer ends the sweep; what was done is kept. */
const PATIENCE_MS = 60_000;
/** Nobody works for so long: a note says so. */
const IDLE_MS = 20_000;
const KEPT_SECONDS = 86_400;
const UNFINISHED = ["wait", "active", "delayed", "prioritized"] as const;

/**
 * Shares tasks with every worker of the same code and recordings. Redis carries tasks and ends, and is trusted with neither:
 * ends are kept by the sweep as they come, and tasks that Redis has forgotten are handed in again.
 * @param patienceMs left out: a minute; tests make it shorter
 * @throws TonsorError REDIS_FAILED when it cannot be reached
 */
export async function openRedisRunner(
  url: string,
  options: RunnerOptions,
  patienceMs: number = PATIENCE_MS,
): Promise<Runner> {
  const { kind, signal, note } = options;
  await requireRedis(url);
  const queue = new SweepQueue(url, options.version, note);
  const own = options.workers === 0 ? null : workOn(queue, options);
  const noted = new Set<string>();
  let lastEnd = performance.now();

  /** Hands in what neither waits nor is worked on. A task that killed its workers has failed. */
  async function handIn(missing: Map<string, SweepTask>, ended: (id: string, end: TaskEnd) => void, fresh: boolean) {
    const jobs = await Promise.all(
      [...missing].map(async ([id, { key, input }]) => {
        const opts = { jobId: id, removeOnComplete: true, removeOnFail: { age: KEPT_SECONDS }, attempts: 1 };
        const known = await queue.queue.getJob(id);
        if (known === undefined) return [{ name: kind, data: { kind, key, input }, opts }];
        if (!(await known.isFailed())) return [];
        if (fresh) {
          await known.remove();
          return [{ name: kind, data: { kind, key, input }, opts }];
        }
        missing.delete(id);
        ended(id, { ok: false, code: null, message: `every worker that took it was lost (${known.failedReason})` });
        return [];
      }),
    );
    await queue.queue.addBulk(jobs.flat());
  }

  async function collect(missing: Map<string, SweepTask>, ended: (id: string, end: TaskEnd) => void): Promise<void> {
    await queue.beat();
    const counts = await queue.queue.getJobCounts(...UNFINISHED);
    for (const [id, end] of await queue.ends([...missing.keys()])) {
      missing.delete(id);
      lastEnd = performance.now();
      ended(id, end);
    }
    for (const [worker, why] of Object.entries(await queue.refusals())) {
      if (!noted.has(worker)) note(`worker ${worker} refuses this sweep: ${why}`);
      noted.add(worker);
    }
    const unfinished = Object.values(counts).reduce((sum, one) => sum + one, 0);
    if (unfinished < missing.size) await handIn(missing, ended, false);
    if (counts["active"] === 0 && missing.size > 0 && performance.now() - lastEnd > IDLE_MS) {
      lastEnd = performance.now();
      note("nobody works on it: start `npm run lab -- sweep-worker` with the same code and recordings");
    }
  }

  return {
    async run(tasks, ended) {
      const missing = new Map(tasks);
      const ids = [...tasks.keys()];
      await patiently(patienceMs, signal, note, async () => {
        const before = await queue.ends(ids);
        await queue.forget([...before].filter(([, end]) => !end.ok).map(([id]) => id));
        await handIn(new Map([...missing].filter(([id]) => before.get(id)?.ok !== true)), ended, true);
      });
      lastEnd = performance.now();
      while (missing.size > 0) {
        await patiently(patienceMs, signal, note, () => collect(missing, ended));
        if (missing.size > 0) await setTimeout(LOOK_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      await answered(queue.forget(ids)).catch(() => undefined);
    },
    async close() {
      // Who stops a sweep does not want others to go on with it.
      if (signal.aborted) await answered(queue.queue.drain()).catch(() => undefined);
      await answered(queue.endBeat()).catch(() => undefined);
      await own?.close(false);
      await queue.close();
    },
  };
}

/** Asks Redis until it answers. @throws TonsorError REDIS_FAILED when it was silent for too long */
async function patiently(
  patienceMs: number,
  signal: AbortSignal,
  note: (text: string) => void,
  ask: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await answered(ask());
    } catch (error) {
      if (tries === 0) note("Redis does not answer; the sweep waits for it");
      if (performance.now() - began > patienceMs) {
        throw new TonsorError("REDIS_FAILED", `Redis went away and did not come back (${(error as Error).message})`);
      }
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

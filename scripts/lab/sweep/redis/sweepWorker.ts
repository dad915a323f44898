import { setTimeout } from "node:timers/promises";
import { answered, EndableWorker, RECONNECT_MS } from "../../../../keeper/runtime/redis/connection.ts";
import type { SweepKinds } from "../kinds.ts";
import { openThreads, type TaskEnd } from "../threads.ts";
import type { SweepVersion } from "../version.ts";
import { PREFIX, requireRedis, type SweepJob, SweepQueue } from "./sweepQueue.ts";

/** A task whose worker died or lost Redis is taken by another after about two of these, ms. */
const LOCK_MS = 10_000;
/** So often a task may lose its worker before it counts as what killed it. */
const MOST_LOST = 2;
const LOOK_MS = 1_000;

/** What a worker does tasks with. */
type WorkerOptions = {
  readonly kinds: SweepKinds;
  readonly data: string;
  readonly version: SweepVersion;
  /** Worker threads, 1 or more. */
  readonly workers: number;
  /** Left out: 10 s; tests make it shorter. */
  readonly lockMs?: number;
  /** Called when a task has ended here. */
  readonly onEnd?: (key: string, end: TaskEnd) => void;
};

/** Tasks taken from a queue and done in threads here. */
type WorkerOnQueue = {
  /** Stops: `wait` for the tasks under way, or leave them to another worker. */
  close(wait: boolean): Promise<void>;
};

/** Takes tasks from the queue until it is closed. The event loop stays free, so a long task keeps its lock. */
export function workOn(queue: SweepQueue, options: WorkerOptions): WorkerOnQueue {
  const { kinds, data, workers, lockMs = LOCK_MS, onEnd = () => {} } = options;
  const threads = openThreads(workers);
  let closing = false;
  const worker = new EndableWorker(
    queue.name,
    async (job) => {
      const { kind, key, input } = job.data as SweepJob;
      const file = kinds[kind];
      const end: TaskEnd =
        file === undefined
          ? { ok: false, code: null, message: `there is no kind of task "${kind}"` }
          : await threads.run({ file, input, data });
      // Its thread was ended under it: that says nothing about the task.
      if (closing && !end.ok) throw new Error("this worker stops");
      await queue.setEnd(job.id as string, end);
      onEnd(key, end);
    },
    {
      connection: queue.connection(),
      ...{ prefix: PREFIX, concurrency: workers, lockDuration: lockMs, stalledInterval: lockMs / 2 },
      ...{ maxStalledCount: MOST_LOST, runRetryDelay: RECONNECT_MS, drainDelay: 1, skipVersionCheck: true },
    },
  );
  // Errors of the connection are heard where it was made.
  worker.on("error", () => {});
  return {
    async close(wait) {
      if (wait) await worker.close().catch(() => undefined);
      closing = true;
      await answered(worker.close(true)).catch(() => undefined);
      await worker.stopRenewing();
      await threads.close();
    },
  };
}

/** What a worker process tells of its work. */
type WorkerEvents = {
  readonly onReady: (version: SweepVersion) => void;
  readonly onEnd: (key: string, end: TaskEnd) => void;
  /** A sweep of another version is under way: `why` says what differs. */
  readonly onRefusal: (why: string) => void;
  readonly note: (text: string) => void;
};

/**
 * Works for sweeps of this version of code and recordings until the signal is aborted; then ends the tasks under way. Sweeps
 * of another version are refused, here and to their face.
 * @throws TonsorError REDIS_FAILED when Redis cannot be reached at the start
 */
export async function serveSweeps(
  url: string,
  options: Omit<WorkerOptions, "onEnd"> & WorkerEvents & { readonly signal: AbortSignal },
): Promise<void> {
  const { version, signal } = options;
  await requireRedis(url);
  const queue = new SweepQueue(url, version, options.note);
  const worker = workOn(queue, options);
  options.onReady(version);
  const refused = new Set<string>();
  while (!signal.aborted) {
    const others = await answered(queue.others()).catch(() => []);
    for (const other of others) {
      const why = difference(version, other);
      await answered(queue.refuse(other, why)).catch(() => undefined);
      if (refused.has(why)) continue;
      refused.add(why);
      options.onRefusal(why);
    }
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  await worker.close(true);
  await queue.close();
}

function difference(own: SweepVersion, theirs: SweepVersion): string {
  const parts = [
    own.code === theirs.code ? "" : `its code (or Node) is ${own.code}, the sweep's is ${theirs.code}`,
    own.data === theirs.data ? "" : `its recordings are ${own.data}, the sweep's are ${theirs.data}`,
  ];
  return parts.filter((part) => part !== "").join("; ");
}

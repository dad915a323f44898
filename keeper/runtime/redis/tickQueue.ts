import { Queue } from "bullmq";
import { answered, type Connections, connect, EndableWorker, RECONNECT_MS } from "./connection.ts";

/** What a queue of ticks needs. Milliseconds. */
export type TickQueueOptions = {
  /** redis:// or rediss://; may hold a password. */
  readonly url: string;
  /** One queue for each keeper key: two processes of one key share it, two keys do not. */
  readonly name: string;
  readonly everyMs: number;
  /** Called for each job; the job is done when the promise settles, whatever its outcome. */
  readonly onTick: () => Promise<void>;
  /** Called for every error of Redis, the connection or the queue; may be called thousands of times. */
  readonly onProblem: (problem: Error) => void;
};

/** The next job by the wall clock, ms, and how many there were: a higher number shows that some process ticked. */
export type SchedulerState = { readonly nextMs: number; readonly count: number };

/** A BullMQ queue with one repeating job and a worker for it. */
export type TickQueue = {
  /**
   * Writes scheduler and concurrency again, as a restart without persistence or a FLUSHALL takes both away and nothing
   * reports it.
   */
  renew(): Promise<SchedulerState>;
  /** Deletes the scheduler and makes it anew, for a next job that a clock step has moved far into the future. */
  restart(): Promise<void>;
  /** True while the connection answers. */
  connected(): boolean;
  close(): Promise<void>;
};

const SCHEDULER = "tick";
const KEPT = { count: 20 };
/** A job whose worker died is given up after this: the next tick is worth more than the last one again. */
const LOCK_MS = 10_000;
/** More complaints than this in a second: the worker is in a tight loop (Redis out of memory) and is made to wait. */
const COMPLAINTS_A_SECOND = 20;

/** Opens the queue; nothing is awaited, so a Redis that is down at the start is an outage like any other. */
export function openTickQueue(options: TickQueueOptions): TickQueue {
  const { name, everyMs, onTick } = options;
  const complain = complaints(options.onProblem, () => calm());
  const connections: Connections = { all: [], closed: false };
  const writing = connect(options.url, complain, connections);
  const working = connect(options.url, complain, connections);
  const queue = new Queue(name, { connection: writing, prefix: "tonsor", skipVersionCheck: true });
  const worker = new EndableWorker(name, () => onTick(), {
    connection: working,
    prefix: "tonsor",
    concurrency: 1,
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS / 2,
    maxStalledCount: 0,
    runRetryDelay: RECONNECT_MS,
    drainDelay: 2,
    removeOnComplete: KEPT,
    removeOnFail: KEPT,
    skipVersionCheck: true,
  });
  queue.on("error", complain);
  worker.on("error", complain);
  const template = { name: "tick", opts: { removeOnComplete: KEPT, removeOnFail: KEPT, attempts: 1 } };

  /** Stops fetching until the next renewal that Redis accepts. */
  function calm(): void {
    if (!worker.isPaused()) void worker.pause(true).catch(complain);
  }

  async function write(): Promise<SchedulerState> {
    await queue.upsertJobScheduler(SCHEDULER, { every: everyMs }, template);
    await queue.setGlobalConcurrency(1);
    const scheduler = await queue.getJobScheduler(SCHEDULER);
    if (worker.isPaused()) worker.resume();
    return { nextMs: scheduler?.next ?? 0, count: scheduler?.iterationCount ?? 0 };
  }

  return {
    renew: () => answered(write()),
    async restart() {
      await answered(queue.removeJobScheduler(SCHEDULER));
      await answered(write());
    },
    connected: () => writing.status === "ready",
    async close() {
      // Redis may be gone: what waits for it is left behind after a moment.
      await answered(worker.close(!(writing.status === "ready"))).catch(() => undefined);
      await worker.stopRenewing();
      await answered(queue.close()).catch(() => undefined);
      connections.closed = true;
      for (const connection of connections.all) connection.disconnect();
    },
  };
}

/** Passes complaints on, and calls `flood` when there are too many in one second. */
function complaints(pass: (problem: Error) => void, flood: () => void): (problem: Error) => void {
  let second = 0;
  let count = 0;
  return (problem) => {
    const now = Math.floor(performance.now() / 1_000);
    count = now === second ? count + 1 : 1;
    second = now;
    if (count === COMPLAINTS_A_SECOND) flood();
    pass(problem);
  };
}

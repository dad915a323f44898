import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";

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
/** A reconnection is tried this often. The library's own pause grows to 20 s, which is how long a recovery then takes. */
const RECONNECT_MS = 500;
/** A job whose worker died is given up after this: the next tick is worth more than the last one again. */
const LOCK_MS = 10_000;
const ANSWER_MS = 3_000;
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
  const worker = new TickWorker(name, () => onTick(), {
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

/**
 * A worker whose close need not finish. The library waits for ever for a Redis that has just died, and so never stops the
 * timer that renews its locks: the process would not end.
 */
class TickWorker extends Worker {
  stopRenewing(): Promise<void> {
    return this.lockManager.close();
  }
}

/** Every connection of a queue, and whether it is over. */
type Connections = { readonly all: Redis[]; closed: boolean };

/**
 * A connection that tries again until its queue is closed, noted with every copy that the library makes of it: a copy
 * outlives its worker when Redis is down at that moment, and would keep the process from ending.
 */
function connect(url: string, onError: (error: Error) => void, connections: Connections): Redis {
  const connection = new Redis(url, {
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
    connectTimeout: ANSWER_MS,
    keepAlive: 5_000,
    retryStrategy: () => (connections.closed ? null : RECONNECT_MS),
    // A server that is loading its file, or is read-only after a failover, is as good as gone: try again.
    reconnectOnError: (error) => /^(LOADING|READONLY)/.test(error.message),
  });
  return noted(connection);

  function noted(one: Redis): Redis {
    const copy = one.duplicate.bind(one);
    one.duplicate = (override) => noted(copy(override));
    one.on("error", onError);
    connections.all.push(one);
    return one;
  }
}

/** Rejects when Redis has not answered in time; what was asked may still happen later, which is harmless here. */
async function answered<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis has not answered for ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
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

/** The state of a Redis server; a setting is null where it cannot be read, as on managed servers. */
type RedisState =
  | { readonly reached: false; readonly why: string }
  | { readonly reached: true; readonly policy: string | null; readonly appendOnly: boolean | null };

/** Asks a Redis server once how it stores its data; never throws, and waits 3 s at most. */
export async function redisState(url: string): Promise<RedisState> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // `connect` throws the error too; without a listener the library prints it.
  let why = "";
  redis.on("error", (error: Error) => {
    why ||= error.message;
  });
  try {
    await redis.connect();
    await redis.ping();
    const policy = await setting(redis, "maxmemory-policy");
    const append = await setting(redis, "appendonly");
    return { reached: true, policy, appendOnly: append === null ? null : append === "yes" };
  } catch (error) {
    return { reached: false, why: why || (error as Error).message };
  } finally {
    redis.disconnect();
  }
}

async function setting(redis: Redis, name: string): Promise<string | null> {
  const answer = await redis.config("GET", name).catch(() => null);
  return Array.isArray(answer) && typeof answer[1] === "string" ? answer[1] : null;
}

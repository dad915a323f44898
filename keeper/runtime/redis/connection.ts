import { Worker } from "bullmq";
import { Redis } from "ioredis";

/** A reconnection is tried this often. The library's own pause grows to 20 s, which is how long a recovery then takes. */
export const RECONNECT_MS = 500;
/** What Redis has not answered by then is given up. */
export const ANSWER_MS = 3_000;

/**
 * A worker whose close need not finish. The library waits for ever for a Redis that has just died, and so never stops the
 * timer that renews its locks: the process would not end.
 */
export class EndableWorker extends Worker {
  stopRenewing(): Promise<void> {
    return this.lockManager.close();
  }
}

/** Every connection of a queue, and whether it is over. */
export type Connections = { readonly all: Redis[]; closed: boolean };

/**
 * A connection that tries again until its queue is closed, noted with every copy that the library makes of it: a copy
 * outlives its worker when Redis is down at that moment, and would keep the process from ending.
 */
export function connect(url: string, onError: (error: Error) => void, connections: Connections): Redis {
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
export async function answered<T>(work: Promise<T>): Promise<T> {
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

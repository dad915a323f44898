import { Redis } from "ioredis";

/** What a Redis says of itself; a setting is null where it does not tell, as managed ones do not. */
export type RedisState =
  | { readonly reached: false; readonly why: string }
  | { readonly reached: true; readonly policy: string | null; readonly appendOnly: boolean | null };

const ANSWER_MS = 3_000;

/** Asks a Redis once how it keeps what it is told; never throws, and waits 3 s at most. */
export async function redisState(url: string): Promise<RedisState> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // What went wrong is thrown by `connect` too; without a listener the library prints it.
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

import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { answered, type Connections, connect, redisState } from "../../../../keeper/runtime/redis/connection.ts";
import { problemLog } from "../../../../keeper/runtime/redis/redisSchedule.ts";
import type { TaskEnd } from "../threads.ts";
import { type SweepVersion, versionId } from "../version.ts";

/** What a job carries; its id is the task's. */
export type SweepJob = { readonly kind: string; readonly key: string; readonly input: unknown };

export const PREFIX = "tonsor-sweep";
/** Sweeps under way: `code data`, by the time of Redis at which their runner was last alive, ms. */
const OPEN = `${PREFIX}:open`;
/** A sweep whose runner was silent for longer is not under way. */
const ALIVE_MS = 15_000;
const DAY_SECONDS = 86_400;

/** This process as others see it. */
const WORKER_NAME = `${hostname()}:${process.pid}`;

/** Asks Redis once. @throws TonsorError REDIS_FAILED when it does not answer */
export async function requireRedis(url: string): Promise<void> {
  const state = await redisState(url);
  if (state.reached) return;
  const { host } = new URL(url);
  throw new TonsorError("REDIS_FAILED", `Redis cannot be reached (${state.why})`, { field: "REDIS_URL", given: host });
}

/**
 * The queue of one version of code and recordings: a worker of another version never sees its tasks. Beside the jobs there
 * are their ends by task, and what workers of other versions said.
 */
export class SweepQueue {
  readonly name: string;
  readonly queue: Queue<SweepJob>;
  readonly #connections: Connections = { all: [], closed: false };
  readonly #connect: () => Redis;
  readonly #redis: Redis;
  readonly #version: SweepVersion;

  constructor(url: string, version: SweepVersion, note: (text: string) => void) {
    const onProblem = problemLog({
      everyMs: 30_000,
      now: () => performance.now(),
      write: ({ message, times }) => note(`Redis: ${message}${times > 1 ? ` (${times} times)` : ""}`),
    });
    this.#connect = () => connect(url, onProblem, this.#connections);
    this.#redis = this.#connect();
    this.#version = version;
    this.name = versionId(version);
    this.queue = new Queue(this.name, { connection: this.#redis, prefix: PREFIX, skipVersionCheck: true });
    this.queue.on("error", onProblem);
  }

  /** A connection of its own for a worker, closed with the queue. */
  connection(): Redis {
    return this.#connect();
  }

  /** Writes how a task ended; a second end of the same task replaces the first, to which it is equal. */
  async setEnd(id: string, end: TaskEnd): Promise<void> {
    await this.#redis
      .multi()
      .hset(this.#key("ends"), id, JSON.stringify(end))
      .expire(this.#key("ends"), DAY_SECONDS)
      .exec();
  }

  /** Ends by task of those that have one. */
  async ends(ids: readonly string[]): Promise<ReadonlyMap<string, TaskEnd>> {
    const found = new Map<string, TaskEnd>();
    for (const part of parts(ids)) {
      const texts = await this.#redis.hmget(this.#key("ends"), ...part);
      part.forEach((id, i) => {
        const text = texts[i];
        if (text !== null && text !== undefined) found.set(id, JSON.parse(text) as TaskEnd);
      });
    }
    return found;
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const part of parts(ids)) await this.#redis.hdel(this.#key("ends"), ...part);
  }

  /** Says that a sweep of this version is under way. */
  async beat(): Promise<void> {
    const { code, data } = this.#version;
    await this.#redis.zadd(OPEN, await this.#now(), `${code} ${data}`);
  }

  async endBeat(): Promise<void> {
    const { code, data } = this.#version;
    await this.#redis.zrem(OPEN, `${code} ${data}`);
  }

  /** Sweeps of other versions that are under way. */
  async others(): Promise<readonly SweepVersion[]> {
    const open = await this.#redis.zrangebyscore(OPEN, (await this.#now()) - ALIVE_MS, "+inf");
    return open
      .map((member) => member.split(" "))
      .map(([code = "", data = ""]) => ({ code, data }))
      .filter((one) => versionId(one) !== this.name);
  }

  /** Tells a sweep of another version why this worker does nothing for it. */
  async refuse(other: SweepVersion, why: string): Promise<void> {
    const key = `${PREFIX}:${versionId(other)}:refusals`;
    await this.#redis
      .multi()
      .hset(key, WORKER_NAME, why)
      .expire(key, ALIVE_MS / 1_000)
      .exec();
  }

  /** Workers that refused this version, and why. */
  async refusals(): Promise<Readonly<Record<string, string>>> {
    return this.#redis.hgetall(this.#key("refusals"));
  }

  /** Closes every connection; what waits for a Redis that is gone is left behind. */
  async close(): Promise<void> {
    await answered(this.queue.close()).catch(() => undefined);
    this.#connections.closed = true;
    for (const connection of this.#connections.all) connection.disconnect();
  }

  #key(what: string): string {
    return `${PREFIX}:${this.name}:${what}`;
  }

  /** The clock of Redis, ms: machines need not agree on the time. */
  async #now(): Promise<number> {
    const [seconds] = await this.#redis.time();
    return Number(seconds) * 1_000;
  }
}

function* parts<T>(list: readonly T[], size = 1_000): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

import { createHash } from "node:crypto";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { type ErrorCode, Stopped, TonsorError } from "../../../keeper/domain/errors.ts";
import type { Progress } from "../../../keeper/domain/progress.ts";
import { SWEEP_KINDS, type SweepKinds } from "./kinds.ts";
import { ResultFolder, type SweepTask, taskId } from "./resultFolder.ts";
import { openThreads, type TaskEnd } from "./threads.ts";
import { secondsLeft } from "./timeLeft.ts";
import { type SweepVersion, sweepVersion, versionId } from "./version.ts";

/** How a sweep is done. */
export type SweepOptions = {
  /** A name of `kinds`: what its tasks are. */
  readonly kind: string;
  /** Left out: `SWEEP_KINDS`. */
  readonly kinds?: SweepKinds;
  /** Folder of the recordings that tasks read. */
  readonly data: string;
  /** Folder in which results are kept until the sweep is over; the same folder continues a run that was killed. */
  readonly kept: string;
  /** Worker threads here; 0: all in this one, or, with Redis, none here. */
  readonly workers: number;
  /** Shares the tasks with every `lab sweep-worker` on that Redis; null: this machine alone. */
  readonly redisUrl: string | null;
  /** Tasks of all runs of the sweep together, for the time left. */
  readonly expected: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Words for people on the way: a worker that refuses, a Redis that is silent. */
  readonly note: (text: string) => void;
};

/** Independent tasks done somewhere, in any order. */
type Sweep = {
  /**
   * Does the tasks and returns their outputs, plain data, in the order given. A task that was done before is not done again.
   * @throws TonsorError that names the first task that failed, when all others are done; REDIS_FAILED
   */
  run<Input, Output>(tasks: readonly SweepTask<Input>[]): Promise<readonly Output[]>;
  /** SHA-256 over key and output of every task so far, by key: whoever did what, and in which order, it is the same. */
  digest(): string;
};

/** Where tasks are done: threads here, or workers on Redis. */
export type Runner = {
  /** Ends of the tasks by their ids, as they come. @throws TonsorError REDIS_FAILED, or the signal's reason */
  run(tasks: ReadonlyMap<string, SweepTask>, ended: (id: string, end: TaskEnd) => void): Promise<void>;
  close(): Promise<void>;
};

/** What a runner knows of the sweep. */
export type RunnerOptions = Pick<SweepOptions, "kind" | "data" | "workers" | "signal" | "note"> & {
  readonly kinds: SweepKinds;
  readonly version: SweepVersion;
};

/** Threads that a sweep takes when nobody says: one for each core. */
export const DEFAULT_WORKERS = availableParallelism();

/** Opens a sweep, uses it, and forgets its kept results when `use` returns; when it throws they stay for the next run. */
export async function sweep<Result>(options: SweepOptions, use: (sweep: Sweep) => Promise<Result>): Promise<Result> {
  const { kind, redisUrl } = options;
  const version = sweepVersion(options.data);
  const results = new ResultFolder(options.kept, versionId(version));
  const given = { ...options, kinds: options.kinds ?? SWEEP_KINDS, version };
  if (given.kinds[kind] === undefined) throw new RangeError(`there is no kind of task "${kind}"`);
  const runner = redisUrl === null ? onThreads(given) : await onRedis(redisUrl, given);
  try {
    const made = await use(sweepOver(runner, results, options));
    results.clear();
    return made;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    throw new Stopped(error.by, `what was finished is kept in ${options.kept}: the same command goes on from there`);
  } finally {
    await runner.close();
  }
}

function sweepOver(runner: Runner, results: ResultFolder, options: SweepOptions): Sweep {
  const { kind, signal, progress } = options;
  const texts = new Map<string, string>();
  const doneMs: number[] = [];
  const began = performance.now();
  let known = 0;
  const tell = (what: string) => {
    const of = Math.max(options.expected, known);
    const seconds = secondsLeft(doneMs, of - texts.size, performance.now() - began);
    progress(texts.size, of, what, seconds === null ? undefined : seconds);
  };
  return {
    async run<Output>(tasks: readonly SweepTask[]) {
      const left = new Map<string, SweepTask>();
      known += tasks.length;
      for (const task of tasks) {
        const id = taskId(kind, task);
        if (texts.has(task.key) || left.has(id)) throw new RangeError(`two tasks of a sweep are called ${task.key}`);
        const kept = results.get(id);
        if (kept === null) left.set(id, task);
        else texts.set(task.key, kept.text);
      }
      const failed = new Map<string, TaskEnd & { ok: false }>();
      tell(texts.size === 0 ? kind : `${kind}, ${texts.size} kept from a run before`);
      if (left.size > 0) {
        await runner.run(left, (id, end) => {
          const { key } = left.get(id) as SweepTask;
          if (texts.has(key) || failed.has(key)) return;
          if (end.ok) {
            results.set(id, { key, text: end.text, ms: end.ms });
            texts.set(key, end.text);
            doneMs.push(end.ms);
          } else failed.set(key, end);
          tell(key);
        });
      }
      signal.throwIfAborted();
      if (failed.size > 0) throw failure(failed, texts.size);
      return tasks.map(({ key }) => JSON.parse(texts.get(key) as string) as Output);
    },
    digest() {
      const hash = createHash("sha256");
      for (const [key, text] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${key}\n${text}\n`);
      return hash.digest("hex");
    },
  };
}

function onThreads({ kind, kinds, data, workers, signal }: RunnerOptions): Runner {
  const threads = openThreads(workers);
  const file = kinds[kind] as string;
  return {
    async run(tasks, ended) {
      const stop = once(signal);
      const one = async ([id, { input }]: [string, SweepTask]) => {
        signal.throwIfAborted();
        const end = await threads.run({ file, input, data });
        if (!signal.aborted) ended(id, end);
      };
      await Promise.race([Promise.all([...tasks].map(one)), stop]);
    },
    close: () => threads.close(),
  };
}

/** Rejects with the signal's reason when it is aborted. */
function once(signal: AbortSignal): Promise<never> {
  const stop = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  stop.catch(() => undefined);
  return stop;
}

async function onRedis(url: string, options: RunnerOptions): Promise<Runner> {
  const { openRedisRunner } = await import("./redis/redisRunner.ts");
  return openRedisRunner(url, options);
}

/** The first failure by name, so that it does not depend on who was faster. */
function failure(failed: ReadonlyMap<string, TaskEnd & { ok: false }>, done: number): Error {
  const [[key, { code, message }]] = [...failed].sort(([a], [b]) => (a < b ? -1 : 1)) as [
    [string, TaskEnd & { ok: false }],
  ];
  const others = failed.size === 1 ? "" : ` and ${failed.size - 1} more`;
  const text = `task ${key}${others} failed: ${message} (${done} done are kept: run it again to continue)`;
  return code === null ? new Error(text) : new TonsorError(code as ErrorCode, text);
}

import { performance } from "node:perf_hooks";
import Tinypool from "tinypool";
import { ownError, TonsorError } from "../../../keeper/domain/errors.ts";
import type { TaskFunction } from "./kinds.ts";

/** One task for a thread: the file of its kind, its input, and the folder of the recordings. */
type TaskCall = { readonly file: string; readonly input: unknown; readonly data: string };

/** What became of a task: its output as JSON text and the time it took, or the error it threw. */
export type TaskEnd =
  | { readonly ok: true; readonly text: string; readonly ms: number }
  | { readonly ok: false; readonly code: string | null; readonly message: string };

/** Threads that do tasks; a task that throws, or takes its thread with it, ends as an error and never rejects. */
type Threads = { run(call: TaskCall): Promise<TaskEnd>; close(): Promise<void> };

/** Opens that many worker threads; 0: tasks run in this one. */
export function openThreads(workers: number): Threads {
  if (workers === 0) return { run: doTask, close: async () => {} };
  const pool = new Tinypool({ filename: import.meta.url, ...{ minThreads: workers, maxThreads: workers } });
  return {
    run: (call) => pool.run(call).catch(failed),
    close: () => pool.destroy(),
  };
}

/** Does one task. The default export is what a worker thread calls. */
export default async function doTask({ file, input, data }: TaskCall): Promise<TaskEnd> {
  try {
    const { default: task } = (await import(file)) as { default: TaskFunction<unknown> };
    const began = performance.now();
    return { ok: true, text: plainText(await task(input, data)), ms: Math.round(performance.now() - began) };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): TaskEnd {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, code: ownError(error)?.code ?? null, message };
}

/** JSON of an output. What JSON would change unseen is refused: outputs travel as text, and must be alike on every way. */
function plainText(output: unknown): string {
  const text = JSON.stringify(output, (name, value) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value;
    const facts = { field: name, given: value, expected: "a finite number, a text, or null" };
    throw new TonsorError("OUT_OF_RANGE", "a task's output is no plain data", facts);
  });
  return text ?? "null";
}

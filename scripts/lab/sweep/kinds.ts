/** Does one task: plain data in and out, the same for the same input and recordings on any machine. */
export type TaskFunction<Input = never, Output = unknown> = (input: Input, data: string) => Output | Promise<Output>;

/** Files of tasks by name, as addresses; the default export of each is a `TaskFunction`. */
export type SweepKinds = Readonly<Record<string, string>>;

const file = (path: string) => new URL(path, import.meta.url).href;

/** Every kind of task that a sweep may have: one line each. A worker does nothing that is not here. */
export const SWEEP_KINDS: SweepKinds = {
  frontier: file("../frontier/task.ts"),
};

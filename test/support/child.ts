import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporaryFolder.ts";

const ROOT = new URL("../../", import.meta.url);

/** How a command ended: its exit code, or the signal that killed it, and everything it said. */
export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
};

/** A command running as a process of its own. */
export type Child = {
  readonly pid: number;
  /** What it has said so far. */
  said(): { readonly out: string; readonly err: string };
  /** Resolves when `done` says so of what it has said; rejects when the process ends before, or after four minutes. */
  until(done: (said: { readonly out: string; readonly err: string }) => boolean, what: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Reads its stdout no more, as a reader that died. */
  deafen(): void;
  readonly ended: Promise<Ended>;
};

/** A machine that runs much else beside may take minutes for what takes seconds. */
const PATIENCE_MS = 240_000;

/** Starts `node keeper/main.ts <words>` with exactly this environment, in `folder`. */
export function startTonsor(words: readonly string[], environment: NodeJS.ProcessEnv, folder: string): Child {
  return startProgram("keeper/main.ts", words, environment, folder);
}

/** Starts `node scripts/lab/main.ts <words>`, in this folder or in a new one; by default without settings of its own. */
export function startLab(
  words: readonly string[],
  environment: NodeJS.ProcessEnv = { PATH: process.env["PATH"] },
  folder: string = temporaryFolder(),
): Child {
  return startProgram("scripts/lab/main.ts", words, environment, folder);
}

/** Starts a main file of the repository with exactly this environment, in `folder`. */
export function startProgram(
  main: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder: string,
): Child {
  const args = [fileURLToPath(new URL(main, ROOT)), ...words];
  // Where the tests keep what node has compiled once, their processes do so too.
  const { NODE_COMPILE_CACHE } = process.env;
  const env = NODE_COMPILE_CACHE === undefined ? environment : { NODE_COMPILE_CACHE, ...environment };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid === undefined) throw new Error("the process did not start");
  const said = { out: "", err: "" };
  const listeners = new Set<() => void>();
  const hear = (stream: "out" | "err") => (chunk: Buffer) => {
    said[stream] += chunk.toString("utf8");
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", hear("out"));
  child.stderr.on("data", hear("err"));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal, ...said });
      for (const listener of listeners) listener();
    });
  });
  return {
    pid,
    said: () => said,
    until: (done, what) => until(child, said, listeners, done, what),
    kill,
    deafen,
    ended,
  };

  function deafen(): void {
    child.stdout?.destroy();
  }
  function kill(signal: NodeJS.Signals): void {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  }
}

async function until(
  child: ChildProcess,
  said: { readonly out: string; readonly err: string },
  listeners: Set<() => void>,
  done: (said: { readonly out: string; readonly err: string }) => boolean,
  what: string,
): Promise<void> {
  let look = () => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const give = (why: string) =>
        reject(new Error(`${what}: ${why}\n${said.out.slice(-2_000)}\n${said.err.slice(-2_000)}`));
      look = () => {
        if (done(said)) resolve();
        else if (child.exitCode !== null || child.signalCode !== null) give("the process ended");
      };
      timer = setTimeout(() => give(`not seen in ${PATIENCE_MS} ms`), PATIENCE_MS);
      listeners.add(look);
      look();
    });
  } finally {
    clearTimeout(timer);
    listeners.delete(look);
  }
}

/** True while a process of this id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/** A running anvil. */
export type AnvilProcess = {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  readonly gone: Promise<void>;
  /** Ends it; resolves when it is gone. Calling it twice is harmless. */
  close(): Promise<void>;
};

type AnvilOptions = {
  /** 0 or absent: a free port chosen by the operating system. */
  readonly port?: number;
  readonly chainId: number;
  /** Genesis time, Unix seconds; absent: now. */
  readonly timestamp?: number;
  /** Number of the first block; absent: 0. */
  readonly firstBlock?: number;
  /** Blocks whose state can still be read; absent: all, those beyond some hundreds from files of anvil's. */
  readonly pastStates?: number;
  /** Chain to go on from, and its block; absent: an empty one. */
  readonly fork?: { readonly url: string; readonly block: bigint };
};

const START_TIMEOUT_MS = 15_000;

/**
 * Returns the path of the anvil binary that npm installed for this machine; PATH is never searched.
 *
 * @throws TonsorError BAD_FILE when npm has no binary for this platform.
 */
function anvilBinary(): string {
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const platform = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const file = process.platform === "win32" ? "anvil.exe" : "anvil";
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
    return require.resolve(`${platform}/bin/${file}`);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `the npm package ${platform} with the anvil binary is not installed`, {}, cause);
  }
}

/**
 * Starts anvil on loopback and returns when it listens. The hardfork and the gas limit of one transaction (EIP-7825)
 * are those of mainnet, so what does not fit there does not fit here. The node ends with this process, however that
 * ends: it runs in a process group of its own (Ctrl-C reaches us first, and we close in order), and a watcher kills it
 * when our end of a pipe disappears.
 */
export async function spawnAnvil(options: AnvilOptions): Promise<AnvilProcess> {
  const child = spawn(anvilBinary(), anvilArguments(options), { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const port = await listeningPort(child);
  const { pid } = child;
  if (pid === undefined) throw new TonsorError("RPC_FAILED", "anvil has no process id");
  const watcher = watch(pid);
  const killOnExit = () => child.kill("SIGKILL");
  process.once("exit", killOnExit);
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", killOnExit);
      watcher?.stdin?.end("closed\n");
      resolve();
    });
  });
  release(child);
  if (watcher !== null) release(watcher);
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), 2_000);
    await gone;
    clearTimeout(hard);
  };
  return { url: `http://127.0.0.1:${port}`, pid, gone, close };
}

function anvilArguments({ port = 0, chainId, timestamp, firstBlock = 0, pastStates, fork }: AnvilOptions): string[] {
  const words = ["--host", "127.0.0.1", "--port", String(port), "--chain-id", String(chainId)];
  words.push(
    "--hardfork",
    "osaka",
    "--enable-tx-gas-limit",
    "--gas-limit",
    "60000000",
    "--no-request-size-limit",
    "--threads",
    "1",
    ...(fork === undefined
      ? ["--number", String(firstBlock)]
      : ["--fork-url", fork.url, "--fork-block-number", String(fork.block), "--no-rate-limit"]),
  );
  if (pastStates !== undefined) words.push("--prune-history", String(pastStates));
  if (timestamp !== undefined) words.push("--timestamp", String(timestamp));
  return words;
}

/** Resolves with the port anvil says it listens on; rejects with its last words. */
function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why: string, cause?: unknown) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new TonsorError("RPC_FAILED", `anvil did not start: ${why}; ${said.trim().slice(-400)}`, {}, cause));
    };
    const timer = setTimeout(() => fail(`silent for ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const failed = (error: Error) => fail(error.message, error);
    const exited = (code: number | null) => fail(`exit code ${code}`);
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      child.off("exit", exited).off("error", failed);
      child.stdout?.off("data", hear).resume();
      child.stderr?.off("data", hear).resume();
      resolve(Number(port));
    };
    child.once("error", failed).once("exit", exited);
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
  });
}

/** Kills `pid` when this process disappears without saying goodbye. POSIX only; elsewhere the exit hook has to do. */
function watch(pid: number): ChildProcess | null {
  if (process.platform === "win32") return null;
  const script = 'read goodbye || kill -9 "$1" 2>/dev/null';
  const watcher = spawn("/bin/sh", ["-c", script, "watcher", String(pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.stdin?.on("error", () => {});
  return watcher;
}

/** Lets the event loop end although the child and its pipes are open. */
function release(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream !== null && stream !== undefined && "unref" in stream && typeof stream.unref === "function") {
      stream.unref();
    }
  }
}

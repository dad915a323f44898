import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./loopback.ts";
import { programPath, withoutProgram } from "./programs.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A real redis-server on loopback, without a file on disk, that a test may kill, stop, empty and starve. */
export type RedisServer = {
  readonly url: string;
  readonly port: number;
  /** Ends it with SIGKILL; what it held is lost. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  restart(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Sends one command in the inline protocol and returns what comes back. */
  command(line: string): Promise<string>;
  close(): Promise<void>;
};

/** Why tests with Redis are skipped, or false. */
export function withoutRedis(): string | false {
  return withoutProgram("redis-server");
}

/** Starts the server on a free port and returns when it answers. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const words = `--port ${port} --bind 127.0.0.1 --dir ${temporaryFolder()} --appendonly no --maxmemory-policy noeviction --save`;
  let child: ChildProcess | null = null;
  const kill = async () => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  const restart = async () => {
    await kill();
    child = spawn(programPath("redis-server") ?? "redis-server", [...words.split(" "), ""], { stdio: "ignore" });
    for (let tries = 0; tries < 200; tries++) {
      if ((await command(port, "PING").catch(() => "")).includes("PONG")) return;
      await setTimeout(25);
    }
    throw new Error("redis-server does not answer");
  };
  const killOnExit = () => child?.kill("SIGKILL");
  process.once("exit", killOnExit);
  await restart();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart,
    signal: (name) => void child?.kill(name),
    command: (line) => command(port, line),
    async close() {
      process.off("exit", killOnExit);
      await kill();
    },
  };
}

function command(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${line}\r\n`));
    socket.setTimeout(2_000, () => socket.destroy(new Error("no answer")));
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.once("error", reject);
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Memory, memoryOf } from "./processMemory.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const IDLE = "setInterval(() => {}, 1_000_000)";
/** What any keeper on the same library needs: a client that asks for the newest block every second. */
const CLIENT = `
import { createPublicClient, http } from "viem";
const client = createPublicClient({ transport: http(process.argv[1]) });
setInterval(() => client.getBlockNumber().catch(() => undefined), 1_000);`;
/** A timer on the same grid with nothing else to do; prints on SIGTERM how late each firing was, milliseconds. */
const GRID = `
const late = [];
let due = performance.now();
const fire = () => {
  late.push(performance.now() - due);
  due += 1_000;
  setTimeout(fire, due - performance.now());
};
fire();
process.on("SIGTERM", () => process.stdout.write(JSON.stringify(late), () => process.exit()));`;

/** Processes that do less than a keeper, under the same flags and beside it: what no keeper can be better than. */
type BareProcesses = {
  memory(): { readonly node: Memory; readonly client: Memory };
  /** Ends them; how late the timer's firings were, milliseconds. */
  end(): Promise<readonly number[]>;
};

/** @param environment the flags; @param rpcUrl what the client asks */
export function startBareProcesses(environment: Readonly<Record<string, string>>, rpcUrl: string): BareProcesses {
  const start = (...words: readonly string[]): ChildProcess =>
    spawn(process.execPath, words, {
      cwd: ROOT,
      env: { PATH: process.env["PATH"], ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
  const node = start("-e", IDLE);
  const client = start("--input-type=module", "-e", CLIENT, rpcUrl);
  const grid = start("-e", GRID);
  let output = "";
  grid.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  return {
    memory: () => ({ node: memoryOf(node.pid ?? 0), client: memoryOf(client.pid ?? 0) }),
    async end() {
      const closed = once(grid, "close");
      for (const child of [node, client, grid]) child.kill("SIGTERM");
      await closed;
      return JSON.parse(output) as number[];
    },
  };
}

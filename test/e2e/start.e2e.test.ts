import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isAlive, startProgram } from "../support/child.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tonsor's start-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What the process has started is gone a moment after it, at the latest: the node is told to end, not waited for long. */
async function stillAlive(pids: readonly number[]): Promise<readonly number[]> {
  for (let looks = 0; looks < 100; looks++) {
    if (!pids.some(isAlive)) return [];
    await setTimeout(100);
  }
  return pids.filter(isAlive);
}
/** Ids of the processes that a process has started, and of those that they have started. */
function descendantsOf(pid: number): readonly number[] {
  const children = processes().flatMap(([child, parent]) => (parent === pid ? [child] : []));
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Every process with its parent: from /proc where that is, for `ps` is not on every Linux; else from `ps`. */
function processes(): readonly (readonly [pid: number, parent: number])[] {
  if (process.platform !== "linux") {
    const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
    return table
      .trim()
      .split("\n")
      .map((row) => row.trim().split(/ +/).map(Number) as [number, number]);
  }
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // "pid (name) state parent ...", where a name may hold anything.
      const parent = /.*\) \S (\d+) /s.exec(readFileSync(`/proc/${name}/stat`, "utf8"))?.[1];
      return [[Number(name), Number(parent)] as const];
    } catch {
      // It has ended since.
      return [];
    }
  });
}

/** The printed line is given to a real shell, which then runs the commands as a newcomer would. */
async function asksFromSecondShell(said: string): Promise<void> {
  const line = /^export .*TONSOR_STATE=.*$/m.exec(said)?.[0];
  assert.ok(line !== undefined, said);
  const hash = / submit .* (0x[0-9a-f]{6}\.\.[0-9a-f]{4})$/m.exec(said)?.[1] ?? "";
  const environment = { PATH: process.env["PATH"], HOME: folder };
  const tonsor = async (words: string): Promise<string> => {
    const script = `${line}; exec "${process.execPath}" keeper/main.ts ${words}`;
    const { stdout } = await promisify(execFile)("sh", ["-c", script], { cwd: ROOT, env: environment });
    return stdout;
  };
  const status = await tonsor("status");
  assert.match(status, /^keeper running /);
  assert.match(status, /data: replay, the time of the chain's latest block, deribit at 127\.0\.0\.1:\d+\n/);
  assert.match(status, /#1 +0x/);
  assert.match(await tonsor(`verify ${hash}`), /^verified: /);
}

test("Ctrl-C ends the demonstration in the middle of the crash with exit code 0, and nothing of it is left", async (t) => {
  const environment = { PATH: process.env["PATH"], HOME: folder, TONSOR_STATE: folder };
  const child = startProgram("scripts/demo/main.ts", ["--generated", "--port", "0"], environment, ROOT);
  t.after(() => child.kill("SIGKILL"));
  await child.until(({ out }) => / submit .* 0x[0-9a-f]{6}\.\./.test(out), "the first update on chain");
  const page = /Status page: (\S+)/.exec(child.said().out)?.[1] ?? "";
  assert.equal((await fetch(page)).status, 200);
  await asksFromSecondShell(child.said().out);
  const started = descendantsOf(child.pid);
  assert.ok(started.length >= 1, "the node runs as a process of its own");
  child.kill("SIGINT");
  const { code, out, err } = await child.ended;
  assert.equal(code, 0, err);
  assert.match(out, /^Data: generated sample, as asked for; seed \d+$/m);
  assert.match(out, /Stopped: keeper, venue, page and chain are down\.\n$/);
  assert.deepEqual(await stillAlive([child.pid, ...started]), []);
  await assert.rejects(fetch(page), "the page is gone with it");
});

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { startWatchdog } from "../../keeper/runtime/watchdog.ts";
import { serviceFile } from "../support/serviceFiles.ts";
import { systemdNotify } from "../support/systemdNotify.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const LIMIT_MS = 1_500;

/** A process that systemd would watch. */
function watched(body: string, variables: NodeJS.ProcessEnv = { WATCHDOG_USEC: String(LIMIT_MS * 1_000) }) {
  const { path, beats, silence } = systemdNotify();
  const source = new URL("../../keeper/runtime/watchdog.ts", import.meta.url).href;
  const script = `import { startWatchdog } from "${source}"; startWatchdog(process.env, console.log); ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { PATH: `${path}:${process.env["PATH"]}`, ...variables },
    stdio: "ignore",
  });
  const ended = new Promise<unknown>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  const supervise = async () => {
    await silence(LIMIT_MS);
    child.kill("SIGKILL");
    return ended;
  };
  return { child, beats, ended, supervise };
}

test("a loop that turns is heard of for as long as it turns; one that stands still is ended by who listens", async () => {
  const one = watched('process.on("SIGUSR2", () => { for (;;); }); setInterval(() => undefined, 1_000);');
  while (one.beats() < 5) await setTimeout(50);
  one.child.kill("SIGUSR2");
  assert.equal(await one.supervise(), "SIGKILL");
});

test("a process that is stopped is ended too, and one that asks for no watching tells nobody and ends", async () => {
  const one = watched("setInterval(() => undefined, 1_000);");
  while (one.beats() < 2) await setTimeout(50);
  one.child.kill("SIGSTOP");
  assert.equal(await one.supervise(), "SIGKILL");
  const [unwatched, parents] = [watched("", {}), watched("", { WATCHDOG_USEC: "1000000", WATCHDOG_PID: "1" })];
  for (const { ended, beats } of [unwatched, parents]) assert.deepEqual([await ended, beats()], [0, 0]);
});

test("why nobody could be told is said", async () => {
  const before = process.env["PATH"];
  process.env["PATH"] = temporaryFolder();
  const why = await new Promise<string>((resolve) => {
    const stop = startWatchdog({ WATCHDOG_USEC: "60000000" }, resolve);
    stop();
  });
  process.env["PATH"] = before;
  assert.match(why, /^systemd was not told that this process lives: .*ENOENT/);
});

test("the unit asks to be told, by the helper as well as by the process itself", () => {
  const unit = serviceFile("tonsor.service");
  assert.match(unit, /^WatchdogSec=120s$/m);
  assert.match(unit, /^WatchdogSignal=SIGKILL$/m);
  assert.match(unit, /^NotifyAccess=all$/m);
  assert.match(unit, /^Restart=always$/m);
});

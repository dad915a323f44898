import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type Child, type Ended, startTonsor } from "../support/child.ts";
import { recordWithoutChain } from "../support/recordWithoutChain.ts";
import { serviceFile } from "../support/serviceFiles.ts";
import { systemdNotify } from "../support/systemdNotify.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const HEALTH = fileURLToPath(new URL("../../deployments/service/health.mjs", import.meta.url));

/** One way in which the process ends, as the page has it. */
type Row = { readonly cause: string; readonly exit: string; readonly systemd: string; readonly compose: string };

function rows(): readonly Row[] {
  const [, section = ""] = serviceFile("README.md").split("## How it ends, and what the supervisor does");
  const lines = (section.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
  return lines.slice(1).map((line) => {
    const [cause = "", exit = "", systemd = "", compose = ""] = line
      .split(" | ")
      .map((cell) => cell.replace(/^\| | \|$/g, "").trim());
    return { cause, exit, systemd, compose };
  });
}

/** What the unit does after an end that nobody asked it for: systemd.service(5), Restart= and RestartPreventExitStatus=. */
function systemdRestarts({ code, signal }: Ended): boolean {
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(serviceFile("tonsor.service"))?.[1] ?? "";
  if (
    setting("RestartPreventExitStatus")
      .split(" ")
      .includes(String(code ?? signal))
  )
    return false;
  const clean = code === 0 || ["SIGHUP", "SIGINT", "SIGTERM", "SIGPIPE"].includes(signal ?? "");
  return setting("Restart") === "always" || (setting("Restart") === "on-failure" && !clean);
}

/** What compose does, after a reboot too: the Docker manual's table of restart policies. */
function composeRestarts({ code }: Ended): boolean {
  const { services } = parse(serviceFile("compose.yml"), { merge: true }) as {
    services: { keeper: { restart: string } };
  };
  const { restart } = services.keeper;
  return restart === "always" || restart === "unless-stopped" || (restart.startsWith("on-failure") && code !== 0);
}

/** A keeper whose node is not there: it runs all the same, and tries again in every tick. */
function keeper() {
  const folder = temporaryFolder();
  const state = join(folder, "state");
  const deployments = recordWithoutChain(join(folder, "deployments"));
  const environment = {
    ...{ PATH: process.env["PATH"], RPC_URL: "http://127.0.0.1:9", TONSOR_DEPLOYMENTS: deployments },
    ...{ TONSOR_STATE: state, STATUS_PORT: "0", TICK_SECONDS: "1" },
  };
  const start = (change: NodeJS.ProcessEnv = {}) => startTonsor(["run"], { ...environment, ...change }, folder);
  const runs = (child: Child) => child.until(({ err }) => err.includes("keeper started"), "the keeper's start");
  return { folder, state, start, runs };
}
type World = ReturnType<typeof keeper>;

/** Brings an end about, by the beginning of its cause on the page. */
const CAUSES: Readonly<Record<string, (child: Child, world: World) => Promise<Ended> | Ended>> = {
  "SIGTERM or SIGINT": (child) => killed(child, "SIGTERM"),
  SIGHUP: (child) => killed(child, "SIGHUP"),
  SIGKILL: (child) => killed(child, "SIGKILL"),
  // As V8 ends itself.
  "heap used up": (child) => killed(child, "SIGABRT"),
  async "an error that nobody caught, a damaged journal"(child, { state, start }) {
    await killed(child, "SIGKILL");
    for (const suffix of ["-wal", "-shm"]) rmSync(join(state, `journal.sqlite${suffix}`), { force: true });
    writeFileSync(join(state, "journal.sqlite"), "no database".repeat(1_000));
    const ended = await start().ended;
    rmSync(join(state, "journal.sqlite"));
    return ended;
  },
  async "no progress"(child, { folder, start }) {
    await killed(child, "SIGKILL");
    const schedule = { softTimeoutSeconds: 1, hardTimeoutSeconds: 2, headStallSeconds: 10 };
    writeFileSync(join(folder, "hasty.json"), JSON.stringify({ schedule }));
    return start({ TONSOR_CONFIG: "hasty.json" }).ended;
  },
  async "state folder or journal removed"(child, { state }) {
    rmSync(state, { recursive: true });
    return child.ended;
  },
  async "another process works"(child, { start }) {
    const second = await start().ended;
    await killed(child, "SIGKILL");
    return second;
  },
  async "it refuses its configuration"(child, { start }) {
    await killed(child, "SIGKILL");
    return start({ TICK_SECONDS: "soon" }).ended;
  },
};

async function killed(child: Child, signal: NodeJS.Signals): Promise<Ended> {
  child.kill(signal);
  return child.ended;
}

describe("every end of the keeper", () => {
  const world = keeper();
  // As a supervisor would: what each end is followed by is what the next is brought about in.
  let child = world.start();
  after(() => killed(child, "SIGKILL"));
  for (const { cause, exit, systemd, compose } of rows()) {
    const bringAbout = Object.entries(CAUSES).find(([beginning]) => cause.startsWith(beginning))?.[1];
    if (bringAbout === undefined) continue;
    it(`${cause.slice(0, 60)}: ${exit}; systemd ${systemd}, compose ${compose}; and it runs again`, async () => {
      await world.runs(child);
      const ended = await bringAbout(child, world);
      assert.equal(String(ended.code ?? ended.signal), exit, ended.err.slice(-500));
      const words = (restarts: boolean) => (restarts ? "restarts" : "stays down");
      assert.deepEqual([words(systemdRestarts(ended)), words(composeRestarts(ended))], [systemd, compose]);
      child = world.start();
      await world.runs(child);
    });
  }

  it("its event loop stands still: systemd, whose word it keeps until then, ends it, and it runs again", async () => {
    await killed(child, "SIGKILL");
    const { path, beats, silence } = systemdNotify();
    const limitMs = 3_000;
    child = world.start({ PATH: `${path}:${process.env["PATH"]}`, WATCHDOG_USEC: String(limitMs * 1_000) });
    await child.until(() => beats() >= 3, "its word to systemd");
    child.kill("SIGSTOP");
    await silence(limitMs);
    const ended = await killed(child, "SIGKILL");
    assert.ok(systemdRestarts(ended));
    child = world.start();
    await world.runs(child);
  });

  it("its event loop stands still: the container's health check ends it, and only it, and it runs again", async () => {
    await killed(child, "SIGKILL");
    child = world.start();
    await world.runs(child);
    const port = /127\.0\.0\.1:(\d+)/.exec(child.said().err)?.[1];
    const words = [HEALTH, "5", String(child.pid)];
    const check = (env: NodeJS.ProcessEnv) => spawnSync(process.execPath, words, { env }).status;
    assert.equal(check({ STATUS_PORT: port }), 0);
    child.kill("SIGSTOP");
    assert.equal(check({ STATUS_PORT: "9" }), 1, "nothing listens there: nothing is ended");
    assert.equal(check({ STATUS_PORT: port }), 1);
    const ended = await child.ended;
    assert.equal(ended.signal, "SIGKILL");
    assert.ok(composeRestarts(ended));
    child = world.start();
    await world.runs(child);
  });

  it("is on the page: each that is brought about here, and what is not names no signal of its own", () => {
    const causes = rows().map(({ cause }) => cause);
    for (const beginning of Object.keys(CAUSES)) assert.ok(causes.some((cause) => cause.startsWith(beginning)));
    const elsewhere = causes.filter((cause) => !Object.keys(CAUSES).some((beginning) => cause.startsWith(beginning)));
    assert.deepEqual(
      elsewhere.map((cause) => cause.split(/[,;(]/)[0]?.trim()),
      [
        "`systemctl stop`",
        "a second such signal while it finishes",
        // Below.
        "its event loop stands still",
        // test/cli/process.test.ts
        "the reader of its output dies",
        // test/journal/stateErrors.test.ts
        "too few file descriptors",
      ],
    );
  });
});

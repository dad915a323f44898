import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { linkFile, UNPRIVILEGED } from "../support/imageFolder.ts";
import { serviceFile } from "../support/serviceFiles.ts";

/** How a line of a page ended. */
export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/**
 * A machine that runs the keeper as deployments/service/README.md sets it up with systemd, in a folder: the commands of pages
 * run in its shell. `systemctl` there does with the installed unit what the page says of it, `sudo` is whoever runs the test,
 * and the keeper is nobody where that is root.
 */
export type ServiceMachine = {
  /** Where the pages have the code. */
  readonly code: string;
  /** A text of the pages with its paths led into the folder. */
  at(text: string): string;
  /** Runs one line of a page in the folder where the last one left the shell. */
  run(line: string): Promise<Ran>;
  /** Writes a file of /etc/tonsor, which the keeper alone may read. */
  configure(name: string, text: string): void;
  /** What the service wrote to its log. */
  log(): string;
  /** Resolves after so many more cycles; rejects after four minutes. */
  cycles(count: number): Promise<void>;
  /** Does something while the service stands still: no look falls into the middle of it. */
  still(work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

const FOLDERS = ["opt", "etc/tonsor", "etc/systemd/system", "usr/local/bin", "var/lib", "var/cache"];
const PATHS = /(?<![\w.])\/(?=(?:opt\/tonsor|etc\/tonsor|etc\/systemd|var\/lib|var\/cache|usr\/local\/bin)\b)/g;
/** As in `test/support/child.ts`. */
const PATIENCE_MS = 240_000;

/** Makes one in a new folder below `parent`, whose lines reach the status page at `port`. */
export async function serviceMachine(parent: string, port: number): Promise<ServiceMachine> {
  const folder = join(parent, "machine");
  const at = (text: string) => text.replaceAll(PATHS, `${folder}/`).replaceAll(":8640", `:${port}`);
  for (const path of FOLDERS) mkdirSync(join(folder, path), { recursive: true });
  const bin = join(folder, "bin");
  linkFile(realpathSync(process.execPath), join(bin, "node"));
  // A temporary folder is its maker's alone.
  chmodSync(parent, 0o755);
  const service = serviceOf(at, bin);
  const supervisor = createServer(async (request, response) => {
    const problem = await service.ask(request.url?.slice(1) ?? "").catch(String);
    response.writeHead(problem === "" ? 200 : 500).end(problem);
  });
  supervisor.listen(0, "127.0.0.1");
  await once(supervisor, "listening");
  const program = (name: string, text: string) => writeFileSync(join(bin, name), text, { mode: 0o755 });
  program("sudo", '#!/bin/sh\nexec "$@"\n');
  const url = `http://127.0.0.1:${(supervisor.address() as AddressInfo).port}`;
  const asking = `const answer = await fetch("${url}/" + process.argv.slice(2).join("-"));`;
  program("systemctl", `#!/usr/bin/env node\n${asking}\nif (!answer.ok) throw new Error(await answer.text());\n`);
  return {
    code: join(folder, "opt/tonsor"),
    at,
    run: shell(at, bin, folder),
    configure(name, text) {
      const file = at(`/etc/tonsor/${name}`);
      writeFileSync(file, text, { mode: 0o400 });
      give(file);
      give(at("/etc/tonsor"));
    },
    log: service.log,
    async cycles(count) {
      const seen = () => service.log().split('"msg":"cycle"').length;
      const wanted = seen() + count;
      for (const end = performance.now() + PATIENCE_MS; seen() < wanted; await setTimeout(100)) {
        if (performance.now() > end) throw new Error(`no cycle\n${service.log().slice(-3_000)}`);
      }
    },
    still: service.still,
    async close() {
      await service.ask("stop-tonsor");
      supervisor.close();
    },
  };
}

/** The commands of a part of UPGRADE.md, in order: every line of its blocks `sh`. */
export function linesOf(heading: string): readonly string[] {
  const [, section = ""] = serviceFile("UPGRADE.md").split(new RegExp(`^#+ ${heading}$`, "m"));
  const blocks = [...(section.split(/^##/m)[0] ?? "").matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)];
  return blocks.flatMap(([, block = ""]) => block.trim().split(/\n */));
}

/** Runs lines of a page, each as a shell does, and goes on where the last one ended. */
function shell(at: ServiceMachine["at"], bin: string, home: string): ServiceMachine["run"] {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  const { uid } = UNPRIVILEGED;
  const user = execFileSync("sh", ["-c", `id -un ${uid ?? ""}`], { encoding: "utf8" }).trim();
  const env = {
    ...{ ...inherited, npm_config_prefer_offline: "true" },
    PATH: [bin, join(home, "usr/local/bin"), process.env["PATH"]].join(":"),
    // As the command's file has them.
    ...{
      SERVICE_USER: user,
      SERVICE_HOME: join(home, "opt/tonsor"),
      SERVICE_ENVIRONMENT: at("/etc/tonsor/environment"),
    },
  };
  let where = home;
  return async (line) => {
    const script = `umask 022\n${at(line)}\nended=$?\npwd >&3\nexit $ended`;
    const child = spawn("sh", ["-c", script], { cwd: where, env, stdio: ["ignore", "pipe", "pipe", "pipe"] });
    const said = ["", "", "", ""];
    for (const [i, stream] of child.stdio.entries()) stream?.on("data", (chunk: Buffer) => (said[i] += String(chunk)));
    const [code] = (await once(child, "close")) as [number | null];
    where = said[3]?.trim() || where;
    return { code, out: said[1] ?? "", err: said[2] ?? "" };
  };
}

/** What systemd does with the installed unit, as far as the pages ask for it. */
function serviceOf(at: ServiceMachine["at"], bin: string) {
  let running: { readonly child: ChildProcess; readonly ended: Promise<string> } | null = null;
  let said = "";
  const start = () => {
    const unit = readFileSync(at("/etc/systemd/system/tonsor.service"), "utf8");
    const values = (name: string) =>
      [...unit.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, one = ""]) => at(one));
    const folders = { StateDirectory: "/var/lib", CacheDirectory: "/var/cache" };
    for (const [name, parent] of Object.entries(folders)) {
      for (const one of values(name)) {
        mkdirSync(at(`${parent}/${one}`), { recursive: true, mode: 0o700 });
        give(at(`${parent}/${one}`));
      }
    }
    const words = values("Environment").flatMap((text) => text.match(/"[^"]*"|\S+/g) ?? []);
    const lines = values("EnvironmentFile").flatMap((file) => readFileSync(file.replace(/^-/, ""), "utf8").split("\n"));
    const variables = [...words, ...lines].map((text) => /^"?(\w+)=([^"]*)/.exec(text)?.slice(1) ?? ["", ""]);
    const [command = "", ...rest] = values("ExecStart")[0]?.split(" ") ?? [];
    const child = spawn(command, rest, {
      ...{ cwd: values("WorkingDirectory")[0], stdio: ["ignore", "ignore", "pipe"], ...UNPRIVILEGED },
      env: { PATH: `${bin}:${process.env["PATH"]}`, ...Object.fromEntries(variables.filter(([name]) => name !== "")) },
    });
    child.stderr?.on("data", (chunk: Buffer) => (said += String(chunk)));
    const ended = once(child, "close").then(([code]) => {
      running = null;
      return code === 0 ? "" : `it ended with ${code}`;
    });
    running = { child, ended };
    return "";
  };
  return {
    log: () => said,
    async ask(words: string): Promise<string> {
      if (words === "daemon-reload") return "";
      if (words === "start-tonsor") return running === null ? start() : "";
      if (words !== "stop-tonsor") return `systemctl of this machine does not know ${words}`;
      running?.child.kill("SIGTERM");
      return (await running?.ended) ?? "";
    },
    async still(work: () => Promise<void>) {
      running?.child.kill("SIGSTOP");
      await work();
      running?.child.kill("SIGCONT");
    },
  };
}

/** Gives a file or folder to whom the keeper runs as. */
function give(path: string): void {
  const { uid, gid } = UNPRIVILEGED;
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serviceFile } from "./serviceFiles.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOBODY = 65_534;
/** Whom the keeper runs as: nobody where the test is root, else whoever runs the test. */
export const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** The image's second stage, carried out in a folder by the Dockerfile's own lines. */
export type ImageFolder = {
  readonly app: string;
  readonly state: string;
  /** The image's variables, with its paths led into the folder. */
  readonly environment: Readonly<Record<string, string>>;
  /** Words of ENTRYPOINT and CMD. */
  readonly start: readonly string[];
  /** Words of the health check. */
  readonly health: readonly string[];
};

/**
 * Carries the Dockerfile out in `folder` as far as that goes without a container engine: copies what it copies, gives it
 * the production packages of the lock file, makes its folders, and runs its commands without privileges.
 */
export function imageFolder(folder: string): ImageFolder {
  const stage =
    serviceFile("Dockerfile")
      .replaceAll(/\\\n\s*/g, "")
      .split(/^FROM /m)
      .at(-1) ?? "";
  const lines = stage.split("\n").slice(1);
  const inFolder = (path: string) => (path.startsWith("/") ? join(folder, path) : join(folder, "app", path));
  const led = (value: string) => value.replaceAll(/(?<=^|\s)\/(?=app|state)/g, `${folder}/`);
  // The node that runs the tests stands for the image's own, where nobody may read it too; a machine's may be older.
  linkFile(realpathSync(process.execPath), join(folder, "bin", "node"));
  const environment: Record<string, string> = { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
  let [unprivileged, start, health]: [boolean, string[], string[]] = [false, [], []];
  mkdirSync(join(folder, "app"), { recursive: true });
  // A temporary folder is its maker's alone.
  chmodSync(folder, 0o755);
  for (const line of lines) {
    const [, word = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (word === "ENV") Object.assign(environment, variablesOf(rest, led));
    else if (word === "COPY" && rest.startsWith("--from=packages")) linkPackages(join(folder, "app"));
    else if (word === "COPY") {
      const [to = "", ...from] = rest.split(" ").reverse();
      for (const path of from) {
        const target = from.length > 1 || to.endsWith("/") ? join(inFolder(to), path) : inFolder(to);
        cpSync(join(ROOT, path), target, { recursive: true });
      }
    } else if (word === "USER") unprivileged = true;
    else if (word === "RUN" && rest.startsWith("install -d ")) {
      for (const path of rest.split(" ").filter((one) => one.startsWith("/"))) makeFolder(inFolder(path));
    } else if (word === "RUN") {
      const who = unprivileged ? UNPRIVILEGED : {};
      execFileSync("sh", ["-c", led(rest)], { cwd: join(folder, "app"), env: environment, ...who });
    } else if (word === "HEALTHCHECK") health = JSON.parse(rest.slice(rest.indexOf("["))) as string[];
    else if (word === "ENTRYPOINT" || word === "CMD") start = [...start, ...(JSON.parse(rest) as string[])];
  }
  return { app: join(folder, "app"), state: join(folder, "state"), environment, start, health };
}

function variablesOf(text: string, led: (value: string) => string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)];
  return Object.fromEntries(pairs.map(([, name = "", quoted, bare = ""]) => [name, led(quoted ?? bare)]));
}

function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, gid } = UNPRIVILEGED;
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** What `npm ci --omit=dev` installs, from what is installed: hard links, so that nothing else can be resolved. */
function linkPackages(app: string): void {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const wanted = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  for (const [path] of wanted) linkFolder(join(ROOT, path), join(app, path));
}

/** Without the packages inside a package, which stand in the lock file for themselves. */
function linkFolder(from: string, to: string): void {
  let entries: ReturnType<typeof listed>;
  try {
    entries = listed(from);
  } catch {
    // An optional package of another platform.
    return;
  }
  mkdirSync(to, { recursive: true });
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") linkFolder(source, target);
    } else linkFile(resolve(source), target);
  }
}

function listed(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

export function linkFile(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

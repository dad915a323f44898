import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

type Program = {
  /** What it is called in the PATH, the first that is there. */
  readonly names: readonly string[];
  /** The Debian package that brings it. */
  readonly package: string;
  /** A variable that names its path. */
  readonly variable?: string;
  /** The only platform whose program of this name does what the tests ask of it. */
  readonly platform?: NodeJS.Platform;
};

/** Every program that a test starts and npm does not bring. */
const PROGRAMS = {
  chromium: {
    names: ["chromium", "chromium-browser", "google-chrome"],
    package: "chromium",
    variable: "CHROMIUM_PATH",
  },
  "redis-server": { names: ["redis-server"], package: "redis-server" },
  promtool: { names: ["promtool"], package: "prometheus" },
  alertmanager: { names: ["prometheus-alertmanager", "alertmanager"], package: "prometheus-alertmanager" },
  z3: { names: ["z3"], package: "z3" },
  script: { names: ["script"], package: "bsdutils", platform: "linux" },
  "systemd-analyze": { names: ["systemd-analyze"], package: "systemd" },
} as const satisfies Readonly<Record<string, Program>>;

export type ProgramName = keyof typeof PROGRAMS;

/** Variable that, when it is 1, makes every program count as not installed. */
export const HIDE = "HIDE_PROGRAMS";

/** Path of a program, or null where it is not installed. */
export function programPath(name: ProgramName, environment: NodeJS.ProcessEnv = process.env): string | null {
  const { names, variable, platform }: Program = PROGRAMS[name];
  if (environment[HIDE] === "1" || (platform !== undefined && platform !== process.platform)) return null;
  const given = variable === undefined ? undefined : environment[variable];
  if (given) return isExecutable(given) ? given : null;
  const folders = (environment["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return names.flatMap((one) => folders.map((folder) => join(folder, one))).find(isExecutable) ?? null;
}

/** Why a test that needs a program is skipped, or false where it is installed. @example describe("a queue", { skip: withoutProgram("redis-server") }, ...) */
export function withoutProgram(name: ProgramName, environment: NodeJS.ProcessEnv = process.env): string | false {
  if (programPath(name, environment) !== null) return false;
  return environment[HIDE] === "1"
    ? `${name} is hidden by ${HIDE}`
    : `${name} is not installed (apt-get install ${PROGRAMS[name].package})`;
}

/** The programs that are not installed, and one command that brings them; null where none is missing. */
export function missingPrograms(
  environment: NodeJS.ProcessEnv = process.env,
): { readonly names: readonly ProgramName[]; readonly command: string } | null {
  const names = (Object.keys(PROGRAMS) as ProgramName[]).filter((name) => programPath(name, environment) === null);
  const packages = names.map((name) => PROGRAMS[name].package);
  return names.length === 0
    ? null
    : { names, command: `apt-get install --no-install-recommends ${packages.join(" ")}` };
}

/** Every name under which one of the programs may be called. */
export function programNames(): readonly string[] {
  return Object.values(PROGRAMS).flatMap(({ names }) => [...names]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { join, resolve } from "node:path";
import { type ConfigProblem, configError, TonsorError } from "../domain/errors.ts";
import { type FileSettings, parseConfigFile, readConfigFile } from "./configFile.ts";
import { folderPlace } from "./folderPlace.ts";
import {
  type EnvironmentSettings,
  parseEnvironment,
  readDotenv,
  unknownNames,
  type Variables,
  withDotenv,
} from "./parseEnvironment.ts";
import { keyProblems } from "./signingKey.ts";

/** Everything an operator sets, checked. Every path is absolute. */
export type Config = Omit<EnvironmentSettings, "configFile"> & FileSettings;

/** Chains on which a key in the environment is worth nothing. */
const DEVELOPMENT_CHAINS = [31337, 1337];

/** Whether keys and decisions on this chain are worth nothing. */
export function isDevelopmentChain(chainId: number): boolean {
  return DEVELOPMENT_CHAINS.includes(chainId);
}

/** Where to look, and which names of markets and venues there are. */
export type ConfigSources = {
  readonly folder: string;
  readonly variables: Variables;
  /** Of the chain's own file; absent: it has none. */
  readonly own?: Variables;
  readonly marketNames: readonly string[];
  /** What VENUE_URLS may name; absent: nothing. */
  readonly venueNames?: readonly string[];
  /** Further problems that keep a keeper from starting, reported with the rest; absent: none is searched. */
  readonly further?: (
    where: { readonly deployments: string; readonly chainId: number },
    others: number,
  ) => readonly ConfigProblem[];
};

/**
 * Returns the configuration of `.env` and `tonsor.config` in a folder, of the environment, which wins over `.env`, and of
 * the chain's own file, which wins over both.
 * @throws TonsorError `BAD_CONFIG` with *every* problem, its path, what was given and what is expected; secrets are not
 * repeated. `PLAINTEXT_KEY_REFUSED` when a private key is in the environment of a chain that is not for development.
 * @example await loadConfig({ folder: process.cwd(), variables: process.env, marketNames: ["WETH", "WBTC"] })
 */
export async function loadConfig(parts: ConfigSources): Promise<Config> {
  const { folder, variables, marketNames, own = {} } = parts;
  const filed = { ...readDotenv(folder), ...own };
  const environment = parseEnvironment(withDotenv(folder, variables, own), parts.venueNames);
  const file = await configFile(folder, environment.settings.configFile);
  const problems = [
    // Such a file is all ours: any unknown name in it is a typo.
    ...unknownNames(Object.keys(filed), (name) => !environment.problems.some((problem) => problem.path === name)),
    ...environment.problems,
    ...file.problems,
    ...wrongMarkets(file.content, marketNames),
  ];
  const { configFile: _, ...settings } = environment.settings;
  // With an unreadable chain id nothing starts anyway; do not report what it might have allowed.
  const unknownChain = environment.problems.some((problem) => problem.path === "CHAIN_ID");
  const development = unknownChain || isDevelopmentChain(settings.chainId);
  if (settings.clock === "chain" && !development) {
    problems.push({ path: "TONSOR_CLOCK", given: "chain", expected: "wall: a node must not say what time it is" });
  }
  const { stageSeconds, softTimeoutSeconds } = file.settings.schedule;
  if (settings.instanceRank * stageSeconds >= softTimeoutSeconds) {
    problems.push({
      path: "INSTANCE_RANK",
      given: `${settings.instanceRank} stages of ${stageSeconds} s`,
      expected: `less than schedule.softTimeoutSeconds (${softTimeoutSeconds}) together`,
    });
  }
  if (settings.rpcWsUrl !== null && settings.redisUrl !== null) {
    const expected = "empty with REDIS_URL: the queue times the cycles there";
    problems.push({ path: "RPC_WS_URL", given: "(not shown)", expected });
  }
  const files = pathsIn(folder, settings);
  problems.push(...stateProblems(files.state), ...mirrorProblems(files), ...keyProblems({ ...settings, ...files }));
  // There is no record to check for an unknown chain.
  if (!unknownChain)
    problems.push(...(parts.further?.({ ...files, chainId: settings.chainId }, problems.length) ?? []));
  const plaintext = settings.privateKey !== null && !development;
  if (problems.length > 0) {
    const refused = { path: "KEEPER_PRIVATE_KEY", given: "a plaintext key", expected: "none off development chains" };
    throw configError(plaintext ? [...problems, refused] : problems);
  }
  if (plaintext) {
    throw new TonsorError("PLAINTEXT_KEY_REFUSED", "a private key in the environment is for development chains only", {
      field: "CHAIN_ID",
      given: settings.chainId,
      expected: DEVELOPMENT_CHAINS.join(" or "),
    });
  }
  return { ...settings, ...file.settings, ...files };
}

/** Every path of the settings, made absolute. */
function pathsIn(folder: string, settings: Omit<EnvironmentSettings, "configFile">) {
  const optional = (path: string | null) => (path === null ? null : resolve(folder, path));
  return {
    state: resolve(folder, settings.state),
    deployments: resolve(folder, settings.deployments),
    marketsFolder: optional(settings.marketsFolder),
    mirror: optional(settings.mirror),
    data: optional(settings.data),
    keystoreFile: optional(settings.keystoreFile),
    keystorePasswordFile: optional(settings.keystorePasswordFile),
  };
}

/** A state folder that is no folder, or that can never be made; whether this user may write there shows when it is opened. */
function stateProblems(state: string): ConfigProblem[] {
  const { problem } = folderPlace(state);
  return problem === null ? [] : [{ path: "TONSOR_STATE", given: problem, expected: "a folder on a disk" }];
}

/** A mirror is served to everybody: it must hold neither the state folder nor, as the folder of its evidence does, what is in flight. */
function mirrorProblems({ mirror, state }: Pick<EnvironmentSettings, "mirror" | "state">): ConfigProblem[] {
  const isIn = (path: string, folder: string) => `${path}/`.startsWith(folder === "/" ? folder : `${folder}/`);
  if (mirror === null || !(isIn(state, mirror) || isIn(mirror, join(state, "evidence")))) return [];
  const expected = `a folder apart from the journal and the evidence in TONSOR_STATE (${state})`;
  return [{ path: "TONSOR_MIRROR", given: mirror, expected }];
}

async function configFile(folder: string, named: string) {
  try {
    const { name, content } = await readConfigFile(folder, named);
    return { ...parseConfigFile(name, content), content };
  } catch (error) {
    const path = named === "" ? "tonsor.config" : "TONSOR_CONFIG";
    const problem = { path, given: (error as Error).message, expected: "a readable .ts or .json file" };
    return { settings: parseConfigFile(path, {}).settings, problems: [problem], content: {} };
  }
}

/** Checked in the raw content, so that a problem elsewhere in the file does not hide it. Without any market that is the problem. */
function wrongMarkets(content: unknown, known: readonly string[]): ConfigProblem[] {
  const markets: unknown = typeof content === "object" && content !== null ? Reflect.get(content, "markets") : null;
  return (Array.isArray(markets) ? markets : []).flatMap((name: unknown, n, all) => {
    if (typeof name !== "string") return [];
    if (known.length > 0 && !known.includes(name))
      return [{ path: "markets", given: name, expected: `one of ${known.join(", ")}` }];
    if (all.indexOf(name) === n) return [];
    return [{ path: `markets.${n}`, given: `${name} again`, expected: "each market once" }];
  });
}

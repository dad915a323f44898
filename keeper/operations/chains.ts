import { type ConfigProblem, configError, isConfigurationError, ownError, TonsorError } from "../domain/errors.ts";
import { withOwnRequests } from "../io/http.ts";
import { monotonicClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";
import { parseEnvironment, withDotenv } from "../runtime/parseEnvironment.ts";
import type { AskHidden } from "../runtime/signingKey.ts";
import { startWatchdog } from "../runtime/watchdog.ts";
import { shareVenues } from "../venues/sharedReads.ts";
import { type Context, createContext, whileLocked } from "./context.ts";
import { type InTurn, openFleet } from "./fleet.ts";
import { runLoop } from "./loop.ts";
import type { CycleSummary } from "./summary.ts";

export type ChainsOptions = {
  readonly signal: AbortSignal;
  /** Grows as secrets of any chain are read. */
  readonly secrets: string[];
  readonly variables: NodeJS.ProcessEnv;
  /** @param chainId absent where the process runs one chain */
  onCycle(cycle: CycleSummary, chainId?: number): void;
};

/** A chain that ended is opened anew after this, as a supervisor would; see RestartSec of the unit. */
const PAUSE_MS = 5_000;

/**
 * Runs a keeper for each of the files until the signal aborts: each as a process of its own would, with its state folder,
 * key, page and metrics, but for the venues, which are read once for all. No chain waits for another. One that ends is
 * opened anew after 5 s; one whose configuration must be corrected stays down, and is said to. With FLEET_CHAINS the process
 * is one worker of several with the same files, and runs those that no other runs, so many at once.
 * @throws TonsorError BAD_CONFIG when chains claim the same; when all of them stay down, why the first does
 */
export async function runChains(envFiles: readonly string[], options: ChainsOptions): Promise<void> {
  const { secrets, signal, variables } = options;
  const shared = parseEnvironment(withDotenv(process.cwd(), variables)).settings;
  const { fleetChains: most, redisUrl } = shared;
  const log = createLogger({ level: shared.logLevel, secrets });
  await refuseSharedClaims(envFiles, options, shared);
  const share = shareVenues();
  const openChain = (file: string) =>
    createContext(variables, nobodyToAsk, {
      envFiles: [file],
      secrets,
      share: ({ tickSeconds }) => share((tickSeconds * 1_000) / 2),
    });
  const fleet = most === null || redisUrl === null ? null : await openFleet({ most, redisUrl, log, signal });
  const inTurn: InTurn = fleet?.inTurn ?? (({ state }, run) => whileLocked(state, () => run(signal)));
  const endWatchdog = startWatchdog(variables, (why) => log.warn(why));
  try {
    const keep = (file: string) =>
      withOwnRequests(() => keepRunning(file, () => runChain(openChain(file), inTurn, options), log, signal));
    const down = await Promise.all(envFiles.map(keep));
    if (!signal.aborted) throw down[0];
  } finally {
    endWatchdog();
    fleet?.close();
  }
}

/** Runs one chain until the signal aborts, again and again; returns why it stays down, or null. */
async function keepRunning(env: string, run: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<unknown> {
  while (!signal.aborted) {
    try {
      await run();
    } catch (error) {
      if (signal.aborted) return null;
      const own = ownError(error);
      const facts = { env, code: own?.code ?? "UNEXPECTED", error };
      if (own !== null && isConfigurationError(own.code)) {
        log.fatal(facts, "this chain stays down until its configuration is corrected and the process started again");
        return error;
      }
      log.error(facts, `this chain ended and is opened anew in ${PAUSE_MS / 1_000} s`);
      await monotonicClock.sleep(PAUSE_MS, signal);
    }
  }
  return null;
}

async function runChain(context: Context, inTurn: InTurn, options: ChainsOptions): Promise<void> {
  try {
    const config = await context.startConfig();
    const { contract } = await context.deployment();
    const name = `${config.chainId}-${contract.address}-${config.instanceRank}`.toLowerCase();
    await inTurn({ name, state: config.state }, async (signal) => {
      const keeper = await context.keeper();
      // Opening takes as long as nodes do: what was lost meanwhile is another's, and its journal is not to be taken from it.
      if (signal.aborted) return;
      keeper.store.takeOver();
      const onCycle = (cycle: CycleSummary) => options.onCycle(cycle, keeper.chainId);
      // The watchdog is the process's.
      await runLoop(keeper, config, { ...options, signal, variables: {}, amongOthers: true as const, onCycle });
    });
  } finally {
    // What may still hang in a tick can journal nothing from here on, and so send nothing.
    context.close();
  }
}

/** Two chains would ask at once on one terminal. */
const nobodyToAsk: AskHidden = async (question) => {
  const facts = { field: "KEYSTORE_PASSWORD_FILE", given: "nothing", expected: "a file" };
  throw new TonsorError("KEYSTORE_REFUSED", `several chains can ask nobody: ${question}`, facts);
};

/** What each chain must have to itself, by the variable that sets it; null: it has none. */
const TO_ITSELF = {
  CHAIN_ID: ({ chainId }) => chainId,
  TONSOR_STATE: ({ state }) => state,
  STATUS_PORT: ({ statusPort }) => statusPort || null,
  PUBLIC_PORT: ({ publicPort }) => publicPort || null,
  ADMIN_PORT: ({ adminToken, adminPort }) => (adminToken === null ? null : adminPort || null),
  // A chain that lives would answer for one that is dead.
  DEADMAN_URL: ({ deadmanUrl }) => deadmanUrl,
} as const satisfies Readonly<Record<string, (config: Config) => string | number | null>>;

/** Refuses what would let one chain stand for another. A configuration that cannot be read is its own chain's to report. */
async function refuseSharedClaims(
  envFiles: readonly string[],
  { variables, secrets }: ChainsOptions,
  { fleetChains, redisUrl }: Pick<Config, "fleetChains" | "redisUrl">,
): Promise<void> {
  const problems: ConfigProblem[] = [];
  if (fleetChains !== null && redisUrl === null)
    problems.push({ path: "REDIS_URL", given: "nothing", expected: "the Redis of the fleet that FLEET_CHAINS is of" });
  if (envFiles.length === 0)
    problems.push({ path: "--env", given: "nothing", expected: "a file for each chain of the fleet" });
  const seen = new Map<string, string>();
  for (const file of envFiles) {
    const context = createContext(variables, nobodyToAsk, { envFiles: [file], secrets });
    const config = await context.config().catch(() => null);
    if (config === null) continue;
    if (config.fleetChains !== fleetChains) {
      const expected = "nothing here: it is the worker's, in the environment or .env";
      problems.push({ path: `${file}: FLEET_CHAINS`, given: String(config.fleetChains), expected });
    }
    for (const [name, claimOf] of Object.entries(TO_ITSELF)) {
      const claim = claimOf(config);
      const key = `${name} ${claim}`;
      const other = seen.get(key);
      if (other !== undefined) {
        const expected = "each chain its own";
        problems.push({ path: `${file}: ${name}`, given: `the same as in ${other}`, expected });
      }
      if (claim !== null) seen.set(key, file);
    }
  }
  if (problems.length > 0) throw configError(problems);
}

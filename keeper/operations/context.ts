import { resolve } from "node:path";
import type { LocalAccount } from "viem";
import { cosignSettings } from "../cosign/cosigning.ts";
import type { BatchEntry } from "../domain/cycle.ts";
import { TonsorError } from "../domain/errors.ts";
import type { PositionSums } from "../domain/position.ts";
import { redact } from "../domain/words.ts";
import { openNodes } from "../io/nodes.ts";
import { lockInstance } from "../journal/instanceLock.ts";
import { type Keeper, openKeeper } from "../keeper.ts";
import { type MarketFolder, marketNamed, readMarkets, soundMarkets } from "../markets/marketFiles.ts";
import { chainClock } from "../protocols/chainClock.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { readDeployment } from "../protocols/readDeployment.ts";
import { wallClock } from "../runtime/clock.ts";
import { type Config, type ConfigSources, loadConfig } from "../runtime/config.ts";
import { openGuard } from "../runtime/guard.ts";
import { secretsOf } from "../runtime/logger.ts";
import { marketsFolder, readEnvFile, type Variables } from "../runtime/parseEnvironment.ts";
import type { AskHidden } from "../runtime/signingKey.ts";
import { signingAccount } from "../runtime/signingKey.ts";
import { VENUES } from "../venues/registry.ts";
import type { VenueShare } from "../venues/venue.ts";
import { betweenJumps } from "./betweenJumps.ts";
import { startProblems } from "./startProblems.ts";

/** Everything a command may need, opened on first use and closed once. */
export type Context = {
  /** The markets' files, read once; none of them need be sound. */
  markets(): MarketFolder;
  config(): Promise<Config>;
  /** The same with everything else that keeps a keeper from starting named beside it. */
  startConfig(): Promise<Config>;
  deployment(): Promise<Deployment>;
  /** Who signs, opened once; null: no key is set. */
  account(): Promise<LocalAccount | null>;
  keeper(): Promise<Keeper>;
  /** What must never be shown, grown as secrets are read; hand the list itself on, not a copy. */
  readonly secrets: readonly string[];
  close(): void;
};

/** Which chain a context is of; everything absent: the one that the variables name. */
type OfChain = {
  /** Files of a chain's own variables; none or one, or every use is refused. */
  readonly envFiles?: readonly string[];
  /** What it shares with the other chains of the process. */
  readonly share?: (config: Config) => VenueShare;
  /** Where secrets are kept, the other chains' among them. */
  readonly secrets?: string[];
};

/** Reads configuration and opens the keeper lazily, so that `config check` works without a chain. */
export function createContext(variables: NodeJS.ProcessEnv, askHidden: AskHidden, of: OfChain = {}): Context {
  const { envFiles = [], secrets = [] } = of;
  const keep = (secret: string) => void (secrets.includes(secret) || secrets.push(secret));
  let config: Promise<Config> | null = null;
  let account: Promise<LocalAccount | null> | null = null;
  let keeper: Promise<Keeper> | null = null;
  let opened: Keeper | null = null;
  let markets: MarketFolder | null = null;
  let ofFile: Variables | null = null;
  const read = (): Variables => {
    const [file, ...others] = envFiles;
    if (others.length === 0) return file === undefined ? {} : readEnvFile(file);
    const facts = {
      field: "--env",
      given: envFiles.join(" "),
      expected: "one file: `tonsor run` alone serves several chains",
    };
    throw new TonsorError("BAD_ARGUMENT", "a command is of one chain", facts);
  };
  // Once: what comes through a pipe, `--env <(sops -d ...)`, is empty the second time.
  const own = (): Variables => (ofFile ??= read());
  const load = async (further: Pick<ConfigSources, "further">): Promise<Config> => {
    const names = { marketNames: context.markets().names, venueNames: VENUES.urlNames };
    const loaded = await loadConfig({ folder: process.cwd(), variables, own: own(), ...names, ...further });
    secretsOf(loaded).forEach(keep);
    return loaded;
  };
  const context: Context = {
    secrets,
    markets() {
      markets ??= readMarkets(marketsFolder(process.cwd(), variables, own()));
      return markets;
    },
    config() {
      config ??= load({});
      return config;
    },
    startConfig: () => load({ further: (where, others) => startProblems(where, context.markets(), others) }),
    async deployment() {
      const { chainId, deployments } = await context.config();
      return readDeployment(resolve(deployments, `${chainId}.json`));
    },
    account() {
      account ??= context.config().then((loaded) => signingAccount(loaded, keep, askHidden));
      return account;
    },
    keeper() {
      keeper ??= open(context, keep, of.share).then((made) => (opened = made));
      return keeper;
    },
    close: () => opened?.close(),
  };
  return context;
}

async function open(context: Context, keep: (secret: string) => void, share: OfChain["share"]): Promise<Keeper> {
  const config = await context.startConfig();
  const account = await context.account();
  const deployment = await context.deployment();
  const nodes = openNodes(config, wallClock);
  const cosign = cosignSettings(config.cosign);
  if (cosign !== null) keep(cosign.secret);
  const { chainId, clock, rpc } = config;
  const clean = (text: string) => redact(text, context.secrets);
  const now = clock === "chain" ? await chainClock(nodes, chainId, rpc.timeoutSeconds * 1_000) : wallClock;
  return openKeeper({
    ...config,
    ...{ nodes, deployment, account, now, cosign, clean },
    ...(share === undefined ? {} : { share: share(config) }),
    marketFiles: soundMarkets(context.markets()),
    guard: (store) => openGuard(config, store),
  });
}

/** Does the work as the one process, and of its chains the one, that may decide, send or move the journal in this folder. */
export async function whileLocked<Result>(stateFolder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = lockInstance(stateFolder);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** A market's decision, and what its positions came to; absent: the record names no lender. */
type AssessedMarket = { readonly entry: BatchEntry; readonly positions?: PositionSums };

/** One market observed and decided now, with its inputs; nothing is sent. @throws UNKNOWN_MARKET */
export async function assessMarket(context: Context, name: string, signal: AbortSignal): Promise<AssessedMarket> {
  const keeper = await context.keeper();
  const { parameters } = marketNamed(keeper.marketFiles, name);
  const markets = keeper.markets.filter((market) => market === parameters);
  const look = () => keeper.cycle({ dryRun: true, signal, markets });
  const report = await betweenJumps(keeper, await context.config(), signal, look);
  const [entry] = report.entries;
  const [positions] = report.weighed ?? [];
  if (entry !== undefined) return { entry, ...(positions === undefined ? {} : { positions }) };
  const why = report.failures[0]?.error ?? "the contract does not list it";
  throw new TonsorError("UNKNOWN_MARKET", `${name} could not be assessed: ${why}`, { field: "market", given: name });
}

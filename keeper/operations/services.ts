import { join } from "node:path";
import { type Rebuilt, rebuildJournal } from "../audit/rebuild.ts";
import { type Recomputation, type RecomputeRequest, recomputeFolder } from "../audit/recompute.ts";
import { storedMarket } from "../audit/storedMarket.ts";
import { type Verification, verifyTransaction } from "../audit/verify.ts";
import type { ExplainedEvidence, Explanation, StatusSnapshot } from "../dashboard/status.ts";
import { createStatusBook } from "../dashboard/statusBook.ts";
import type { Hex } from "../domain/contract.ts";
import { ownError } from "../domain/errors.ts";
import type { Progress } from "../domain/progress.ts";
import { openNodes } from "../io/nodes.ts";
import { marketNamed, soundMarkets } from "../markets/marketFiles.ts";
import { type BegunMarket, newMarket } from "../markets/newMarket.ts";
import { chainClock } from "../protocols/chainClock.ts";
import type { PauseResult, ResumeResult } from "../runtime/adminServer.ts";
import { wallClock } from "../runtime/clock.ts";
import type { AskHidden } from "../runtime/signingKey.ts";
import { noKey } from "../submission/context.ts";
import type { MovedTransaction } from "../submission/manage.ts";
import { betweenJumps } from "./betweenJumps.ts";
import { calibrationBook } from "./calibrations.ts";
import { type ChainsOptions, runChains } from "./chains.ts";
import { type ChallengeOptions, challengeMarkets } from "./challengeLoop.ts";
import { headlineAfter, journalSays } from "./condition.ts";
import { type Check, configChecks } from "./configChecks.ts";
import { assessMarket, type Context, createContext, whileLocked } from "./context.ts";
import { doctorChecks } from "./doctor.ts";
import { evidenceFrom } from "./evidenceFrom.ts";
import { type FreezeRequest, type Frozen, freezeMarkets } from "./freezing.ts";
import { type KeystoreResult, type KeystoreTask, runKeystore } from "./keystoreTasks.ts";
import { runLoop } from "./loop.ts";
import { openChain } from "./openChain.ts";
import { pauseKeeper, resumeKeeper } from "./pausing.ts";
import { evidenceBytes, headOf, noteCycle } from "./statusPage.ts";
import { type CycleSummary, cycleSummary, explanationOf } from "./summary.ts";
import { listTransactions, type TransactionRow, wholeHash } from "./transactions.ts";

/** What the operator's commands need from the composition root; each part touches network, chain or journal on first use. */
export type Services = {
  /** Configured markets, in the order of the configuration. */
  marketNames(): readonly string[];
  /** One market observed and assessed; sends nothing. An unknown name is UNKNOWN_MARKET. */
  assessNow(market: string): Promise<Explanation>;
  /** One market of a file of evidence, decided again; opens neither journal, chain nor configuration. */
  explainStored(
    file: string,
    market: string,
  ): Promise<{ readonly explanation: Explanation; readonly evidence: ExplainedEvidence }>;
  /** One cycle over all markets; with `dryRun` nothing is sent or written. */
  runOnce(options: { readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<CycleSummary>;
  /** Cycles until the signal aborts; each is reported as it ends, with its chain where several run. */
  runLoop(options: Pick<ChainsOptions, "signal" | "onCycle">): Promise<void>;
  /** `hash` may be the beginning of one in the journal; `evidence` is a folder or web address, the keeper's own by default. */
  verifyTransaction(hash: string, evidence?: string): Promise<Verification>;
  status(): Promise<StatusSnapshot>;
  doctor(): Promise<readonly Check[]>;
  checkConfig(): Promise<readonly Check[]>;
  /** Begins a market's file from another's; replaces nothing. */
  newMarket(name: string, like: string): BegunMarket;
  /** Transactions of the journal, newest first; opens neither chain nor key. */
  transactions(options: { readonly limit: number; readonly openOnly: boolean }): Promise<readonly TransactionRow[]>;
  /** Cancels what waits for a block or offers it again at higher fees, and waits for the outcome. */
  moveTransaction(
    action: "cancel" | "bump",
    options: { readonly signal: AbortSignal; onNote(text: string): void },
  ): Promise<MovedTransaction>;
  /** Stops sending until a time (ISO, with zone) or `resume`. */
  pause(request: { readonly reason: string; readonly until: string | null }): Promise<PauseResult>;
  resume(): Promise<ResumeResult>;
  /** Closes markets with a guardian's key, or says what a Safe that is guardian has to send. */
  freeze(
    request: FreezeRequest,
    options: { readonly signal: AbortSignal; onNote(text: string): void },
  ): Promise<Frozen>;
  /** Watches every market and challenges what the chain proves, until the signal aborts. */
  challenge(options: ChallengeOptions): Promise<void>;
  /** Makes or reads an encrypted key file; secrets come from files of their owner's alone, or from a terminal without echo. */
  keystore(task: KeystoreTask): Promise<KeystoreResult>;
  /** Decides stored batches again with the present code; reads nothing but the evidence. */
  recompute(request: RecomputeRequest): Promise<Recomputation>;
  /** Writes the journal again from chain and evidence. */
  rebuild(request: { readonly signal: AbortSignal; readonly progress: Progress }): Promise<Rebuilt>;
  /** Releases what was opened. Called once, whatever the outcome. */
  close(): Promise<void>;
};

/**
 * The services behind the commands, each wired on first use.
 * @param envFiles files of the chains' own variables: of several, which `runLoop` alone can serve, each is one chain
 */
export function createServices(
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
  askHidden: AskHidden,
  envFiles: readonly string[] = [],
): Services & Pick<Context, "secrets"> {
  const secrets: string[] = [];
  const context = createContext(variables, askHidden, { envFiles, secrets });
  return {
    secrets,
    pause: (request) => pauseNow(context, request),
    async resume() {
      const config = await context.config();
      return resumeKeeper(config, config.clock === "chain" ? 0 : wallClock());
    },
    freeze: (request, options) => freezeMarkets(context, request, options),
    challenge: (options) => challengeMarkets(context, variables, options),
    transactions: (options) => listTransactions(context, options),
    moveTransaction: async (action, { signal: stop, onNote }) => (await context.keeper()).move(action, stop, onNote),
    keystore: (task) => runKeystore(task, askHidden),
    marketNames: () => context.markets().names,
    assessNow: async (name) =>
      assessMarket(context, name, signal).then(({ entry, ...positions }) => ({
        ...explanationOf(entry),
        ...positions,
      })),
    async explainStored(file, name) {
      const { entry, evidence } = await storedMarket(file, name, { marketFiles: context.markets().files });
      return { explanation: explanationOf(entry), evidence };
    },
    async runOnce(options) {
      const keeper = await context.keeper();
      const { state } = await context.config();
      const look = async () => {
        const report = await keeper.cycle(options);
        if (report.heldBy === noKey().message) throw noKey();
        return await cycleSummary(report);
      };
      return options.dryRun ? look() : whileLocked(state, look);
    },
    async runLoop(options) {
      const isFleet = envFiles.length > 1 || (await isWorker(context));
      if (isFleet) return runChains(envFiles, { ...options, secrets, variables });
      const keeper = await context.keeper();
      const config = await context.config();
      await whileLocked(config.state, () => runLoop(keeper, config, { ...options, secrets, variables }));
    },
    async verifyTransaction(hash, place) {
      if (place !== undefined && hash.length === WHOLE) {
        return verifyTransaction({ ...(await readers(context)), evidence: evidenceFrom(place) }, hash);
      }
      const keeper = await context.keeper();
      const evidence = place === undefined ? keeper.evidence : evidenceFrom(place);
      return verifyTransaction({ ...keeper, evidence }, wholeHash(keeper.store, hash));
    },
    status: () => statusNow(context, signal),
    doctor: () => doctorChecks(context),
    checkConfig: () => configChecks(context),
    newMarket: (name, like) => newMarket(marketNamed(context.markets().files, like), name),
    async recompute(request) {
      const folder = request.folder ?? join((await context.config()).state, "evidence");
      return recomputeFolder(folder, { ...request, marketFiles: soundMarkets(context.markets()) });
    },
    async rebuild(request) {
      const [config, deployment] = [await context.config(), await context.deployment()];
      const { client } = openChain(config);
      const stateFolder = config.state;
      const label = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      const parts = { client, deployment, stateFolder, label, ...request };
      return whileLocked(stateFolder, () => rebuildJournal(parts));
    },
    close: async () => context.close(),
  };
}

/** Characters of a whole transaction hash. */
const WHOLE = 66;

/** What somebody verifies with who keeps no journal and has no key: a node, the markets' files, and the record of the deployment if it is there. */
async function readers(context: Context) {
  const config = await context.config();
  const { client, rpc } = openChain(config);
  const deployment = await context.deployment().catch((error: unknown) => {
    if (ownError(error)?.code !== "NOT_DEPLOYED") throw error;
    return null;
  });
  const contract = deployment === null ? {} : { contract: deployment.contract.address as Hex };
  return { client, rpc, deployment, ...contract, marketFiles: soundMarkets(context.markets()) };
}

/** How the keeper is that may run in another process: the journal, and a look at everything now. */
async function statusNow(context: Context, signal: AbortSignal): Promise<StatusSnapshot> {
  const keeper = await context.keeper();
  const config = await context.config();
  const report = await betweenJumps(keeper, config, signal, () => keeper.cycle({ dryRun: true, signal }));
  const now = keeper.now();
  const book = createStatusBook(headOf(keeper, config), (hash) => evidenceBytes(keeper, hash));
  noteCycle(book, keeper, await cycleSummary(report));
  book.driven(report.lenders ?? []);
  book.calibrated(report.entries.flatMap(({ input }) => calibrationBook(keeper.store)(input)));
  const { cycles, lastCycle, ...said } = journalSays(keeper.store.recentTicks(1)[0], { now, ...config });
  // Without a key here it is not known whether the keeper that has one could send.
  const obstacles = keeper.signer === null ? {} : { obstacles: await keeper.rehearse(report, signal) };
  const { rpcQuorum } = config;
  const { markets } = book.snapshot();
  const how = await headlineAfter(keeper, { ...report, ...obstacles }, markets, { ...said, rpcQuorum });
  book.update({ keeper: { ...how, ...(said.live.ok ? {} : { state: "stopped" }), cycles, lastCycle } });
  return book.snapshot();
}

/** Whether this is a worker of a fleet. A configuration that cannot be read is told by the start, beside what is wrong with the record. */
async function isWorker({ config }: Pick<Context, "config">): Promise<boolean> {
  try {
    return (await config()).fleetChains !== null;
  } catch {
    return false;
  }
}

/** A replay's clock is the chain's, and is asked only when an end is to be compared with it. */
async function pauseNow(context: Context, request: Parameters<Services["pause"]>[0]): Promise<PauseResult> {
  const config = await context.config();
  if (config.clock !== "chain") return pauseKeeper(config, request, wallClock());
  const ends = request.until !== null;
  const now = ends ? await chainClock(openNodes(config, wallClock), config.chainId) : () => 0;
  return pauseKeeper(config, request, now());
}

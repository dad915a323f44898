import { join } from "node:path";
import { rebuildJournal } from "../audit/rebuild.ts";
import { type RecomputeRequest, recomputeFolder } from "../audit/recompute.ts";
import { storedMarket } from "../audit/storedMarket.ts";
import { verifyTransaction } from "../audit/verify.ts";
import type { ExplainedEvidence, Explanation, StatusSnapshot } from "../dashboard/status.ts";
import { createStatusBook } from "../dashboard/statusBook.ts";
import type { Hex } from "../domain/contract.ts";
import { ownError } from "../domain/errors.ts";
import type { Progress } from "../domain/progress.ts";
import { openNodes } from "../io/nodes.ts";
import { marketNamed, soundMarkets } from "../markets/marketFiles.ts";
import { newMarket } from "../markets/newMarket.ts";
import { chainClock } from "../protocols/chainClock.ts";
import { wallClock } from "../runtime/clock.ts";
import type { AskHidden } from "../runtime/signingKey.ts";
import { noKey } from "../submission/context.ts";
import { betweenJumps } from "./betweenJumps.ts";
import { calibrationBook } from "./calibrations.ts";
import { type ChainsOptions, runChains } from "./chains.ts";
import { type ChallengeOptions, challengeMarkets } from "./challengeLoop.ts";
import { headlineAfter, journalSays } from "./condition.ts";
import { configChecks } from "./configChecks.ts";
import { assessMarket, type Context, createContext, whileLocked } from "./context.ts";
import { doctorChecks } from "./doctor.ts";
import { evidenceFrom } from "./evidenceFrom.ts";
import { type FreezeRequest, freezeMarkets } from "./freezing.ts";
import { type KeystoreTask, runKeystore } from "./keystoreTasks.ts";
import { runLoop } from "./loop.ts";
import { openChain } from "./openChain.ts";
import { pauseKeeper, resumeKeeper } from "./pausing.ts";
import { evidenceBytes, headOf, noteCycle } from "./statusPage.ts";
import { cycleSummary, explanationOf } from "./summary.ts";
import { listTransactions, wholeHash } from "./transactions.ts";

/** What the operator's commands need from the composition root. */
export type Services = Omit<ReturnType<typeof createServices>, "secrets">;

/** An end that a command waits for, and words for people on the way. */
type Waiting = { readonly signal: AbortSignal; onNote(text: string): void };

/**
 * The services behind the commands; each part touches network, chain or journal on first use.
 * @param envFiles files of the chains' own variables: of several, which `runLoop` alone can serve, each is one chain
 */
export function createServices(
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
  askHidden: AskHidden,
  envFiles: readonly string[] = [],
) {
  const secrets: string[] = [];
  const context = createContext(variables, askHidden, { envFiles, secrets });
  return {
    secrets: secrets as readonly string[],
    /** Configured markets, in the order of the configuration. */
    marketNames: () => context.markets().names,
    /** One market observed and assessed; sends nothing. An unknown name is UNKNOWN_MARKET. */
    async assessNow(name: string): Promise<Explanation> {
      const { entry, ...positions } = await assessMarket(context, name, signal);
      return { ...explanationOf(entry), ...positions };
    },
    /** One market of a file of evidence, decided again; opens neither journal, chain nor configuration. */
    async explainStored(
      file: string,
      name: string,
    ): Promise<{ readonly explanation: Explanation; readonly evidence: ExplainedEvidence }> {
      const { entry, evidence } = await storedMarket(file, name, { marketFiles: context.markets().files });
      return { explanation: explanationOf(entry), evidence };
    },
    runOnce: (options: Parameters<typeof cycleNow>[1]) => cycleNow(context, options),
    /** Cycles until the signal aborts; each is reported as it ends, with its chain where several run. */
    async runLoop(options: Pick<ChainsOptions, "signal" | "onCycle">): Promise<void> {
      const isFleet = envFiles.length > 1 || (await isWorker(context));
      if (isFleet) return runChains(envFiles, { ...options, secrets, variables });
      const keeper = await context.keeper();
      const config = await context.config();
      await whileLocked(config.state, () => runLoop(keeper, config, { ...options, secrets, variables }));
    },
    verifyTransaction: (hash: string, evidence?: string) => verifyNow(context, hash, evidence),
    status: () => statusNow(context, signal),
    doctor: () => doctorChecks(context),
    checkConfig: () => configChecks(context),
    /** Begins a market's file from another's; replaces nothing. */
    newMarket: (name: string, like: string) => newMarket(marketNamed(context.markets().files, like), name),
    transactions: (options: Parameters<typeof listTransactions>[1]) => listTransactions(context, options),
    /** Cancels what waits for a block or offers it again at higher fees, and waits for the outcome. */
    moveTransaction: async (action: "cancel" | "bump", { signal: stop, onNote }: Waiting) =>
      (await context.keeper()).move(action, stop, onNote),
    /** Stops sending until a time (ISO, with zone) or `resume`. */
    pause: (request: Parameters<typeof pauseKeeper>[1]) => pauseNow(context, request),
    async resume() {
      const config = await context.config();
      return resumeKeeper(config, config.clock === "chain" ? 0 : wallClock());
    },
    freeze: (request: FreezeRequest, options: Waiting) => freezeMarkets(context, request, options),
    challenge: (options: ChallengeOptions) => challengeMarkets(context, variables, options),
    /** Makes or reads an encrypted key file; secrets come from files of their owner's alone, or from a terminal without echo. */
    keystore: (task: KeystoreTask) => runKeystore(task, askHidden),
    recompute: (request: RecomputeRequest) => recomputeNow(context, request),
    rebuild: (request: RebuildRequest) => rebuildNow(context, request),
    /** Releases what was opened. Called once, whatever the outcome. */
    close: async () => context.close(),
  };
}

/** One cycle over all markets; with `dryRun` nothing is sent or written. */
async function cycleNow(context: Context, options: { readonly dryRun: boolean; readonly signal: AbortSignal }) {
  const keeper = await context.keeper();
  const { state } = await context.config();
  const look = async () => {
    const report = await keeper.cycle(options);
    if (report.heldBy === noKey().message) throw noKey();
    return await cycleSummary(report);
  };
  return options.dryRun ? look() : whileLocked(state, look);
}

/** @param hash maybe the beginning of one in the journal. @param place of evidence, folder or web address; the keeper's own by default */
async function verifyNow(context: Context, hash: string, place: string | undefined) {
  if (place !== undefined && hash.length === WHOLE) {
    return verifyTransaction({ ...(await readers(context)), evidence: evidenceFrom(place) }, hash);
  }
  const keeper = await context.keeper();
  const evidence = place === undefined ? keeper.evidence : evidenceFrom(place);
  return verifyTransaction({ ...keeper, evidence }, wholeHash(keeper.store, hash));
}

/** Decides stored batches again with the present code; reads nothing but the evidence. */
async function recomputeNow(context: Context, request: RecomputeRequest) {
  const folder = request.folder ?? join((await context.config()).state, "evidence");
  return recomputeFolder(folder, { ...request, marketFiles: soundMarkets(context.markets()) });
}

type RebuildRequest = { readonly signal: AbortSignal; readonly progress: Progress };

/** Writes the journal again from chain and evidence. */
async function rebuildNow(context: Context, request: RebuildRequest) {
  const [config, deployment] = [await context.config(), await context.deployment()];
  const { client } = openChain(config);
  const label = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const parts = { client, deployment, stateFolder: config.state, label, ...request };
  return whileLocked(config.state, () => rebuildJournal(parts));
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
async function pauseNow(context: Context, request: Parameters<typeof pauseKeeper>[1]) {
  const config = await context.config();
  if (config.clock !== "chain") return pauseKeeper(config, request, wallClock());
  const ends = request.until !== null;
  const now = ends ? await chainClock(openNodes(config, wallClock), config.chainId) : () => 0;
  return pauseKeeper(config, request, now());
}

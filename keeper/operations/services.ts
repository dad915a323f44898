import { join } from "node:path";
import { rebuildJournal } from "../audit/rebuild.ts";
import { recomputeFolder } from "../audit/recompute.ts";
import { verifyTransaction } from "../audit/verify.ts";
import type { AskHidden } from "../cli/askHidden.ts";
import type { Services } from "../cli/services.ts";
import { createStatusBook } from "../dashboard/statusBook.ts";
import { openNodes } from "../io/nodes.ts";
import { allMarkets } from "../markets/registry.ts";
import { chainClient } from "../protocols/client.ts";
import { wallClock } from "../runtime/clock.ts";
import { killSwitches } from "../runtime/killSwitch.ts";
import { configChecks } from "./configChecks.ts";
import { assessMarket, type Context, createContext } from "./context.ts";
import { doctorChecks } from "./doctor.ts";
import { keeperState } from "./keeperState.ts";
import { runKeystore } from "./keystoreTasks.ts";
import { evidenceBytes } from "./lookups.ts";
import { headOf, noteCycle, runLoop } from "./loop.ts";
import { pauseKeeper, resumeKeeper } from "./pausing.ts";
import { cycleSummary, explanationOf } from "./summary.ts";
import { listTransactions } from "./transactions.ts";

/** The services behind the commands, each wired on first use. */
export function createServices(
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
  askHidden: AskHidden,
): Services & Pick<Context, "secrets"> {
  const context = createContext(variables, askHidden);
  return {
    secrets: context.secrets,
    // A replay's clock is the chain's: a time to come by this machine's clock says nothing there.
    async pause(request) {
      const config = await context.config();
      return pauseKeeper(config, request, config.clock === "chain" ? 0 : wallClock());
    },
    async resume() {
      const config = await context.config();
      return resumeKeeper(config, config.clock === "chain" ? 0 : wallClock());
    },
    transactions: (options) => listTransactions(context, options),
    async moveTransaction(action, { signal: stop, onNote }) {
      const keeper = await context.keeper();
      return keeper.move(action, stop, onNote);
    },
    keystore: (task) => runKeystore(task, askHidden),
    marketNames: () => allMarkets().map((market) => market.name),
    assessNow: async (name) => explanationOf(await assessMarket(context, name, signal)),
    async runOnce(options) {
      const keeper = await context.keeper();
      return cycleSummary(await keeper.cycle(options));
    },
    async runLoop(options) {
      const keeper = await context.keeper();
      await runLoop(keeper, await context.config(), { ...options, secrets: context.secrets });
    },
    async verifyTransaction(hash) {
      return verifyTransaction(await context.keeper(), hash);
    },
    async status() {
      const keeper = await context.keeper();
      const config = await context.config();
      const report = await keeper.cycle({ dryRun: true, signal });
      const now = keeper.now();
      const paused = killSwitches(config, now).reason;
      const [last] = keeper.store.recentTicks(1);
      const state = keeperState(last, { now, tickSeconds: config.tickSeconds, paused });
      const head = { ...headOf(keeper, state.state, state.message), keeper: state };
      const book = createStatusBook(head, (hash) => evidenceBytes(keeper, hash));
      noteCycle(book, keeper, cycleSummary(report));
      return book.snapshot();
    },
    doctor: () => doctorChecks(context),
    checkConfig: () => configChecks(context),
    async recompute(request) {
      return recomputeFolder(request.folder ?? join((await context.config()).state, "evidence"), request);
    },
    async rebuild(request) {
      const [config, deployment] = [await context.config(), await context.deployment()];
      const { chainId, state: stateFolder } = config;
      const client = chainClient({ chainId, rpc: openNodes(config, wallClock) });
      const label = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
      return rebuildJournal({ client, deployment, stateFolder, label, ...request });
    },
    close: async () => context.close(),
  };
}

import { join } from "node:path";
import type { Services } from "../cli/services.ts";
import { createStatusBook } from "../dashboard/statusBook.ts";
import { TonsorError } from "../domain/errors.ts";
import { allMarkets } from "../markets/registry.ts";
import { configChecks } from "./configChecks.ts";
import { createContext, marketsNamed, ROOT } from "./context.ts";
import { doctorChecks } from "./doctor.ts";
import { evidenceBytes } from "./lookups.ts";
import { headOf, noteCycle, runLoop } from "./loop.ts";
import { cycleSummary } from "./summary.ts";
import { verifyTransaction } from "./verify.ts";

/** The services behind the commands, each wired on first use. */
export function createServices(variables: NodeJS.ProcessEnv, signal: AbortSignal): Services {
  const context = createContext(variables);
  return {
    marketNames: () => allMarkets().map((market) => market.name),
    async assessNow(name) {
      const keeper = await context.keeper();
      const markets = marketsNamed(keeper, name);
      const report = await keeper.cycle({ dryRun: true, signal, markets });
      const [entry] = cycleSummary(report).entries;
      if (entry !== undefined) return entry.explanation;
      const why = report.failures[0]?.error ?? "the contract does not list it";
      throw new TonsorError("UNKNOWN_MARKET", `${name} could not be assessed: ${why}`, {
        field: "market",
        given: name,
      });
    },
    async runOnce(options) {
      const keeper = await context.keeper();
      return cycleSummary(await keeper.cycle(options));
    },
    async runLoop(options) {
      await runLoop(await context.keeper(), await context.config(), options);
    },
    async verifyTransaction(hash) {
      return verifyTransaction(await context.keeper(), hash);
    },
    async status() {
      const keeper = await context.keeper();
      const report = await keeper.cycle({ dryRun: true, signal });
      const last = keeper.store.recentTicks(1)[0];
      const message =
        last === undefined ? "No cycle was run yet." : `The last cycle ended: ${last.outcome ?? "not yet"}.`;
      const book = createStatusBook(headOf(keeper, "stopped", message), (hash) => evidenceBytes(keeper, hash));
      noteCycle(book, keeper, cycleSummary(report));
      return book.snapshot();
    },
    doctor: () => doctorChecks(context),
    checkConfig: () => configChecks(context),
    async startDemo(options) {
      const { playDemo } = await import("./demo.ts");
      await playDemo({ ...options, folder: join(ROOT, ".tonsor", "demo") });
    },
    close: async () => context.close(),
  };
}

import type { CycleSummary } from "../cli/services.ts";
import { startDashboard } from "../dashboard/server.ts";
import type { StatusSnapshot } from "../dashboard/status.ts";
import { createStatusBook, type StatusBook } from "../dashboard/statusBook.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Config } from "../runtime/config.ts";
import { createLogger, secretsOf } from "../runtime/logger.ts";
import { holdPort } from "./holdPort.ts";
import type { Keeper } from "./keeper.ts";
import { evidenceBytes, marketName } from "./lookups.ts";
import { cycleSummary, transactionStatus } from "./summary.ts";
import { runTicks } from "./ticks.ts";

/** Runs cycles on the schedule until the signal aborts, with the status page beside; reports each cycle as it ends. */
export async function runLoop(
  keeper: Keeper,
  config: Config,
  options: { readonly signal: AbortSignal; onCycle(cycle: CycleSummary): void },
): Promise<void> {
  const log = createLogger({ level: config.logLevel, secrets: secretsOf(config) });
  const book = createStatusBook(headOf(keeper, "starting", "Looking for the first time."), (hash) =>
    evidenceBytes(keeper, hash),
  );
  await (await holdPort(config.statusPort, "STATUS_PORT")).release();
  const page = await startDashboard({ port: config.statusPort, host: "127.0.0.1", data: book });
  log.info({ page: page.url, contract: keeper.contract, chainId: keeper.chainId }, "keeper started");
  let cycles = 0;
  const tick = async (signal: AbortSignal): Promise<void> => {
    const report = await keeper.cycle({ dryRun: false, signal });
    const summary = cycleSummary(report);
    if (report.stoodBack !== undefined) log.info({ stoodBack: report.stoodBack }, "let another replica act");
    if (report.tended !== undefined) log.warn({ tended: report.tended }, "an earlier transaction waits for a block");
    cycles += 1;
    noteCycle(book, keeper, summary);
    book.update({
      time: report.now,
      keeper: {
        state: report.heldBy === null ? "running" : "paused",
        message: report.heldBy === null ? "Looking at the market on every tick." : `Nothing is sent: ${report.heldBy}.`,
        cycles,
        lastCycle: report.now,
      },
    });
    options.onCycle(summary);
  };
  try {
    const end = await runTicks(tick, {
      config,
      queueName: queueName(keeper),
      log,
      signal: options.signal,
      onEvent(event) {
        if (event.kind === "failed") {
          const message = event.error instanceof Error ? event.error.message : String(event.error);
          log.error({ tick: event.tick, error: event.error }, `tick failed: ${message}`);
          book.update({ keeper: { state: "failed", message, cycles, lastCycle: null } });
        } else if (event.kind === "softTimeout") log.warn({ tick: event.tick }, "tick is slow and was asked to stop");
        else log.debug(event, event.kind);
      },
    });
    if (end === "stuck") {
      throw new TonsorError("RPC_FAILED", "a tick hangs and cannot be stopped from inside; start the keeper again");
    }
    log.info({ cycles }, "keeper stopped");
  } finally {
    await page.close();
  }
}

/** One queue for each chain, contract and key: what two processes of one key share, and two keys do not. */
export function queueName(keeper: Pick<Keeper, "chainId" | "contract" | "signer">): string {
  return `${keeper.chainId}-${keeper.contract}-${keeper.signer ?? "watching"}`.toLowerCase();
}

/** Writes one cycle into the book that the status page reads. */
export function noteCycle(book: StatusBook, keeper: Keeper, summary: CycleSummary): void {
  for (const { explanation, transaction } of summary.entries) {
    book.decided(explanation, transaction?.status === "CONFIRMED");
  }
  for (const intent of keeper.store.recentIntents(50)) {
    book.sent(transactionStatus(intent, (id) => marketName(keeper, id)));
  }
}

/** The head of a status snapshot of a live keeper. */
export function headOf(
  keeper: Keeper,
  state: StatusSnapshot["keeper"]["state"],
  message: string,
): Omit<StatusSnapshot, "markets" | "transactions"> {
  return {
    time: keeper.now(),
    keeper: { state, message, cycles: 0, lastCycle: null },
    data: { kind: "live", label: "live sources" },
    replay: null,
    chain: { chainId: keeper.chainId, contract: keeper.contract },
  };
}

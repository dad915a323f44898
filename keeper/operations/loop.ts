import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createStatusBook, type StatusBook } from "../dashboard/statusBook.ts";
import { isConfigurationError, ownError, TonsorError } from "../domain/errors.ts";
import { redact } from "../domain/words.ts";
import { VERSION } from "../io/version.ts";
import type { Keeper, KeeperIdentity } from "../keeper.ts";
import { monotonicClock, wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";
import { collectGarbage, type ScheduleEnd, type ScheduleEvent } from "../runtime/schedule.ts";
import { startWatchdog } from "../runtime/watchdog.ts";
import { calibrationBook } from "./calibrations.ts";
import { holdPort } from "./holdPort.ts";
import { housekeeping } from "./housekeeping.ts";
import { followPrices, type PriceMoves } from "./priceMoves.ts";
import { openServers } from "./servers.ts";
import { evidenceBytes, headOf, noteCycle } from "./statusPage.ts";
import { type CycleSummary, cycleFacts, cycleSummary } from "./summary.ts";
import { runTicks } from "./ticks.ts";
import type { Watch } from "./watch.ts";

type LoopOptions = {
  readonly signal: AbortSignal;
  readonly secrets: readonly string[];
  /** Those of the environment, among which systemd says that it watches. */
  readonly variables: NodeJS.ProcessEnv;
  /** Other chains run in this process: each line of the log names the chain. */
  readonly amongOthers?: true;
  onCycle(cycle: CycleSummary): void;
};

/** Runs cycles on the schedule until the signal aborts, with the status page beside; reports each cycle as it ends. */
export async function runLoop(keeper: Keeper, config: Config, options: LoopOptions): Promise<void> {
  const about = options.amongOthers && { about: { chain: keeper.chainId } };
  const log = createLogger({ level: config.logLevel, secrets: options.secrets, ...about });
  const book = createStatusBook(headOf(keeper, config), (hash) => evidenceBytes(keeper, hash));
  await (await holdPort(config.statusPort, "STATUS_PORT")).release();
  if (config.publicPort !== null) await (await holdPort(config.publicPort, "PUBLIC_PORT")).release();
  // Loaded here, so that every other command starts without it.
  const { watchKeeper } = await import("./watch.ts");
  const clean = (text: string) => redact(text, options.secrets);
  const watch = watchKeeper(keeper, { ...config, clean }, log, monotonicClock.now);
  const data = { ...book, operations: watch.operations, notice: keeper.notice };
  const servers = await openServers(keeper, { ...config, clean }, log, data).catch((error: unknown) => {
    watch.close();
    throw error;
  });
  const { signer, contract, chainId } = keeper;
  log.info({ ...servers.urls, version: VERSION, signer, contract, chainId }, "keeper started");

  const endWatchdog = startWatchdog(options.variables, (why) => log.warn(why));
  const { rpcWsUrl } = config;
  const moves = rpcWsUrl === null ? null : followPrices(keeper, rpcWsUrl, log, monotonicClock.now);
  const loop = { keeper, config, options, log, book, watch, moves, cycles: 0 };
  // A loop that hangs is left behind: what hangs cannot be stopped from inside, and the process ends.
  const givingUp = new AbortController();
  const refused = Promise.withResolvers<TonsorError>();
  try {
    const ticking = runTicks(cycleRunner(loop), {
      config,
      queueName: queueName(keeper),
      log,
      signal: AbortSignal.any([options.signal, givingUp.signal]),
      onEvent: (event) => noteEvent(loop, event, refused.resolve),
      ...(moves === null ? {} : { due: moves.moved }),
    });
    const end = await Promise.race([ticking, refused.promise, watch.dead.then((stuck) => ({ stuck }))]);
    const error = errorOf(end, log);
    if (error !== null) {
      givingUp.abort(error);
      throw error;
    }
    log.info({ cycles: loop.cycles }, "keeper stopped");
  } finally {
    endWatchdog();
    moves?.close();
    watch.close();
    await servers.close();
  }
}

/** A loop that runs. */
type Loop = {
  readonly keeper: Keeper;
  readonly config: Config;
  readonly options: LoopOptions;
  readonly log: Logger;
  readonly book: StatusBook;
  readonly watch: Watch;
  readonly moves: PriceMoves | null;
  /** Cycles that came to their end. */
  cycles: number;
};

/** What is done on each tick: one cycle, then everything that is reported of it. */
function cycleRunner(loop: Loop): (signal: AbortSignal, number: number) => Promise<void> {
  const { keeper, config, log, book, watch, options } = loop;
  const { store, evidence } = keeper;
  const calibrationOf = calibrationBook(store);
  const impact = join(config.state, "impact");
  const tidy = housekeeping({ store, evidence, impact, days: config.retentionDays, disk: wallClock });
  return async (signal, tick) => {
    const report = await keeper.cycle({ dryRun: false, signal });
    const { now, yielded, openTransaction } = report;
    const summary = await cycleSummary(report, setImmediate);
    if (yielded !== undefined) log.info({ tick, yielded }, "yielded to another keeper instance");
    if (openTransaction !== undefined) log.warn({ tick, openTransaction }, "an earlier transaction waits for a block");
    loop.cycles += 1;
    noteCycle(book, keeper, summary);
    const kept = report.entries.flatMap(({ input }) => calibrationOf(input));
    book.calibrated(kept);
    book.driven(report.lenders ?? []);
    watch.calibrated(kept);
    loop.moves?.cycleDone(report);
    watch.cycleDone(report, book.snapshot().markets);
    book.update({ time: now, keeper: { ...watch.operations.headline(), cycles: loop.cycles, lastCycle: now } });
    await setImmediate();
    log.info(cycleFacts(report, summary, tick), "cycle");
    await setImmediate();
    options.onCycle(summary);
    const removed = await tidy(now);
    if (removed !== null) log.info(removed, "removed what is older than the retention");
    await setImmediate();
    collectGarbage();
  };
}

/** @param refuse ends the loop with an error that only a person can correct */
function noteEvent(loop: Loop, event: ScheduleEvent, refuse: (error: TonsorError) => void): void {
  const { keeper, log, watch, moves, options } = loop;
  watch.onEvent(event);
  moves?.onEvent(event);
  if (event.kind === "softTimeout") log.warn({ tick: event.tick }, "tick is slow and was asked to stop");
  else if (event.kind !== "failed") log.debug(event, event.kind);
  else if (options.signal.aborted) log.info({ tick: event.tick }, "tick was stopped");
  else {
    const message = event.error instanceof Error ? event.error.message : String(event.error);
    log.error({ tick: event.tick, error: event.error }, `tick failed: ${message}`);
    const own = ownError(event.error);
    // Until every source was found to be the right one, what only a person can correct is no reason to try again.
    const starting = loop.cycles === 0 || keeper.wiringProblems().length > 0;
    if (own?.code === "STATE_LOST" || (starting && own !== null && isConfigurationError(own.code))) refuse(own);
  }
}

/** The error with which the loop ends, logged; null when it was asked to stop. */
function errorOf(end: ScheduleEnd | TonsorError | { readonly stuck: string }, log: Logger): TonsorError | null {
  if (end instanceof TonsorError) {
    log.fatal({ code: end.code }, end.code === "STATE_LOST" ? "gives up" : "refuses to start");
    return end;
  }
  if (end !== "stuck" && typeof end !== "object") return null;
  const reason = end === "stuck" ? "a tick hangs and cannot be stopped from inside" : end.stuck;
  log.fatal({ reason }, "no progress: giving up, to be started again");
  return new TonsorError("STUCK", reason);
}

/** One queue for each chain, contract and key: what two processes of one key share, and two keys do not. */
function queueName({ chainId, contract, signer }: Pick<KeeperIdentity, "chainId" | "contract" | "signer">): string {
  return `${chainId}-${contract}-${signer ?? "watching"}`.toLowerCase();
}

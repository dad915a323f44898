import { join } from "node:path";
import { EXIT, exitCodeOf } from "../cli/exitCode.ts";
import type { CycleSummary } from "../cli/services.ts";
import { type Rejected, startCosignServer } from "../cosign/cosignServer.ts";
import { cosignSettings } from "../cosign/openCosigning.ts";
import { startDashboard } from "../dashboard/server.ts";
import type { StatusSnapshot } from "../dashboard/status.ts";
import { createStatusBook, type StatusBook } from "../dashboard/statusBook.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import type { Keeper } from "../keeper.ts";
import { startAdminServer } from "../runtime/adminServer.ts";
import { monotonicClock, wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";
import { collectGarbage } from "../runtime/schedule.ts";
import { HELLO, helloOf } from "./cosignHello.ts";
import { holdPort } from "./holdPort.ts";
import { housekeeping } from "./housekeeping.ts";
import { evidenceBytes, marketName } from "./lookups.ts";
import { pauseKeeper, resumeKeeper } from "./pausing.ts";
import { cycleFacts, cycleSummary, transactionStatus } from "./summary.ts";
import { runTicks } from "./ticks.ts";
import { VERSION } from "./version.ts";

/** Runs cycles on the schedule until the signal aborts, with the status page beside; reports each cycle as it ends. */
export async function runLoop(
  keeper: Keeper,
  config: Config,
  options: {
    readonly signal: AbortSignal;
    readonly secrets: readonly string[];
    onCycle(cycle: CycleSummary): void;
  },
): Promise<void> {
  const log = createLogger({ level: config.logLevel, secrets: options.secrets });
  const book = createStatusBook(headOf(keeper, "starting", "Looking for the first time."), (hash) =>
    evidenceBytes(keeper, hash),
  );
  await (await holdPort(config.statusPort, "STATUS_PORT")).release();
  // Loaded here, so that every other command starts without it.
  const { watchKeeper } = await import("./operations.ts");
  const watch = watchKeeper(keeper, config, log, monotonicClock.now);
  const data = { ...book, operations: watch.operations };
  const page = await startDashboard({ port: config.statusPort, host: config.statusHost, data });
  const admin = await openAdmin(keeper, config, log);
  const cosigns = await openCosignServer(keeper, config, log);
  log.info(
    {
      page: page.url,
      admin: admin?.url ?? null,
      cosign: cosigns?.url ?? null,
      version: VERSION,
      signer: keeper.signer,
      contract: keeper.contract,
      chainId: keeper.chainId,
    },
    "keeper started",
  );
  let cycles = 0;
  const { store, evidence } = keeper;
  const tidy = housekeeping({
    store,
    evidence,
    impact: join(config.state, "impact"),
    days: config.retentionDays,
    disk: wallClock,
  });
  const tick = async (signal: AbortSignal, number: number): Promise<void> => {
    const report = await keeper.cycle({ dryRun: false, signal });
    const summary = cycleSummary(report);
    if (report.yielded !== undefined)
      log.info({ tick: number, yielded: report.yielded }, "yielded to another keeper instance");
    if (report.openTransaction !== undefined)
      log.warn({ tick: number, openTransaction: report.openTransaction }, "an earlier transaction waits for a block");
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
    watch.cycleDone(report, book.snapshot().markets);
    log.info(cycleFacts(report, number), "cycle");
    options.onCycle(summary);
    const removed = await tidy(report.now);
    if (removed !== null) log.info(removed, "removed what is older than the retention");
    collectGarbage();
  };
  // A loop that hangs is left behind: what hangs cannot be stopped from inside, and the process ends.
  const givingUp = new AbortController();
  const refused = Promise.withResolvers<TonsorError>();
  try {
    const ticking = runTicks(tick, {
      config,
      queueName: queueName(keeper),
      log,
      signal: AbortSignal.any([options.signal, givingUp.signal]),
      onEvent(event) {
        watch.onEvent(event);
        if (event.kind === "failed" && options.signal.aborted) log.info({ tick: event.tick }, "tick was stopped");
        else if (event.kind === "failed") {
          const message = event.error instanceof Error ? event.error.message : String(event.error);
          log.error({ tick: event.tick, error: event.error }, `tick failed: ${message}`);
          const own = ownError(event.error);
          // Before all was seen sound, what only a person can correct is no reason to try again.
          const first = cycles === 0 || keeper.wiringProblems().length > 0;
          if (first && own !== null && exitCodeOf(own.code) === EXIT.config) refused.resolve(own);
          book.update({ keeper: { state: "failed", message, cycles, lastCycle: null } });
        } else if (event.kind === "softTimeout") log.warn({ tick: event.tick }, "tick is slow and was asked to stop");
        else log.debug(event, event.kind);
      },
    });
    const end = await Promise.race([ticking, refused.promise, watch.dead.then((reason) => ({ reason }))]);
    if (end instanceof TonsorError) {
      log.fatal({ code: end.code }, "refuses to start");
      givingUp.abort(end);
      throw end;
    }
    if (end === "stuck" || typeof end === "object") {
      const reason = end === "stuck" ? "a tick hangs and cannot be stopped from inside" : end.reason;
      log.fatal({ reason }, "no progress: giving up, to be started again");
      givingUp.abort(new Error(reason));
      throw new TonsorError("STUCK", reason);
    }
    log.info({ cycles }, "keeper stopped");
  } finally {
    watch.close();
    await Promise.all([page.close(), admin?.close(), cosigns?.close()]);
  }
}

/** The admin calls, when there is a token for them. */
async function openAdmin(keeper: Keeper, config: Config, log: Logger) {
  if (config.adminToken === null) return null;
  return startAdminServer(
    { port: config.adminPort, token: config.adminToken },
    {
      pause(request) {
        log.warn(request, "admin call: pause");
        return pauseKeeper(config, request, keeper.now());
      },
      resume() {
        log.warn("admin call: resume");
        return resumeKeeper(config, keeper.now());
      },
    },
  );
}

/** Where other replicas ask for signatures, when co-signing is on. */
async function openCosignServer({ cosigning, signer }: Keeper, config: Config, log: Logger) {
  const settings = cosignSettings(config.cosign);
  if (settings === null || cosigning === null || signer === null) return null;
  const { host, port, secret } = settings;
  const { cosigner, events, place } = cosigning;
  const paths = { [HELLO]: async () => helloOf({ place }, signer, wallClock()) };
  const onRejected = (reason: Rejected) => {
    log.warn({ reason }, "a co-signing request was refused unread");
    events.note({ kind: "rejected", reason });
  };
  const answered = async (body: unknown) => {
    const answer = await cosigner.answer(body).catch((error: unknown) => {
      log.error({ error }, "a proposal could not be looked at");
      throw error;
    });
    if ("share" in answer) log.info({ proposal: body }, "signed another replica's batch");
    else log.warn({ proposal: body, refused: answer.refused }, "did not sign another replica's batch");
    events.note({ kind: "asked", answer: "share" in answer ? "SIGNED" : answer.refused.code });
    return answer;
  };
  return startCosignServer({ host, port, secret, now: wallClock }, answered, { paths, onRejected });
}

/** One queue for each chain, contract and key: what two processes of one key share, and two keys do not. */
function queueName(keeper: Pick<Keeper, "chainId" | "contract" | "signer">): string {
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

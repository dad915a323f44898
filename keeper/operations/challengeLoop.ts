import type { Hex } from "../domain/contract.ts";
import { isConfigurationError, ownError, TonsorError } from "../domain/errors.ts";
import { redact } from "../domain/words.ts";
import { monotonicClock } from "../runtime/clock.ts";
import { ping } from "../runtime/notifier.ts";
import { runSchedule, type ScheduleEvent } from "../runtime/schedule.ts";
import { startWatchdog } from "../runtime/watchdog.ts";
import type { ChallengeWatch } from "./challengeWatch.ts";
import { ableTo, type ChallengeLook, openWatcher } from "./challenging.ts";
import type { Context } from "./context.ts";
import { closingParts, openChain } from "./openChain.ts";

export type ChallengeOptions = {
  readonly once: boolean;
  /** Closes what MOVED proves, too. */
  readonly moved: boolean;
  readonly signal: AbortSignal;
  /** A look, or why there was none; the next one follows a tick later. */
  onLook(look: ChallengeLook | Error): void;
  /** Words for people on the way. */
  onNote(text: string): void;
};

/**
 * Watches every market and challenges what the chain proves, each tick until the signal aborts, with health,
 * metrics, dead man's switch and watchdog as a keeper has them. What is wrong with the configuration ends it at its first look;
 * later it is a look that failed, for a node that lies could else end it for good.
 * @param variables those of the environment, among which systemd says that it watches
 * @throws TonsorError what hinders the first look or, with `once`, the one; BAD_ARGUMENT for a port in use; STUCK
 */
export async function challengeMarkets(
  context: Context,
  variables: NodeJS.ProcessEnv,
  { once, moved, signal, onLook, onNote }: ChallengeOptions,
): Promise<void> {
  const config = await context.config();
  const deployment = await context.deployment();
  const { nodes, client, rpc } = openChain(config);
  const contract = deployment.contract.address as Hex;
  const parts = closingParts(config, client, { contract, account: await context.account(), expected: POWERLESS });
  const lookAt = openWatcher({ deployment, parts, rpc, moved });
  if (once) {
    const look = await lookAt(signal);
    onLook(look);
    const { ok, reason } = ableTo(look, config.clock);
    if (!ok) throw new TonsorError("RPC_FAILED", reason);
    // Before the end: what is not awaited then is not asked.
    if (config.deadmanUrl !== null) await ping(config.deadmanUrl);
    return;
  }
  const clean = (text: string) => redact(text, context.secrets);
  const about = { chainId: config.chainId, contract };
  const asked = () => (typeof nodes === "string" ? [] : nodes.nodes());
  // Loaded here, so that every other command starts without it.
  const { watchChallenges } = await import("./challengeWatch.ts");
  const watch = await watchChallenges(about, { ...config, clean, onNote, nodes: asked }, monotonicClock.now);
  onNote(`watches ${contract} with the key ${parts.account.address}; health and metrics at ${watch.url}`);
  const endWatchdog = startWatchdog(variables, onNote);
  const givingUp = new AbortController();
  try {
    await untilEnd({ lookAt, moved, watch, config, signal, onLook, onNote, givingUp });
  } finally {
    givingUp.abort();
    endWatchdog();
    await watch.close();
  }
}

const POWERLESS = "a key of its own without any power: KEYSTORE_FILE or REMOTE_SIGNER_URL (--env challenger.env)";

type Loop = Pick<ChallengeOptions, "moved" | "signal" | "onLook" | "onNote"> & {
  readonly lookAt: ReturnType<typeof openWatcher>;
  readonly watch: ChallengeWatch;
  readonly config: Awaited<ReturnType<Context["config"]>>;
  /** Leaves a look behind that hangs: the process ends. */
  readonly givingUp: AbortController;
};

/** Looks on the schedule until the signal aborts. @throws what refuses the first look; STUCK */
async function untilEnd({ lookAt, moved, watch, config, signal, onLook, onNote, givingUp }: Loop): Promise<void> {
  const refused = Promise.withResolvers<TonsorError>();
  let looks = 0;
  const look = async (stop: AbortSignal) => {
    const seen = await lookAt(stop);
    looks += 1;
    watch.looked(seen);
    onLook(seen);
    if (looks === 1 && seen.staleOnly.length > 0)
      onNote(`no feeds to compare${moved ? " or follow" : ""}, stale alone is proven: ${seen.staleOnly.join(", ")}`);
  };
  const onEvent = (event: ScheduleEvent) => {
    watch.onEvent(event);
    if (event.kind !== "failed" || signal.aborted) return;
    const own = ownError(event.error);
    if (looks === 0 && own !== null && isConfigurationError(own.code)) refused.resolve(own);
    else onLook(own ?? (event.error instanceof Error ? event.error : new Error(String(event.error))));
  };
  const { softTimeoutSeconds, hardTimeoutSeconds } = config.schedule;
  const times = {
    everyMs: config.tickSeconds * 1_000,
    ...{ softTimeoutMs: softTimeoutSeconds * 1_000, hardTimeoutMs: hardTimeoutSeconds * 1_000 },
  };
  const ends = AbortSignal.any([signal, givingUp.signal]);
  const looking = runSchedule(look, { ...times, clock: monotonicClock, signal: ends, onEvent });
  const end = await Promise.race([looking, refused.promise, watch.dead]);
  if (end instanceof TonsorError) throw end;
  if (end !== "stopped")
    throw new TonsorError("STUCK", end === "stuck" ? "a look hangs and cannot be stopped from inside" : end);
}

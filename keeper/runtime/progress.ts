import type { Config } from "./config.ts";

/** When the keeper last made progress. Milliseconds of a monotonic clock. */
type Progress = {
  /** A tick succeeded that read block `head` at `readMs`. A tick that failed is no progress. */
  done(nowMs: number, head: bigint, readMs?: number): void;
  /** Whether it still makes progress, and in words why not. */
  live(nowMs: number): { readonly ok: boolean; readonly reason: string };
  /** For how long it has been beyond its limits, milliseconds. */
  overMs(nowMs: number): number;
};

type ProgressLimits = {
  /** Without a finished tick for this long it is not live. */
  readonly tickLimitMs: number;
  /** With the same block in every tick for this long it is blind; null: the chain may stand still. */
  readonly headLimitMs: number | null;
};

/** Lengths of a tick without one that finished, after which the keeper counts as dead. */
const LIVE_TICKS = 5;

/** When what ticks counts as dead: without a finished tick, or with the same block, for so long. */
export function progressLimits({
  tickSeconds,
  schedule,
  clock,
}: Pick<Config, "tickSeconds" | "schedule" | "clock">): ProgressLimits {
  const ticksMs = LIVE_TICKS * tickSeconds * 1_000;
  return {
    // A tick that is slow but within its limits is progress to come: the limit is never shorter than a tick may last.
    tickLimitMs: Math.max(ticksMs, schedule.hardTimeoutSeconds * 1_000),
    // A development chain that is itself the clock may stand still for as long as its owner likes.
    headLimitMs: clock === "chain" ? null : Math.max(ticksMs, schedule.headStallSeconds * 1_000),
  };
}

/**
 * Progress since `startMs`. Progress is a finished tick on a newer block, not a process that answers: a keeper whose
 * sockets hang, or whose node shows one block for ever, still answers every ping.
 */
export function createProgress(limits: ProgressLimits, startMs: number): Progress {
  let lastDone = startMs;
  let lastHead = startMs;
  let head = -1n;
  const behind = (nowMs: number) => {
    const tick = nowMs - lastDone;
    const block = limits.headLimitMs === null ? 0 : nowMs - lastHead;
    return { tick, block };
  };
  return {
    done(nowMs, seen, readMs = nowMs) {
      lastDone = nowMs;
      // The block was new when it was read, however long the tick then took.
      if (seen > head) lastHead = readMs;
      if (seen > head) head = seen;
    },
    live(nowMs) {
      const { tick, block } = behind(nowMs);
      const seconds = (ms: number) => `${Math.round(ms / 1000)} s`;
      if (tick > limits.tickLimitMs) {
        return { ok: false, reason: `no tick has finished for ${seconds(tick)}, limit ${seconds(limits.tickLimitMs)}` };
      }
      if (limits.headLimitMs !== null && block > limits.headLimitMs) {
        return {
          ok: false,
          reason: `the chain has been at block ${head} for ${seconds(block)}, limit ${seconds(limits.headLimitMs)}`,
        };
      }
      return { ok: true, reason: `the last tick finished ${seconds(tick)} ago` };
    },
    overMs(nowMs) {
      const { tick, block } = behind(nowMs);
      const overHead = limits.headLimitMs === null ? 0 : block - limits.headLimitMs;
      return Math.max(0, tick - limits.tickLimitMs, overHead);
    },
  };
}

import type { Hex } from "../domain/contract.ts";
import type { CycleReport } from "../domain/cycle.ts";
import type { PriceFeedAnswer } from "../domain/observation.ts";
import { followHeads } from "../io/heads.ts";
import type { KeeperChain } from "../keeper.ts";
import type { Logger } from "../runtime/logger.ts";
import { problemLog } from "../runtime/redis/redisSchedule.ts";
import type { ScheduleEvent } from "../runtime/schedule.ts";
import { readPriceFeeds } from "../venues/priceFeed.ts";

/** From one look at the feeds, a cycle's or one between two, to the next at least, whatever a node announces, milliseconds. */
const LEAST_MS = 5_000;
/** How often a line that ends again and again is said in the log, milliseconds. */
const REPEAT_MS = 60_000;

/** What ends the wait for the next cycle early. */
export type PriceMoves = {
  /** Aborted once a feed has moved since the last cycle looked. */
  moved(): AbortSignal;
  /** A cycle begins, or has ended. */
  onEvent(event: ScheduleEvent): void;
  /** What the cycle decided on. */
  cycleDone(report: Pick<CycleReport, "entries">): void;
  close(): void;
};

/**
 * Follows the blocks that a node announces, and reads the markets' price feeds at each, or once in five seconds for all of them,
 * between two cycles: where one answers another price than the last cycle decided on, the next cycle is due. What cannot be read is
 * left to the next block, or the timer.
 * @param url ws:// or wss:// of a node
 * @param monotonic a clock that never jumps, milliseconds
 */
export function followPrices(
  { rpc }: Pick<KeeperChain, "rpc">,
  url: string,
  log: Pick<Logger, "info" | "warn">,
  monotonic: () => number,
): PriceMoves {
  let move = new AbortController();
  let decidedOn: readonly PriceFeedAnswer[] = [];
  let looked = Number.NEGATIVE_INFINITY;
  let resting = false;
  let reading = false;
  let announced = false;
  let soon: NodeJS.Timeout | undefined;

  /** A block that comes too soon, or during a cycle, is looked at as soon as may be: no other need follow it. */
  const look = async (): Promise<void> => {
    clearTimeout(soon);
    if (!announced || !resting || reading) return;
    const earlyMs = looked + LEAST_MS - monotonic();
    if (earlyMs > 0) {
      soon = setTimeout(look, earlyMs);
      return;
    }
    [announced, reading, looked] = [false, true, monotonic()];
    const { signal } = move;
    try {
      const block = await rpc.block("latest");
      const feeds = decidedOn.map(({ source, feed }) => ({ name: source, address: feed as Hex }));
      const answers = await readPriceFeeds(rpc, feeds, block);
      const [moved] = decidedOn.flatMap(({ source, priceUsd: from }, n) => {
        const to = answers[n]?.observation?.priceUsd ?? from;
        return to === from ? [] : [{ feed: source, from, to }];
      });
      if (moved === undefined || signal !== move.signal) return;
      log.info(moved, "a price feed moved: the next cycle is due");
      move.abort();
    } catch {
      // A node that does not answer is the cycle's to report.
    } finally {
      reading = false;
    }
    await look();
  };
  const unfollow = followHeads(url, {
    onSubscribed: () => log.info({}, "the node announces its blocks"),
    onHead() {
      announced = true;
      void look();
    },
    onProblem: problemLog({
      everyMs: REPEAT_MS,
      now: monotonic,
      write: ({ message, times }) => log.warn({ times }, message),
    }),
  });
  return {
    moved: () => move.signal,
    onEvent({ kind }) {
      if (kind === "tick") {
        [move, looked, resting, announced] = [new AbortController(), monotonic(), false, false];
      }
      if (kind === "failed") decidedOn = [];
      if (kind !== "done" && kind !== "failed") return;
      resting = decidedOn.length > 0;
      void look();
    },
    cycleDone({ entries }) {
      const seen = entries.flatMap(({ input }) => input.observed.map(({ observation }) => observation));
      const feeds = seen.filter((one) => one?.kind === "priceFeed");
      decidedOn = [...new Map(feeds.map((one) => [one.source, one])).values()];
    },
    close() {
      unfollow();
      resting = false;
      clearTimeout(soon);
    },
  };
}

import type { Journal } from "../domain/journal.ts";
import type { KeeperIdentity } from "../keeper.ts";
import { monotonicClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";

/** Reads at most, and for how long the keeper's cycle after a jump is waited for, milliseconds. */
const READS = 4;
const WAIT_MS = 3_000;
const LOOK_EVERY_MS = 50;

/**
 * What `read` returns. A replay's time jumps by hours, and until its keeper has had its cycle the market on chain is half
 * moved: what was read across a jump is read again after that cycle. Without a keeper that has cycles, or by the wall
 * clock, it is as first read.
 */
export async function betweenJumps<T>(
  { store, now }: { readonly store: Pick<Journal, "recentTicks"> } & Pick<KeeperIdentity, "now">,
  { clock, tickSeconds }: Pick<Config, "clock" | "tickSeconds">,
  signal: AbortSignal,
  read: () => Promise<T>,
  { sleep } = monotonicClock,
): Promise<T> {
  const lastTick = () => store.recentTicks(1)[0];
  for (let reads = 1; ; reads += 1) {
    const before = lastTick();
    const result = await read();
    const after = lastTick();
    const still = after?.id === before?.id && (after === undefined || now() - after.now <= 2 * tickSeconds);
    if (clock === "wall" || still || reads === READS) return result;
    const isDone = (tick = lastTick()) => tick?.id !== after?.id && tick?.outcome !== null;
    let waited = 0;
    for (; !isDone() && waited < WAIT_MS; waited += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS, signal);
    if (waited >= WAIT_MS) return result;
  }
}

import { type Ramps, rampsOf } from "../dashboard/ramp.ts";
import type { ChainView } from "../domain/cycle.ts";
import { bpsPercent } from "../domain/format.ts";
import { jsonFile } from "../journal/files.ts";

/** A receiver that does not answer is tried again after this, milliseconds. */
const PAUSE_MS = 60_000;

type Ramp = Ramps["ramps"][number];

/**
 * Tells a receiver of each ramp once: when it begins, and when its target turns. What was told is kept in `file`, so that a
 * restart tells nothing twice; what was not accepted is told later. Times are those of `/api/ramps`, which has every point.
 * @param post true when it was accepted
 * @param monotonic milliseconds
 * @returns to be called after each look at the chain; resolves when all is told, or nobody listens
 */
export function rampWebhook(
  file: string,
  post: (told: ReturnType<typeof rampTold>) => Promise<boolean>,
  monotonic: () => number,
): (chain: ChainView | null) => Promise<void> {
  const memory = jsonFile(file);
  let known: Map<string, number> | null = null;
  let [isBusy, restsUntil] = [false, Number.NEGATIVE_INFINITY];
  const tell = async (chain: ChainView) => {
    const before = known ?? new Map(Object.entries(((await memory.recall()) ?? {}) as Record<string, number>));
    const { ramps, ...where } = rampsOf(chain);
    // A market without a ramp is forgotten: the next one may have the same target.
    const now = new Map<string, number>();
    for (const ramp of ramps) {
      const [id, told] = [String(ramp.marketId), before.get(String(ramp.marketId))];
      const mayTell = told !== ramp.toBps && monotonic() >= restsUntil;
      const isTold = mayTell && (await post(rampTold(where, ramp)).catch(() => false));
      if (mayTell && !isTold) restsUntil = monotonic() + PAUSE_MS;
      const kept = isTold ? ramp.toBps : told;
      if (kept !== undefined) now.set(id, kept);
    }
    known = now;
    const told = Object.fromEntries(now);
    // Without a file it is told again after a restart.
    if (JSON.stringify(told) !== JSON.stringify(Object.fromEntries(before))) await memory.keep(told);
  };
  return async (chain) => {
    if (chain === null || isBusy) return;
    isBusy = true;
    await tell(chain).finally(() => {
      isBusy = false;
    });
  };
}

function rampTold({ form: _, ...where }: Omit<Ramps, "ramps">, { points, ...ramp }: Ramp) {
  const [first, last] = [points[0]?.time ?? where.time, points.at(-1)?.time ?? where.time];
  const on = (time: number) => new Date(time * 1_000).toISOString().replace(":00.000Z", "Z");
  const way = ramp.toBps > ramp.fromBps ? "rises" : "falls";
  const text = `${ramp.market}: maintenance ${way} from ${bpsPercent(ramp.fromBps)} to ${bpsPercent(ramp.toBps)}, at the earliest from ${on(first)} to ${on(last)}. chain ${where.chainId}, ${where.contract}`;
  return { form: "tonsor.ramp.v1", ...where, ...ramp, firstMoveAt: first, reachedAt: last, text };
}

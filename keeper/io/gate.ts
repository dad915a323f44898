import type { ServerResponse } from "node:http";
import { setTimeout as rest } from "node:timers/promises";

/** Answers that are waited for, made or read at once: each holds its bytes until they are read. */
const MOST_OPEN = 16;
/** How long one may take from its request to its last byte, milliseconds. */
const LONGEST_MS = 60_000;
/** So many times as long as the last answer took to make, none is made; at most 10 s. */
const REST_TIMES = 4;
const LONGEST_REST_MS = 10_000;

/**
 * Returns what makes answers that hold the event loop, as evidence is unpacked and hashed: in turn, in a fifth of the
 * time, so that whoever asks a hundred times stops no keeper; and few at once, each cut off when it is not read, so that
 * they fill no memory. It answers null, at once, while too many are open, and for a response that is closed in its turn.
 * @example await openGate()(response, async () => "made") // "made"
 */
export function openGate() {
  let open = 0;
  let turn: Promise<unknown> = Promise.resolve();
  return async <Made>(response: ServerResponse, make: () => Promise<Made>): Promise<Made | null> => {
    if (open >= MOST_OPEN) return null;
    open += 1;
    const late = setTimeout(() => response.destroy(), LONGEST_MS).unref();
    response.once("close", () => {
      open -= 1;
      clearTimeout(late);
    });
    let tookMs = 0;
    const made = turn.then(async () => {
      if (response.closed) return null;
      const began = performance.now();
      return await make().finally(() => {
        tookMs = performance.now() - began;
      });
    });
    const restMs = () => Math.min(REST_TIMES * tookMs, LONGEST_REST_MS);
    turn = made.catch(() => undefined).then(async () => rest(restMs(), undefined, { ref: false }));
    return made;
  };
}

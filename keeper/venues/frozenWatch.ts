import { fault } from "../domain/fault.ts";
import type { Observed, OptionBoard } from "../domain/observation.ts";

/** A live board of dozens of marks moves with its index every second or so. */
const MAX_STILL_SECONDS = 60;

/** A watch for each of several sources. @example const watch = frozenWatches(); watch(boardOfEther); watch(boardOfBitcoin) */
export function frozenWatches(): ReturnType<typeof frozenWatch> {
  const watches = new Map<string, ReturnType<typeof frozenWatch>>();
  return (observed) => {
    const watch = watches.get(observed.source) ?? frozenWatch();
    watches.set(observed.source, watch);
    return watch(observed);
  };
}

/**
 * Watches the boards of one source whose time may be that of the *answer* and not of the data: there a dead
 * pricing engine behind a living web server looks fresh for ever. Quotes that stay the same to the last digit for more
 * than 60 s while the venue's clock goes on are FROZEN: nothing observed, until a quote moves again.
 * @example const watch = frozenWatch(); watch(board); watch(sameBoardTwoMinutesLater).faults[0]?.code // "FROZEN"
 */
export function frozenWatch(): (observed: Observed<OptionBoard>) => Observed<OptionBoard> {
  let text = "";
  let since = 0;
  return (observed) => {
    const { observation, source, faults } = observed;
    if (observation === null) return observed;
    const { indexUsd, quotes, eventTime } = observation;
    const now = JSON.stringify([indexUsd, quotes]);
    if (now !== text) {
      text = now;
      since = eventTime;
      return observed;
    }
    const still = eventTime - since;
    if (still <= MAX_STILL_SECONDS) return observed;
    const detail = `every quote stood still for ${still} s of the venue's clock, limit ${MAX_STILL_SECONDS} s`;
    return { source, observation: null, faults: [fault("FROZEN", source, detail), ...faults] };
  };
}

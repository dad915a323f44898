import { fault } from "../domain/fault.ts";
import type { Observed } from "../domain/observation.ts";
import type { Ask, SharedRead, VenueShare } from "./venue.ts";

type Read = { readonly beganMs: number; readonly value: Promise<unknown>; readonly givenTo: Set<symbol> };

/**
 * What the chains of one process share of their venues. A chain is given what another began to read at most `freshMs` ago,
 * and never the same read twice: half its tick makes one read a tick for all, at whatever moments each of them ticks.
 * @param nowMs a clock that never jumps
 * @returns to be called once for each chain, with its `freshMs`
 * @example const share = shareVenues(); const [mainnet, base] = [share(30_000), share(30_000)];
 */
export function shareVenues(nowMs: () => number = () => performance.now()): (freshMs: number) => VenueShare {
  const asks = new Map<string, Ask>();
  const reads = new Map<string, Read>();
  let longestMs = 0;
  const forget = (key: string, read: Read) => {
    if (reads.get(key) === read) reads.delete(key);
  };
  return (freshMs) => {
    const chain = Symbol("chain");
    longestMs = Math.max(longestMs, freshMs);
    const share: Pick<VenueShare, "ask" | "read"> = {
      ask(baseUrl, open) {
        const ask = asks.get(baseUrl) ?? open();
        asks.set(baseUrl, ask);
        return ask;
      },
      async read<T>(key: string, read: () => Promise<T>, { failed, signal, aborted }: SharedRead<T>): Promise<T> {
        const now = nowMs();
        for (const [old, one] of reads) if (now - one.beganMs > longestMs) forget(old, one);
        const known = reads.get(key);
        const shared = known !== undefined && now - known.beganMs <= freshMs && !known.givenTo.has(chain);
        const one: Read = shared ? known : { beganMs: now, value: read(), givenTo: new Set() };
        one.givenTo.add(chain);
        const value = one.value as Promise<T>;
        if (!shared) {
          reads.set(key, one);
          value.then(
            (given) => failed(given) && forget(key, one),
            () => forget(key, one),
          );
        }
        return unlessAborted(value, signal, aborted);
      },
    };
    return { ...share, ...readsOf(share) };
  };
}

async function unlessAborted<T>(value: Promise<T>, signal: AbortSignal | undefined, aborted: () => T): Promise<T> {
  if (signal === undefined) return value;
  if (signal.aborted) return aborted();
  const gone = Promise.withResolvers<T>();
  const giveUp = () => gone.resolve(aborted());
  signal.addEventListener("abort", giveUp, { once: true });
  return Promise.race([value, gone.promise]).finally(() => signal.removeEventListener("abort", giveUp));
}

/** Venues' reads, shared as `VenueShare` says. */
function readsOf({ read: shared }: Pick<VenueShare, "read">): Pick<VenueShare, "named" | "pages"> {
  return {
    named: (baseUrl, sourceOf, read) => (name, signal) => {
      const source = sourceOf(name);
      const aborted = () => ({ source, observation: null, faults: [givenUp(source)] });
      const failed = ({ observation }: Observed) => observation === null;
      return shared(`${baseUrl} ${source}`, () => read(name), { failed, signal, aborted });
    },
    pages: (baseUrl, ask) => (path, parameters, source, signal) => {
      const key = JSON.stringify([baseUrl, path, parameters, source]);
      const aborted = () => ({ fault: givenUp(source) });
      const failed = (answer: Awaited<ReturnType<Ask>>) => "fault" in answer;
      return shared(key, () => ask(path, parameters, source, undefined), { failed, signal, aborted });
    },
  };
}

function givenUp(source: string) {
  return fault("UNREACHABLE", source, "aborted by the caller");
}

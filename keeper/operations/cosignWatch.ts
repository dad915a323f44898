import { type Cosigning, peerName } from "../cosign/cosigning.ts";
import type { Metrics } from "../runtime/metrics.ts";
import { askHello, type PeerState } from "./cosignHello.ts";

/** The state of co-signing: what `/ready`, `/status` and alerts tell of it. */
export type CosignCondition = {
  readonly peers: readonly ({ readonly name: string } & PeerState)[];
  /** Signatures that the gateway needs; null while it was not asked. */
  readonly threshold: number | null;
  /** Why the last batch of this instance had too few signatures, or null when it had enough. */
  readonly short: string | null;
};

/** A peer is asked no more often than this, milliseconds. */
const EVERY_MS = 20_000;
/** Answers counted from 0 on: alerts ask how many more there were, and of a count that begins at 1 the first is lost. */
const FROM_ZERO: readonly string[] = [
  ...["SIGNED", "SILENT", "OUT_OF_TOLERANCE", "LOOSENING"],
  ...["BAD_SHARE", "BETTER_QUALITY", "WHOLE_ONLY", "WRONG_MODEL"],
];

/** Counts what co-signing does into `metrics`, and asks the peers who they are. */
export function watchCosigning({ route, events }: Cosigning, metrics: Metrics) {
  const peers = route?.peers ?? [];
  const states = new Map<string, PeerState>();
  let threshold: number | null = null;
  let short: string | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  for (const outcome of ["quorum", "hot", "held"]) metrics.add("tonsor_cosign_batches_total", { outcome }, 0);
  for (const reason of ["seal", "clock", "repeat", "other"]) {
    metrics.add("tonsor_cosign_rejected_total", { reason }, 0);
  }
  for (const peer of peers.map(peerName)) {
    for (const answer of FROM_ZERO) metrics.add("tonsor_cosign_peer_answers_total", { peer, answer }, 0);
  }
  events.listen((event) => {
    if (event.kind === "peer") {
      metrics.add("tonsor_cosign_peer_answers_total", { peer: peerName(event.peer), answer: event.answer });
    } else if (event.kind === "gathered") {
      metrics.add("tonsor_cosign_batches_total", { outcome: event.outcome });
      short = event.outcome === "quorum" ? null : event.why;
    } else if (event.kind === "signatures") {
      metrics.set("tonsor_cosign_signatures", event.given, { of: "given" });
      metrics.set("tonsor_cosign_signatures", event.needed, { of: "needed" });
    } else if (event.kind === "asked") metrics.add("tonsor_cosign_asked_total", { answer: event.answer });
    else metrics.add("tonsor_cosign_rejected_total", { reason: event.reason });
  });

  return {
    condition: (): CosignCondition => ({
      peers: peers.flatMap((peer) => {
        const state = states.get(peer);
        return state === undefined ? [] : [{ name: peerName(peer), ...state }];
      }),
      threshold,
      short,
    }),
    /** Nothing was due in a cycle: what was short is over. */
    nothingDue(): void {
      short = null;
    },
    /** Asks every peer who it is; resolves when all have answered. */
    async askPeers(monotonicMs: number): Promise<void> {
      if (route === null || monotonicMs - askedAt < EVERY_MS) return;
      askedAt = monotonicMs;
      threshold ??= await route.quorum().then(
        (quorum) => quorum.threshold,
        () => null,
      );
      await Promise.all(
        peers.map(async (peer) => {
          const state = await askHello(peer, route, new AbortController().signal).catch((error: unknown) => {
            return { problem: `the gateway was not read: ${String(error)}`, offsetSeconds: null, signer: null };
          });
          states.set(peer, state);
          metrics.set("tonsor_cosign_peer_up", Number(state.problem === null), { peer: peerName(peer) });
          metrics.set("tonsor_cosign_peer_clock_offset_seconds", state.offsetSeconds, { peer: peerName(peer) });
        }),
      );
    },
  };
}

import { peerName } from "../cosign/cosigning.ts";
import type { Keeper } from "../keeper.ts";
import { type Check, fail, ok, warn } from "./configChecks.ts";
import { askHello, type PeerState } from "./cosignHello.ts";

/** Clocks further apart than this are warned of, seconds; at 30 nothing is signed any more. */
const CLOCK_SECONDS = 10;

/**
 * What `doctor` says of co-signing: each co-signer by its address (reachable, same deployment and model, clock, a signer
 * of its own), and whether as many can be reached as the gateway needs. None when it is off.
 */
export async function cosignChecks({
  cosigning,
  signer,
}: Pick<Keeper, "cosigning" | "signer">): Promise<readonly Check[]> {
  if (cosigning === null) return [];
  const { route, place } = cosigning;
  if (route === null) {
    const found = `signs for the gateway ${place.gateway} when asked`;
    const cure = "It proposes nothing itself and sends with its own key: name the others in cosign.peers.";
    return [warn("co-signing", found, cure)];
  }
  const { threshold, signers } = await route.quorum();
  const none = new AbortController().signal;
  const peers = await Promise.all(
    route.peers.map(async (peer) => ({ peer, state: await askHello(peer, route, none) })),
  );
  const good = new Set(peers.flatMap(({ state }) => (state.problem === null ? [state.signer?.toLowerCase()] : [])));
  good.add(signer?.toLowerCase());
  const found = `${good.size} of ${signers.length} signers of the gateway ${place.gateway} can be reached, ${threshold} must sign`;
  const below = route.fallback === "hold" ? "nothing is sent" : "batches go by the hot key";
  const reach: Check =
    good.size >= threshold
      ? ok("co-signing", found)
      : fail("co-signing", found, `Below the threshold ${below}: see each co-signer.`);
  return [reach, ...peers.map(({ peer, state }) => peerCheck(peer, state, peers))];
}

function peerCheck(peer: string, state: PeerState, all: readonly { peer: string; state: PeerState }[]): Check {
  const name = `co-signer ${peerName(peer)}`;
  const { problem, offsetSeconds, signer } = state;
  if (problem !== null) {
    const cure =
      "Is it running, with the same secret, deployment and version, its clock right, the port open to this machine?";
    return warn(name, problem, cure);
  }
  const twin = all.find((one) => one.peer !== peer && one.state.signer === signer);
  if (twin !== undefined) {
    const found = `${signer}, the same signer as ${peerName(twin.peer)}`;
    return warn(name, found, "Two instances of one key count once: give each a key of its own.");
  }
  const found = `signer ${signer}, clock ${offsetSeconds} s from this one`;
  if (Math.abs(offsetSeconds ?? 0) <= CLOCK_SECONDS) return ok(name, found);
  return warn(name, found, "Run NTP on both: at 30 s apart neither signs for the other.");
}

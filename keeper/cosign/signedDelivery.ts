import type { PublicClient } from "viem";
import type { Batch, Hex, Simulation } from "../domain/batch.ts";
import type { ChainView } from "../domain/cycle.ts";
import { ownError } from "../domain/errors.ts";
import { gatherShares, type QuorumRoute } from "./quorumRoute.ts";
import { encodeSignedBatch, simulateSigned } from "./signedBatch.ts";

/** A batch that enough keeper instances have signed. */
type SignedDelivery = {
  readonly note: string;
  readonly to: Hex;
  readonly data: Hex;
  simulate(): Promise<Simulation>;
};

/**
 * Returns how a batch is sent with the signatures of a signer quorum: through its gateway where enough instances sign,
 * else by the hot key or not at all, as `cosign.fallback` says.
 */
export function deliverSigned<HotKey>(
  route: QuorumRoute,
  parts: { readonly client: PublicClient; readonly from: Hex; hotKey(batch: Batch, note: string): HotKey },
) {
  return async (
    batch: Batch,
    chain: ChainView,
    signal: AbortSignal,
  ): Promise<SignedDelivery | HotKey | { readonly note: string; readonly data: null }> => {
    const gathered = await gatherShares(batch, chain, route, signal).catch((error: unknown) => {
      const own = signal.aborted ? null : ownError(error);
      if (own === null) throw error;
      return { short: own.message };
    });
    if ("short" in gathered) {
      const outcome = route.fallback === "hold" ? "held" : "hot";
      route.events.note({ kind: "gathered", outcome, why: gathered.short });
      if (outcome === "held") return { note: `held by the quorum: ${gathered.short}`, data: null };
      return parts.hotKey(batch, `by the hot key: ${gathered.short}`);
    }
    route.events.note({ kind: "gathered", outcome: "quorum", why: "" });
    const { place } = route;
    const { signatures } = gathered;
    return {
      note: `by the quorum's door, ${gathered.from} signatures`,
      to: place.door,
      data: encodeSignedBatch(place, batch, signatures),
      simulate: () => simulateSigned(parts.client, place, parts.from, batch, signatures),
    };
  };
}

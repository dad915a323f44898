import type { Rejected } from "./cosignServer.ts";

/** How a batch of this replica went: through the quorum's door, or below the threshold by the hot key or not at all. */
type GatheredOutcome = "quorum" | "hot" | "held";

/**
 * What happens while replicas sign together. An `answer` is SIGNED, a code of `COSIGN_REFUSALS`, BAD_SHARE (a signature
 * that is not one of this batch by a signer of the door), SILENT, or HTTP with its status.
 */
type CosignEvent =
  | { readonly kind: "peer"; readonly peer: string; readonly answer: string; readonly detail: string }
  | { readonly kind: "gathered"; readonly outcome: GatheredOutcome; readonly why: string }
  | { readonly kind: "signatures"; readonly given: number; readonly needed: number }
  | { readonly kind: "asked"; readonly answer: string }
  | { readonly kind: "rejected"; readonly reason: Rejected };

/** Where events go; whoever listens hears those that come after. */
export type CosignEvents = {
  note(event: CosignEvent): void;
  listen(listener: (event: CosignEvent) => void): void;
};

export function cosignEvents(): CosignEvents {
  const listeners: ((event: CosignEvent) => void)[] = [];
  return {
    note(event) {
      for (const listener of listeners) listener(event);
    },
    listen: (listener) => void listeners.push(listener),
  };
}

/** A peer as metrics, alerts and logs name it: host and port, whatever else its address holds. @example peerName("http://10.0.0.2:8642") // "10.0.0.2:8642" */
export function peerName(address: string): string {
  return new URL(address).host;
}

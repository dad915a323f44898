import { type Hex, zeroAddress } from "viem";
import type { Deployment } from "./deployment.ts";

/**
 * Whose batches are planned: the signer quorum's gateway where there are peers to ask, else the key, else the record's. And
 * whose are signed for others: the gateway's.
 */
export function writersOf(
  deployment: Pick<Deployment, "gateways" | "accounts">,
  cosign: { readonly peers: readonly unknown[] } | null | undefined,
  signer: Hex | null,
) {
  const quorum = cosign == null ? undefined : deployment.gateways.quorum?.address;
  const recorded = deployment.accounts.find(({ power }) => power === "HOT")?.account;
  const alone = signer ?? recorded ?? zeroAddress;
  return { writer: cosign != null && cosign.peers.length > 0 ? (quorum ?? alone) : alone, gateway: quorum ?? alone };
}

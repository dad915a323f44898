import { z } from "zod";
import type { QuorumRoute } from "../cosign/signedDelivery.ts";
import { postCosign } from "../cosign/wire.ts";
import type { Hex } from "../domain/contract.ts";
import { MODEL_VERSION } from "../pipeline.ts";

/** Path of the question who is there. */
export const HELLO = "/cosign/hello";

const helloSchema = z.object({
  time: z.number(),
  chainId: z.int(),
  contract: z.string(),
  gateway: z.string(),
  signer: z.string(),
  modelVersion: z.int(),
});

/** Who an instance says it is. */
type Hello = z.output<typeof helloSchema>;

/** A peer when asked who it is: `problem` is null when it can co-sign with this instance. */
export type PeerState = {
  readonly problem: string | null;
  /** Its clock less this machine's, seconds; null when it did not say. */
  readonly offsetSeconds: number | null;
  readonly signer: string | null;
};

/** What this instance answers, by the clock of its machine. */
export function helloOf({ place }: Pick<QuorumRoute, "place">, signer: Hex, time: number): Hello {
  const { chainId, gateway, parameters: contract } = place;
  return { time, chainId, contract, gateway, signer, modelVersion: MODEL_VERSION };
}

/** Asks a peer who it is, sealed as a proposal is. Its answer carries no seal: this is for people, and signs nothing. */
export async function askHello(peer: string, route: QuorumRoute, signal: AbortSignal): Promise<PeerState> {
  const { place, secret, timeoutMs, wallClock } = route;
  const sent = wallClock();
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const reply = await postCosign(peer, "{}", { secret, time: sent, signal: within, path: HELLO });
  const none = { offsetSeconds: null, signer: null };
  if (!reply.ok) return { ...none, problem: reply.why };
  if (reply.status !== 200)
    return { ...none, problem: `refused with ${reply.status}: it expected ${expectedIn(reply.body)}` };
  const parsed = helloSchema.safeParse(reply.body);
  if (!parsed.success) return { ...none, problem: "its answer is not one of a co-signer of this version" };
  const { time, signer } = parsed.data;
  const offsetSeconds = Math.round(time - (sent + wallClock()) / 2);
  const { signers } = await route.quorum();
  return { offsetSeconds, signer, problem: problemOf(parsed.data, place, signers) };
}

function problemOf(hello: Hello, place: QuorumRoute["place"], signers: readonly Hex[]): string | null {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const { chainId, gateway, contract, modelVersion, signer } = hello;
  if (chainId !== place.chainId || !same(gateway, place.gateway) || !same(contract, place.parameters)) {
    return `it signs for chain ${chainId}, ${contract}, gateway ${gateway}: another deployment`;
  }
  if (modelVersion !== MODEL_VERSION) return `model version ${modelVersion}, here ${MODEL_VERSION}`;
  if (!signers.some((one) => same(one, signer))) return `${signer} is no signer of the gateway`;
  return null;
}

function expectedIn(body: unknown): string {
  const parsed = z.object({ error: z.object({ expected: z.string().max(200) }) }).safeParse(body);
  return parsed.success ? parsed.data.error.expected : "something else";
}

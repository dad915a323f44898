import type { LocalAccount, PublicClient } from "viem";
import { TonsorError } from "../domain/errors.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { monotonicClock, wallClock } from "../runtime/clock.ts";
import type { FileSettings } from "../runtime/configFile.ts";
import { readSecretFile } from "../runtime/signingKey.ts";
import { type Cosigner, type CosignerParts, createCosigner } from "./cosigner.ts";
import { type QuorumPlace, readQuorum } from "./signedBatch.ts";
import type { QuorumRoute } from "./signedDelivery.ts";
import type { Rejected } from "./wire.ts";

/** Settings of the configuration file, with the secret instead of its file. */
export type CosignSettings = Omit<FileSettings["cosign"], "secretFile"> & { readonly secret: string };

const LEAST_SECRET = 32;
/** Clocks of two instances may differ by this, seconds. */
const CLOCK_ALLOWANCE = 30;

/**
 * Returns the settings with the secret read from its file, or null when co-signing is off.
 * @throws TonsorError `BAD_CONFIG` for a file that others may open, that is not there, or whose secret is short
 */
export function cosignSettings({ secretFile, ...settings }: FileSettings["cosign"]): CosignSettings | null {
  if (secretFile === null) {
    if (settings.peers.length === 0) return null;
    const expected = "a file with the secret that the instances share";
    throw new TonsorError("BAD_CONFIG", "peers without a secret", {
      field: "cosign.secretFile",
      given: null,
      expected,
    });
  }
  const read = readSecretFile(secretFile);
  if (read.ok && read.secret.length >= LEAST_SECRET) return { ...settings, secret: read.secret };
  throw new TonsorError("BAD_CONFIG", "the co-signing secret cannot be used", {
    field: "cosign.secretFile",
    given: read.ok ? `${read.secret.length} characters` : read.problem,
    expected: `a file of one line of ${LEAST_SECRET} characters or more that only its owner may open (chmod 600)`,
  });
}

/**
 * What happens while keeper instances sign together. An `answer` is SIGNED, a code of `COSIGN_REFUSALS`, BAD_SHARE (a
 * signature that is not one of this batch by a signer), SILENT, or HTTP with its status. `gathered`: how a batch of this
 * instance went, by the signer quorum, or with too few signatures by the hot key or not at all.
 */
type CosignEvent =
  | { readonly kind: "peer"; readonly peer: string; readonly answer: string; readonly detail: string }
  | { readonly kind: "gathered"; readonly outcome: "quorum" | "hot" | "held"; readonly why: string }
  | { readonly kind: "signatures"; readonly given: number; readonly needed: number }
  | { readonly kind: "asked"; readonly answer: string }
  | { readonly kind: "rejected"; readonly reason: Rejected };

/** Where events go; a listener gets those that come after it. */
export type CosignEvents = {
  note(event: CosignEvent): void;
  listen(listener: (event: CosignEvent) => void): void;
};

function cosignEvents(): CosignEvents {
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

/** This instance as a signer and, with peers, as one who proposes. */
export type Cosigning = {
  readonly cosigner: Cosigner;
  readonly place: QuorumPlace;
  readonly route: QuorumRoute | null;
  readonly events: CosignEvents;
};

/** @throws TonsorError `BAD_CONFIG` when the deployment has no signer quorum, or there is no key to sign with */
export function openCosigning(
  settings: CosignSettings,
  parts: Omit<CosignerParts, "limits" | "place" | "account"> & {
    readonly account: LocalAccount | null;
    readonly client: PublicClient;
    readonly deployment: Deployment;
    readonly deadlineSeconds: number;
  },
): Cosigning {
  const { account, client, deployment, deadlineSeconds } = parts;
  const gateway = deployment.gateways.quorum?.address;
  if (gateway === undefined || account === null) {
    const given = gateway === undefined ? "a deployment without a signer quorum" : "no key to sign with";
    const facts = { field: "cosign.secretFile", given, expected: "a signer quorum and a key of one of its signers" };
    throw new TonsorError("BAD_CONFIG", "nothing can be co-signed", facts);
  }
  const place = { chainId: deployment.chainId, gateway, parameters: deployment.contract.address };
  const { toleranceBps, maxDecisionAgeSeconds } = settings;
  const limits = { toleranceBps, maxDecisionAgeSeconds, maxDeadlineSeconds: deadlineSeconds + CLOCK_ALLOWANCE };
  const cosigner = createCosigner({ ...parts, account, place, limits });
  const events = cosignEvents();
  if (settings.peers.length === 0) return { cosigner, place, route: null, events };
  let quorum: ReturnType<typeof readQuorum> | null = null;
  return {
    cosigner,
    place,
    events,
    route: {
      place,
      events,
      cosigner,
      peers: settings.peers,
      secret: settings.secret,
      timeoutMs: settings.timeoutSeconds * 1_000,
      fallback: settings.fallback,
      async quorum() {
        quorum ??= readQuorum(client, gateway);
        try {
          return await quorum;
        } catch (error) {
          quorum = null;
          throw error;
        }
      },
      wallClock,
      sleep: monotonicClock.sleep,
    },
  };
}

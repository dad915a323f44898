import { randomBytes } from "node:crypto";
import { COSIGN_HEADERS, cosignMac } from "./cosignMac.ts";

const MOST_BYTES = 65_536;

/** An answer of a co-signer: its JSON, or in words why there is none. */
type CosignReply =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly why: string };

/**
 * Posts a body to `<url>/cosign`, or to another `path`, sealed with the shared secret, and returns what came back. Never throws for what the
 * other side does; redirects are refused and answers above 64 KiB dropped.
 * @param time Unix seconds of this machine, which the other side holds against its own
 */
export async function postCosign(
  url: string,
  body: string,
  {
    secret,
    time,
    signal,
    path = "/cosign",
  }: { readonly secret: string; readonly time: number; readonly signal: AbortSignal; readonly path?: string },
): Promise<CosignReply> {
  const address = new URL(`${url.replace(/\/+$/, "")}${path}`);
  const message = {
    method: "POST",
    path: address.pathname,
    time: String(time),
    nonce: randomBytes(16).toString("hex"),
    body,
  };
  const headers = {
    "content-type": "application/json",
    [COSIGN_HEADERS.time]: message.time,
    [COSIGN_HEADERS.nonce]: message.nonce,
    [COSIGN_HEADERS.mac]: cosignMac(secret, message),
  };
  try {
    const response = await fetch(address, { method: "POST", headers, body, signal, redirect: "error" });
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body ?? []) {
      bytes += part.byteLength;
      if (bytes > MOST_BYTES) return { ok: false, why: `an answer above ${MOST_BYTES} bytes` };
      parts.push(part);
    }
    return { ok: true, status: response.status, body: JSON.parse(Buffer.concat(parts).toString("utf8")) };
  } catch (error) {
    if (signal.aborted) return { ok: false, why: "no answer in time" };
    const cause = (error as Error).cause;
    return { ok: false, why: cause instanceof Error ? cause.message : (error as Error).message };
  }
}

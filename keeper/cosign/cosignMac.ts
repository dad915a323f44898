import { createHmac, timingSafeEqual } from "node:crypto";

/** What a message is sealed with, as HTTP headers. */
export const COSIGN_HEADERS = { time: "x-tonsor-time", nonce: "x-tonsor-nonce", mac: "x-tonsor-mac" } as const;

/** One message: its method and path, when it was sent (Unix seconds), a nonce of 32 hexadecimal digits, its body. */
type Sealed = {
  readonly method: string;
  readonly path: string;
  readonly time: string;
  readonly nonce: string;
  readonly body: string;
};

/** HMAC-SHA256 over every part of a message, in hexadecimal; no part can hold the line break that separates them but the last. */
export function cosignMac(secret: string, { method, path, time, nonce, body }: Sealed): string {
  return createHmac("sha256", secret).update([method, path, time, nonce, body].join("\n")).digest("hex");
}

/** Whether a message carries its own MAC; takes as long for a near miss as for a far one. */
export function isSealedBy(secret: string, message: Sealed, mac: string): boolean {
  const wanted = Buffer.from(cosignMac(secret, message), "hex");
  const given = /^[0-9a-f]{64}$/.test(mac) ? Buffer.from(mac, "hex") : Buffer.alloc(wanted.length);
  return timingSafeEqual(wanted, given);
}

import { createHmac } from "node:crypto";

/** The headers of a co-signing message by the words of COSIGN.md alone: what another program would send. */
export function sealHeaders(
  secret: string,
  message: {
    readonly method: string;
    readonly path: string;
    readonly time: string;
    readonly nonce: string;
    readonly body: string;
  },
) {
  const { method, path, time, nonce, body } = message;
  const mac = createHmac("sha256", secret).update(`${method}\n${path}\n${time}\n${nonce}\n${body}`).digest("hex");
  return { "x-tonsor-time": time, "x-tonsor-nonce": nonce, "x-tonsor-mac": mac };
}

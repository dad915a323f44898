import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import { parseCanonical } from "../io/json.ts";
import type { Clean } from "./clean.ts";

/** What an admin call can do. Both return what is answered as JSON. */
type AdminActions = {
  pause(request: { readonly reason: string; readonly until: string | null }): unknown;
  resume(): unknown;
};

const MOST_BYTES = 4_096;
const pauseSchema = z.strictObject({
  reason: z.string().min(1).max(200).default("paused by an admin call"),
  until: z.string().nullable().default(null),
});

/**
 * Listens on loopback, and nowhere else, for `POST /pause` and `POST /resume` with `Authorization: Bearer <token>`. The
 * body of a pause is JSON, `{"reason": "...", "until": "2026-02-06T12:00:00Z"}`, both optional. Anything else is refused
 * and changes nothing: 401 without the token, 404, 405, 413, 400 with the reason.
 */
export async function startAdminServer(
  { port, token, clean }: { readonly port: number; readonly token: string; readonly clean: Clean },
  actions: AdminActions,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, token, actions)
      .catch((error: unknown) => refusal(error))
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
        response.end(clean(JSON.stringify(body)));
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const facts = { field: "ADMIN_PORT", given: port, expected: "a free port, or 0 to take any" };
      reject(new TonsorError("BAD_ARGUMENT", `port ${port} cannot be used: ${error.message}`, facts));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = { readonly status: number; readonly body: unknown };

async function answer(request: IncomingMessage, token: string, actions: AdminActions): Promise<Answer> {
  if (!authorised(request.headers.authorization, token))
    return problem(401, "Authorization: Bearer <TONSOR_ADMIN_TOKEN>");
  if (request.method !== "POST") return problem(405, "POST");
  const body = await bodyOf(request);
  if (body === null) return problem(413, `at most ${MOST_BYTES} bytes`);
  if (request.url === "/resume") return { status: 200, body: actions.resume() };
  if (request.url !== "/pause") return problem(404, "/pause or /resume");
  const json = body === "" ? { value: {} } : parseCanonical(body);
  if ("why" in json) return problem(400, "JSON");
  const parsed = pauseSchema.safeParse(json.value);
  if (!parsed.success) return problem(400, `JSON {"reason", "until"}: ${z.prettifyError(parsed.error)}`);
  return { status: 200, body: actions.pause(parsed.data) };
}

/** Compared by digest, so that neither time nor length says how much of a guess was right. */
function authorised(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function refusal(error: unknown): Answer {
  if (error instanceof TonsorError && error.code === "BAD_ARGUMENT")
    return problem(400, error.facts.expected ?? error.message);
  return problem(500, "the keeper's log to say why");
}

function problem(status: number, expected: string): Answer {
  const words: Record<number, string> = {
    400: "bad request",
    401: "not allowed",
    404: "nothing here",
    405: "wrong method",
    413: "too large",
  };
  return { status, body: { error: { message: words[status] ?? "failed", expected } } };
}

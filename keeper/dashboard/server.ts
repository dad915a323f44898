import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answer, problem } from "./answer.ts";
import { openGate } from "./gate.ts";
import { publicData } from "./publicData.ts";
import type { DashboardData } from "./status.ts";

type DashboardOptions = {
  /** 0 takes a free port. */
  readonly port: number;
  /** Address to listen on; anything but loopback should stand behind a proxy with access control. */
  readonly host: string;
  readonly data: DashboardData;
  /** For everyone, from pages of every origin: only what `publicData` leaves. Absent: for the operator. */
  readonly isPublic?: boolean;
  /** Applied to every answer in words; absent: there is nothing to hide. */
  readonly clean?: (text: string) => string;
};

type Dashboard = { readonly url: string; close(): Promise<void> };

/**
 * Serves the status page and its JSON, read-only: GET and HEAD, no state, no path that writes. Returns its URL and a
 * close that ends at once, open connections included. A port in use rejects with the system's error (EADDRINUSE).
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { port, host, isPublic = false, clean = (text) => text } = options;
  const data = isPublic ? publicData(options.data) : options.data;
  const headers = isPublic ? PUBLIC_HEADERS : SECURITY_HEADERS;
  const gate = openGate();
  const server = createServer((request, response) => {
    const made = (url: URL) => answer(url, data);
    const inTurn = async (url: URL) => (await gate(response, async () => made(url))) ?? BUSY;
    const isHeavy = ({ pathname }: URL) => (isPublic ? /^\/(evidence|api)\// : /^\/evidence\//).test(pathname);
    handle(request, isPublic ? null : host, (url) => (isHeavy(url) ? inTurn(url) : made(url)))
      .catch(() => problem(500, "this answer could not be made", "the keeper's log to say why"))
      .then((result) => send(request, response, result, { clean, headers }))
      .catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  server.maxRequestsPerSocket = 10_000;
  if (isPublic) server.maxConnections = MOST_STRANGERS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const BUSY = problem(503, "too much is asked for at once", "to be asked again in a minute");

/** Connections of a public page at once: beyond, they are refused, and the keeper goes on. */
const MOST_STRANGERS = 200;

/** @param host the address it listens on, for a page that only those may read who can reach it; null: everybody may */
async function handle(
  request: IncomingMessage,
  host: string | null,
  answered: (url: URL) => Promise<Answer>,
): Promise<Answer> {
  if (host !== null && !hostAllowed(request.headers.host, host)) return problem(421, "wrong host", `http://${host}`);
  if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "read-only", "GET or HEAD");
  const path = request.url ?? "/";
  const url = path.startsWith("/") ? URL.parse(`http://status${path}`) : null;
  return url === null ? problem(400, "not a URL path", "/") : answered(url);
}

/** On loopback only loopback names are answered, so that a foreign page cannot read it by rebinding its own name. */
function hostAllowed(given: string | undefined, host: string): boolean {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  if (!loopback.includes(host) && host !== "::1") return true;
  return given !== undefined && loopback.includes(given.replace(/:\d+$/, ""));
}

/** Bytes go as they are: what is hashed, and the page's own files. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, body, isForever = false }: Answer,
  { clean, headers }: { readonly clean: (text: string) => string; readonly headers: Readonly<Record<string, string>> },
): void {
  const bytes = typeof body === "string" ? Buffer.from(clean(body)) : body;
  response.writeHead(status, {
    ...headers,
    "content-type": type,
    "content-length": bytes.byteLength,
    ...(isForever ? { "cache-control": `${headers === PUBLIC_HEADERS ? "public" : "private"}, ${FOREVER}` } : {}),
    ...(status === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

const FOREVER = "max-age=31536000, immutable";

/**
 * Headers of every answer. The page runs its own scripts and styles only, talks to its own origin only, and can be
 * neither framed nor sniffed nor cached with figures in it.
 */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "cache-control": "no-store",
};

/** Those of a public page: other front-ends may read it, and what stands before it may keep an answer for some seconds. */
const PUBLIC_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
  "cache-control": "public, max-age=5",
};

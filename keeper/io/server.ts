import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, isIPv6 } from "node:net";
import { z } from "zod";
import { TonsorError } from "../domain/errors.ts";
import { openGate } from "./gate.ts";
import { parseCanonical } from "./json.ts";
import { type Answer, type AnyRoute, json, openApi, problem, type Told } from "./routes.ts";
import { VERSION } from "./version.ts";

/** The refusal of a request that may not ask, of which only the path and the size are known to be right; null: it may. */
export type Guard = (met: {
  readonly path: string;
  readonly text: string;
  header(name: string): string;
}) => Answer | null;

export type ServerOptions = {
  /** Address to listen on; anything but loopback should stand behind a proxy with access control. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The setting that says the port, for a BAD_ARGUMENT; absent: a port in use is the system's error (EADDRINUSE). */
  readonly portField?: string;
  readonly routes: readonly AnyRoute[];
  /** What `/openapi.json` says above the routes; absent: there is none. */
  readonly told?: Told;
  /** For everyone: from pages of every origin, under every name. */
  readonly isPublic?: boolean;
  /** Most that a POST may bring, bytes. */
  readonly mostBytes?: number;
  readonly guard?: Guard;
  /** Called with every answer that is an error. */
  onRefused?(answer: Answer): void;
  /** Called with the error behind every 500, whose answer does not tell it. */
  readonly onFailed?: ((error: unknown) => void) | undefined;
  /** Applied to every answer in words; absent: there is nothing to hide. */
  readonly clean?: ((text: string) => string) | undefined;
};

export type Served = { readonly url: string; close(): Promise<void> };

/** Connections at once: beyond, they are refused, and the keeper goes on. */
const MOST_CONNECTIONS = 200;

/**
 * Serves a table of routes with the limits, headers and checks that all servers of a keeper have, in this order: 421 for
 * a name rebound to loopback (unless it is for everyone, or guarded), 404, 405, 413, what the guard says, 400 for a query
 * or JSON of another form, 503 while too much is asked for, 500 without the reason. A connection has one answer at a time,
 * or is ended. Returns its URL and a close that ends at once, open connections included.
 * @throws TonsorError BAD_ARGUMENT for a port in use, when `portField` names it
 */
export async function startServer(options: ServerOptions): Promise<Served> {
  const { host, port, told, isPublic = false, clean = (text) => text, onRefused, onFailed } = options;
  const routes = [...options.routes, ...(told === undefined ? [] : [document(options.routes, told)])];
  const answer = answerer({ ...options, routes });
  // Time limits are checked each second, not each half minute.
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    // Asked before the answer to the question before is out: as many in one packet as fill memory, were each made at once.
    if (response.socket === null) return void request.socket.destroy();
    answer(request, response)
      .catch((error: unknown) => {
        onFailed?.(error);
        return FAILED;
      })
      .then((made) => {
        if (made.status >= 400) onRefused?.(made);
        send(response, made, { clean, isPublic });
      })
      .catch(() => response.destroy());
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  server.maxRequestsPerSocket = 10_000;
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    // Kept while it listens: a connection that cannot be accepted, for want of descriptors, must not end the process.
    server.on("error", (error) => reject(unusable(error, options)));
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function unusable(error: Error, { host, port, portField: field }: ServerOptions): Error {
  if (field === undefined) return error;
  const facts = { field, given: port, expected: "a free port, or 0 to take any" };
  return new TonsorError("BAD_ARGUMENT", `${host}:${port} cannot be used: ${error.message}`, facts, error);
}

/** The document of the routes, itself among them, made when it is first asked for. */
function document(routes: readonly AnyRoute[], told: Told): AnyRoute {
  let made: Answer | undefined;
  const answer = () => (made ??= json(openApi(told, VERSION, [...routes, own])));
  const own = {
    method: "GET",
    path: "/openapi.json",
    summary: "This document",
    returns: "application/json",
    answer,
  } as const;
  return own;
}

const FAILED = problem(500, "this answer could not be made", "the keeper's log to say why");
const BUSY = problem(503, "too much is asked for at once", "to be asked again in a minute");

/** Checks a request part by part and hands what it asks to its route. */
function answerer({ host, routes, isPublic = false, mostBytes = 0, guard }: ServerOptions) {
  const gate = openGate();
  const table = routes.map(prepared);
  const served = routes.filter(({ summary }) => summary !== undefined).map(({ path }) => path);
  const NOTHING = problem(404, "there is nothing here", served.join(", ").replaceAll("{", "<").replaceAll("}", ">"));
  return async (request: IncomingMessage, response: ServerResponse): Promise<Answer> => {
    const { method = "", url: path = "/", headers } = request;
    const isOpen = isPublic || guard !== undefined || hostAllowed(headers.host, host);
    if (!isOpen) return problem(421, "wrong host", `http://${host}`);
    const url = path.startsWith("/") ? URL.parse(`http://status${path}`) : null;
    if (url === null) return problem(400, "not a URL path", "/");
    const [found] = table.flatMap((one) => one.at(url.pathname));
    if (found === undefined) return NOTHING;
    const { route, form, values } = found;
    const verbs = route.method === "GET" ? ["GET", "HEAD"] : [route.method];
    if (!verbs.includes(method)) {
      return { ...problem(405, "wrong method", verbs.join(" or ")), headers: { allow: verbs.join(", ") } };
    }
    const text = route.method === "POST" ? await textOf(request, mostBytes) : "";
    if (text === null) return problem(413, "too large", `at most ${mostBytes} bytes`);
    const refused = guard?.({ path, text, header: (name) => String(headers[name] ?? "") }) ?? null;
    if (refused !== null) return refused;
    const body = text === "" || route.body === undefined ? { value: undefined } : parseCanonical(text);
    if ("why" in body) return problem(400, "bad request", "JSON");
    const given = { query: Object.fromEntries(url.searchParams), body: body.value };
    const asked = form.safeParse(given);
    if (!asked.success) return unfit(asked.error, given);
    const make = async () => route.answer({ values, ...asked.data });
    return route.inTurn ? ((await gate(response, make)) ?? BUSY) : make();
  };
}

/** A route with the form of what it takes, and what its path is at an address: one with the values in it, or none. */
function prepared(route: AnyRoute) {
  const { path, values = z.unknown(), query = z.unknown(), body = z.unknown() } = route;
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);
  const ready = { route, form: z.object({ query, body }) };
  return {
    at(pathname: string) {
      const match = pattern.exec(pathname);
      const found = match === null ? null : values.safeParse({ ...match.groups });
      return found?.success ? [{ ...ready, values: found.data }] : [];
    },
  };
}

/** Names each part of a request that has another form, what it is and what was expected. */
function unfit({ issues }: z.ZodError, given: unknown): Answer {
  const at = (path: readonly PropertyKey[]) => {
    // biome-ignore lint/suspicious/noExplicitAny: whatever was sent, as far as the path leads into it
    const value = path.reduce<any>((of, key) => of?.[key], given);
    return `${path.join(".")} is ${value === undefined ? "absent" : JSON.stringify(value).slice(0, 100)}`;
  };
  const expected = issues.map(({ path, message }) => `${message} at ${path.join(".")}`);
  return problem(400, issues.map(({ path }) => at(path)).join("; "), expected.join("; "));
}

/** On loopback only loopback names are answered, so that a foreign page cannot read it by rebinding its own name. */
function hostAllowed(given: string | undefined, host: string): boolean {
  const loopback = ["127.0.0.1", "localhost", "[::1]"];
  if (!loopback.includes(host) && host !== "::1") return true;
  return given !== undefined && loopback.includes(given.replace(/:\d+$/, ""));
}

/** What comes in, or null when it is above the limit: node can answer a request whose rest is not read. */
async function textOf(request: IncomingMessage, mostBytes: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > mostBytes) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function send(
  response: ServerResponse,
  { status, type, body, headers = {}, isForever = false }: Answer,
  { clean, isPublic }: { readonly clean: (text: string) => string; readonly isPublic: boolean },
): void {
  const bytes = typeof body === "string" ? Buffer.from(clean(body)) : body;
  const isError = status >= 400;
  const kept = isForever ? "max-age=31536000, immutable" : isPublic ? "max-age=5" : null;
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    ...(isPublic ? PUBLIC_HEADERS : {}),
    "content-type": type,
    "content-length": bytes.byteLength,
    "cache-control": isError || kept === null ? "no-store" : `${isPublic ? "public" : "private"}, ${kept}`,
    ...headers,
    ...(isError ? { connection: "close" } : {}),
  });
  // Node sends no body to HEAD.
  response.end(bytes);
}

/**
 * Headers of every answer. The page runs its own scripts and styles only, talks to its own origin only, and can be
 * neither framed nor sniffed.
 */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** And of a public page: other front-ends may read it. */
const PUBLIC_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

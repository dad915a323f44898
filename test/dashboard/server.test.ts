import assert from "node:assert/strict";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import type { StatusSnapshot } from "../../keeper/dashboard/status.ts";
import { documentedFields, fieldPaths, leaves } from "../cli/fieldPaths.ts";
import { aBook, EVIDENCE, PART } from "../cli/outcomes.ts";
import { askApi } from "../support/askApi.ts";
import { anExplanation, NOW } from "./explanations.ts";

const SUMS = { market: "WETH", collateralUsd: 1, debtUsd: 1, atRiskUsd: 1 };
let dashboard: Awaited<ReturnType<typeof startDashboard>>;

before(async () => {
  dashboard = await startDashboard({ port: 0, host: "127.0.0.1", data: aBook() });
});
after(() => dashboard.close());

type SeriesBody = {
  readonly points: readonly { readonly time: number }[];
  readonly error: { readonly expected: string };
};

const body = async (path: string): Promise<SeriesBody> => (await (await get(path)).json()) as SeriesBody;
const get = (path: string, init?: RequestInit): Promise<Response> => askApi(new URL(path, dashboard.url), init);

/** A request as no browser would send it: raw path and headers. Returns the status. */
function raw(path: string, headers: Record<string, string> = {}, base = dashboard.url): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const call = request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on("error", reject).end();
  });
}

test("it listens on the loopback address it was given", () => {
  assert.match(dashboard.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
});

test("every answer forbids foreign scripts, framing, sniffing and caching", async () => {
  for (const path of ["/", "/assets/app.js", "/api/status", "/nothing"]) {
    const { headers } = await get(path);
    assert.match(
      headers.get("content-security-policy") ?? "",
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
      path,
    );
    assert.doesNotMatch(headers.get("content-security-policy") ?? "", /unsafe|https?:|\*/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "DENY");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("access-control-allow-origin"), null);
  }
});

test("the page and each of its files are served with their type", async () => {
  const page = await get("/");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
  assert.ok(files.length >= 5);
  for (const file of files) assert.equal((await get(file)).status, 200, file);
  assert.match(await (await get("/assets/uPlot.js")).text(), /uPlot/);
});

test("the page names no other origin and has no inline script or style", async () => {
  const html = await (await get("/")).text();
  assert.doesNotMatch(html, /https?:\/\//);
  assert.doesNotMatch(html, /<style|style="|<script>|\son\w+="/);
});

test("anything but GET and HEAD is refused, whatever the path", async () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const response = await get("/api/status", { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  }
});

test("HEAD has the headers and no body", async () => {
  const response = await get("/api/status", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.ok(Number(response.headers.get("content-length")) > 1000);
  assert.equal(await response.text(), "");
});

test("the documented fields of the status are those that are served", async () => {
  const served = fieldPaths(await (await get("/api/status")).json());
  assert.deepEqual(served, leaves(documentedFields("keeper/dashboard/JSON.md", "/api/status")));
});

test("the documented fields of the series are those that are served", async () => {
  const served = fieldPaths(await (await get("/api/series?market=WETH")).json());
  assert.deepEqual(served, leaves(documentedFields("keeper/dashboard/JSON.md", "/api/series?market=NAME&since=TIME")));
});

test("the series takes since, and refuses what is no market or no time", async () => {
  const { points } = await body("/api/series?market=WETH");
  assert.equal(points.length, 1);
  assert.deepEqual((await body(`/api/series?market=WETH&since=${points[0]?.time}`)).points, []);
  assert.equal((await get("/api/series?market=DOGE")).status, 404);
  assert.equal((await get("/api/series")).status, 404);
  assert.equal((await get("/api/series?market=WETH&since=soon")).status, 400);
  assert.equal((await body("/api/series?market=WETH&since=soon")).error.expected, "Unix seconds at query.since");
  assert.match((await body("/api/series?market=DOGE")).error.expected, /market=WETH/);
});

test("the series as CSV has the same points under the same names, numbers only", async () => {
  const { points } = await body("/api/series?market=WETH");
  const response = await get("/api/series.csv?market=WETH");
  assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
  const [names = "", row = "", ...rest] = (await response.text()).split("\r\n");
  assert.deepEqual(rest, [""]);
  const cells = Object.fromEntries(names.split(",").map((name, n) => [name, Number(row.split(",")[n])]));
  assert.deepEqual(cells, { ...points[0] });
  assert.equal((await get("/api/series.csv?market=DOGE")).status, 404);
});

test("evidence is served byte for byte by its hash, in either case, and nothing else is", async () => {
  const response = await get(`/evidence/${EVIDENCE.toUpperCase().replace("0X", "0x")}`);
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(await response.text(), '{"inputs":1}');
  const forever = "private, max-age=31536000, immutable";
  assert.equal(response.headers.get("cache-control"), forever, "for its name says what it is");
  const part = await get(`/evidence/parts/${PART}`);
  assert.deepEqual([await part.text(), part.headers.get("cache-control")], ["[1]", forever]);
  const unknown = await get(`/evidence/0x${"00".repeat(32)}`);
  assert.deepEqual([unknown.status, unknown.headers.get("cache-control")], [404, "no-store"]);
  for (const path of [
    "/evidence/",
    "/evidence/0x12",
    `/evidence/${EVIDENCE}/x`,
    `/evidence/${PART}`,
    `/evidence/parts/${EVIDENCE}`,
    "/evidence/..%2f..%2fpackage.json",
  ]) {
    assert.equal((await get(path)).status, 404, path);
  }
});

test("what is not there is answered with what is: this page has no keeper's operations, and does not name them", async () => {
  for (const path of ["/metrics", "/status", "/nothing"]) {
    assert.equal((await get(path)).status, 404, path);
    const { expected } = (await body(path)).error;
    assert.equal(
      expected,
      "/, /api/status, /api/series, /api/series.csv, /live, /ready, /evidence/<hash>, /evidence/parts/<name>, /openapi.json",
    );
  }
});

test("no path reaches a file that is not on the list", async () => {
  for (const path of [
    "/../package.json",
    "/assets/../server.ts",
    "/assets/%2e%2e/server.ts",
    "/assets/tsconfig.json",
    "//x",
    "/a\\b",
  ]) {
    assert.equal(await raw(path), 404, path);
  }
});

test("a path that is no URL is refused and the next request is answered", async () => {
  assert.ok([400, 404].includes(await raw("http://[")));
  assert.equal((await get("/live")).status, 200);
});

test("a name rebound to loopback is refused", async () => {
  assert.equal(await raw("/api/status", { host: "attacker.example" }), 421);
  assert.equal(await raw("/api/status", { host: "localhost:1" }), 200);
});

test("a public page is read by every origin and name, has no operations, and says nothing of the keeper's own affairs", async () => {
  const book = aBook();
  book.decided(anExplanation(), true, { ...SUMS, why: "not read: /srv/positions.json" });
  const headline = () => ({ state: "failed", severity: "critical", message: "the node at 10.0.0.7 is gone" }) as const;
  book.update({
    keeper: { ...headline(), cycles: 12, lastCycle: NOW },
    data: { kind: "live", label: "live sources, deribit at 10.0.0.7:8080, okx at proxy.srv" },
  });
  const unasked = () => assert.fail("strangers do not ask for it");
  const publicHeadline = () => ({ ...headline(), message: "its last cycle failed" });
  const operations = { live: unasked, ready: unasked, headline, publicHeadline, status: unasked, metrics: unasked };
  const open = await startDashboard({ port: 0, host: "127.0.0.1", data: { ...book, operations }, isPublic: true });
  const ask = (path: string, init?: RequestInit) => askApi(new URL(path, open.url), init);
  try {
    for (const path of [
      "/",
      "/api/status",
      "/api/series?market=WETH",
      "/api/series.csv?market=WETH",
      "/live",
      "/ready",
    ]) {
      const response = await ask(path);
      const text = await response.text();
      assert.equal(response.headers.get("access-control-allow-origin"), "*", path);
      assert.equal(response.headers.get("cross-origin-resource-policy"), "cross-origin");
      assert.match(response.headers.get("content-security-policy") ?? "", /^default-src 'none'/);
      assert.doesNotMatch(text, /10\.0\.0\.7|srv|sync: no/, path);
    }
    const { keeper, data, lenders } = (await (await ask("/api/status")).json()) as StatusSnapshot;
    const told = lenders.map(({ state, words, detail }) => [state, words, detail]);
    assert.deepEqual(told, [["REFUSED", "it refuses the change", null]]);
    assert.equal(keeper.message, "its last cycle failed");
    const cached = (await ask(`/evidence/parts/${PART}`)).headers.get("cache-control");
    assert.equal(cached, "public, max-age=31536000, immutable");
    assert.equal(data.label, "live sources, deribit at another address, okx at another address");
    assert.equal((await ask("/api/status")).headers.get("cache-control"), "public, max-age=5");
    for (const path of ["/status", "/metrics"]) {
      const { status, headers } = await ask(path);
      assert.deepEqual([status, headers.get("cache-control")], [404, "no-store"], path);
    }
    for (const method of ["POST", "PUT", "OPTIONS"]) assert.equal((await ask("/api/status", { method })).status, 405);
    assert.equal(await raw("/api/status", { host: "tonsor.example" }, open.url), 200);
  } finally {
    await open.close();
  }
});

test("however many strangers ask at once, figures are made for few of them, in a fifth of the time", async (t) => {
  const MAKE_MS = 20;
  const book = aBook();
  const made: number[] = [];
  const snapshot = () => {
    made.push(performance.now());
    while (performance.now() - (made.at(-1) ?? 0) < MAKE_MS);
    return book.snapshot();
  };
  const open = await startDashboard({ port: 0, host: "127.0.0.1", data: { ...book, snapshot }, isPublic: true });
  t.after(() => open.close());
  const paths = ["/api/status", "/api/series?market=WETH", "/api/series.csv?market=WETH"];
  const asked = Array.from({ length: 60 }, (_, n) => fetch(new URL(paths[n % 3] ?? "", open.url)));
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  assert.ok(statuses.includes(200) && statuses.includes(503), `${statuses}`);
  assert.ok(made.length < 60, `${made.length} made`);
  const gaps = made.slice(1).map((at, n) => at - (made[n] ?? 0));
  assert.ok(Math.min(...gaps) >= 4 * MAKE_MS, `${gaps}`);
});

test("live and ready answer 200 or 503 with the reason", async (t) => {
  assert.deepEqual(await (await get("/live")).json(), { ok: true, reason: "running: between two cycles" });
  assert.deepEqual(await (await get("/ready")).json(), { ok: true, reason: "between two cycles" });
  const failed = aBook();
  failed.update({
    keeper: { state: "failed", severity: "critical", message: "wrong chain", cycles: 0, lastCycle: null },
  });
  const other = await startDashboard({ port: 0, host: "127.0.0.1", data: failed });
  t.after(() => other.close());
  const status = async (path: string) => (await fetch(new URL(path, other.url))).status;
  assert.deepEqual([await status("/live"), await status("/ready")], [503, 503]);
  const keeper = { severity: "good", message: "it has ended", cycles: 1, lastCycle: NOW } as const;
  failed.update({ keeper: { ...keeper, state: "stopped" } });
  assert.deepEqual([await status("/live"), await status("/ready")], [503, 200]);
  failed.update({ keeper: { ...keeper, state: "running" } });
  assert.deepEqual([await status("/live"), await status("/ready")], [200, 200]);
  const snapshot = () => ({ ...failed.snapshot(), markets: [] });
  const early = await startDashboard({ port: 0, host: "127.0.0.1", data: { ...failed, snapshot } });
  t.after(() => early.close());
  assert.equal((await fetch(new URL("/ready", early.url))).status, 503, "before a market was assessed");
});

test("evidence is made in turn, in a fifth of the time and for few at once, and what else is asked is answered meanwhile", async (t) => {
  const [MAKE_MS, MOST] = [10, 16];
  const made: number[] = [];
  /** More than the sockets' own buffers take. */
  const bytes = new Uint8Array(24_000_000);
  const evidence = async () => {
    made.push(performance.now());
    while (performance.now() - (made.at(-1) ?? 0) < MAKE_MS);
    return bytes;
  };
  const asked = await startDashboard({ port: 0, host: "127.0.0.1", data: { ...aBook(), evidence } });
  const unread = Array.from({ length: 60 }, () => connect(Number(new URL(asked.url).port), "127.0.0.1"));
  t.after(async () => {
    for (const socket of unread) socket.destroy();
    await asked.close();
  });
  const refused = new Set<Socket>();
  for (const socket of unread) {
    socket.write(`GET /evidence/${EVIDENCE} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    // Only the first bytes are read.
    socket.once("data", (bytes) => {
      socket.pause();
      if (bytes.toString().startsWith("HTTP/1.1 503 ")) refused.add(socket);
    });
  }
  assert.equal((await fetch(new URL("/live", asked.url))).status, 200);
  assert.ok(made.length < MOST, "live is answered before all evidence is");
  for (let i = 0; i < 1_000 && made.length + refused.size < unread.length; i += 1) await setTimeout(MAKE_MS);
  const gaps = made.slice(1).map((at, i) => at - (made[i] ?? 0));
  assert.ok(Math.min(...gaps) >= 4 * MAKE_MS, `${gaps}`);
  assert.equal(made.length, MOST);
  assert.equal(refused.size, unread.length - MOST);
  assert.equal((await fetch(new URL(`/evidence/${EVIDENCE}`, asked.url))).status, 503);
  for (const socket of unread) socket.destroy();
  let { status } = await fetch(new URL(`/evidence/${EVIDENCE}`, asked.url));
  for (let i = 0; i < 500 && status === 503; i += 1) {
    await setTimeout(MAKE_MS);
    ({ status } = await fetch(new URL(`/evidence/${EVIDENCE}`, asked.url)));
  }
  assert.equal(status, 200, "those who left count no more");
});

test("a failure inside is 500 without its details", async (t) => {
  const data = aBook();
  const failed: unknown[] = [];
  const broken = await startDashboard({
    ...{ port: 0, host: "127.0.0.1", data: { ...data, snapshot: () => assert.fail("a secret path") } },
    onFailed: (error) => failed.push((error as Error).message),
  });
  t.after(() => broken.close());
  const response = await fetch(new URL("/api/status", broken.url));
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  assert.deepEqual(failed, ["a secret path"], "which are for the log");
});

test("a port in use is refused with the system's error, and close frees it", async () => {
  const port = Number(new URL(dashboard.url).port);
  await assert.rejects(startDashboard({ port, host: "127.0.0.1", data: aBook() }), { code: "EADDRINUSE" });
  const first = await startDashboard({ port: 0, host: "127.0.0.1", data: aBook() });
  await first.close();
  const again = await startDashboard({ port: Number(new URL(first.url).port), host: "127.0.0.1", data: aBook() });
  await again.close();
});

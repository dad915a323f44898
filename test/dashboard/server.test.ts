import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { documentedFields, fieldPaths, leaves } from "../cli/fieldPaths.ts";
import { aBook, aVerification, PART } from "../cli/outcomes.ts";

const EVIDENCE = aVerification().evidenceHash;
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
const get = (path: string, init?: RequestInit): Promise<Response> => fetch(new URL(path, dashboard.url), init);

/** A request as no browser would send it: raw path and headers. Returns the status. */
function raw(path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(dashboard.url);
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
  assert.match((await body("/api/series?market=DOGE")).error.expected, /market=WETH/);
});

test("evidence is served byte for byte by its hash, in either case, and nothing else is", async () => {
  const response = await get(`/evidence/${EVIDENCE.toUpperCase().replace("0X", "0x")}`);
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(await response.text(), '{"inputs":1}');
  assert.equal(await (await get(`/evidence/parts/${PART}`)).text(), "[1]");
  assert.equal((await get(`/evidence/0x${"00".repeat(32)}`)).status, 404);
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
    assert.equal(expected, "/, /api/status, /api/series, /live, /ready, /evidence/<hash>, /evidence/parts/<name>");
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

test("live and ready answer 200 or 503 with the reason", async () => {
  assert.deepEqual(await (await get("/live")).json(), { ok: true, reason: "running: between two cycles" });
  assert.deepEqual(await (await get("/ready")).json(), { ok: true, reason: "between two cycles" });
  const failed = aBook();
  failed.update({
    keeper: { state: "failed", severity: "critical", message: "wrong chain", cycles: 0, lastCycle: null },
  });
  const other = await startDashboard({ port: 0, host: "127.0.0.1", data: failed });
  assert.equal((await fetch(new URL("/live", other.url))).status, 503);
  await other.close();
});

test("a failure inside is 500 without its details", async () => {
  const data = aBook();
  const broken = await startDashboard({
    port: 0,
    host: "127.0.0.1",
    data: { ...data, snapshot: () => assert.fail("a secret path") },
  });
  const response = await fetch(new URL("/api/status", broken.url));
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  await broken.close();
});

test("a port in use is refused with the system's error, and close frees it", async () => {
  const port = Number(new URL(dashboard.url).port);
  await assert.rejects(startDashboard({ port, host: "127.0.0.1", data: aBook() }), { code: "EADDRINUSE" });
  const first = await startDashboard({ port: 0, host: "127.0.0.1", data: aBook() });
  await first.close();
  const again = await startDashboard({ port: Number(new URL(first.url).port), host: "127.0.0.1", data: aBook() });
  await again.close();
});

import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { fault } from "../../keeper/domain/fault.ts";
import { askVenue, isLoopback, type Manners } from "../../keeper/venues/connection.ts";
import { OPTIONS_VENUES } from "../../keeper/venues/registry.ts";
import { loopback } from "../support/loopback.ts";

const POLITE: Manners = {
  rateLimit: { perSecond: 1, burst: 1 },
  restMs: (status, head) => (status === 429 || head.startsWith("slow down") ? 60_000 : 0),
  refusal: (body, source) => (body.startsWith("no:") ? fault("VENUE_ERROR", source, body) : null),
};

async function against<T>(
  serve: (response: ServerResponse, url: string) => void,
  use: (url: string, requests: readonly string[]) => Promise<T>,
): Promise<T> {
  const server = await loopback((request, response) => serve(response, request.url ?? ""));
  try {
    return await use(server.url, server.requests);
  } finally {
    await server.close();
  }
}

test("a method is asked below the base address, with its parameters escaped, and its body comes back", async () => {
  await against(
    (response) => response.end("body"),
    async (url, requests) => {
      const ask = askVenue(`${url}/v5//`, {}, POLITE);
      assert.deepEqual(await ask("market/x", { a: "b c", n: 1 }, "s", undefined), { body: "body" });
      assert.deepEqual(await ask("plain", {}, "s", undefined), { body: "body" });
      assert.deepEqual(requests, ["/v5/market/x?a=b+c&n=1", "/v5/plain"]);
    },
  );
});

test("the bucket of the settings is kept: the second request waits, and one who will not wait is let go", async () => {
  await against(
    (response) => response.end("ok"),
    async (url, requests) => {
      const ask = askVenue(url, { rateLimit: { perSecond: 0.01, burst: 1 } }, POLITE);
      assert.deepEqual(await ask("a", {}, "s", undefined), { body: "ok" });
      const second = await ask("b", {}, "s", AbortSignal.timeout(30));
      assert.deepEqual(second, { fault: fault("UNREACHABLE", "s", "given up by the caller") });
      assert.equal(requests.length, 1);
    },
  );
});

test("a refusal with the venue's own error object is VENUE_ERROR, any other status HTTP_STATUS", async () => {
  await against(
    (response, url) => {
      response.statusCode = 400;
      response.end(url.includes("own") ? "no: wrong pair" : "<html>");
    },
    async (url) => {
      const ask = askVenue(url, {}, POLITE);
      const code = async (path: string) => {
        const answer = await ask(path, {}, "s", undefined);
        return "fault" in answer ? answer.fault.code : null;
      };
      assert.equal(await code("own"), "VENUE_ERROR");
      assert.equal(await code("other"), "HTTP_STATUS");
    },
  );
});

test("a body of status 200 that says slow down is handed on, and the venue left alone", async () => {
  await against(
    (response) => response.end("slow down please"),
    async (url, requests) => {
      const ask = askVenue(url, {}, POLITE);
      assert.deepEqual(await ask("a", {}, "s", undefined), { body: "slow down please" });
      assert.ok("fault" in (await ask("a", {}, "s", AbortSignal.timeout(30))));
      assert.equal(requests.length, 1);
    },
  );
});

test("Retry-After goes before the venue's usual rest", async () => {
  await against(
    (response) => {
      response.writeHead(429, { "retry-after": "0" });
      response.end();
    },
    async (url, requests) => {
      const ask = askVenue(url, {}, POLITE);
      await ask("a", {}, "s", undefined);
      await ask("a", {}, "s", AbortSignal.timeout(1_000));
      assert.equal(requests.length, 2);
    },
  );
});

test("only this machine is loopback", () => {
  for (const url of ["http://127.0.0.1:1/x", "http://localhost", "http://[::1]:80"]) assert.ok(isLoopback(url), url);
  const venues = Object.values(OPTIONS_VENUES).map((venue) => venue.baseUrl);
  for (const url of ["http://127.0.0.1.example.org", "nonsense", ...venues]) assert.ok(!isLoopback(url), url);
});

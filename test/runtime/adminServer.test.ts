import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Document, OpenAPIClientAxios } from "openapi-client-axios";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { startAdminServer } from "../../keeper/runtime/adminServer.ts";
import { untilTime } from "../../keeper/runtime/killSwitch.ts";
import { askApi } from "../support/askApi.ts";

const TOKEN = "a-token-of-20-letters";
const AUTHORISED = { authorization: `Bearer ${TOKEN}` };

describe("the admin calls", () => {
  const calls: unknown[] = [];
  let server: Awaited<ReturnType<typeof startAdminServer>>;
  before(async () => {
    server = await startAdminServer(
      { port: 0, token: TOKEN, clean: (text) => text },
      {
        pause(request) {
          if (request.until !== null) untilTime(request.until);
          calls.push(request);
          return { reason: request.reason };
        },
        resume() {
          calls.push("resume");
          return { removed: ["upgrade"], still: null };
        },
      },
    );
  });
  after(() => server.close());

  const call = async (path: string, init: RequestInit = {}) => {
    const before = calls.length;
    const response = await askApi(new URL(path, server.url), { method: "POST", headers: AUTHORISED, ...init });
    return { status: response.status, body: (await response.json()) as unknown, called: calls.slice(before) };
  };

  it("pause with a reason and an end, or with neither", async () => {
    const body = JSON.stringify({ reason: "upgrade", until: "2026-02-06T12:00:00Z" });
    const given = await call("/pause", { body });
    assert.deepEqual([given.status, given.body], [200, { reason: "upgrade" }]);
    assert.deepEqual(given.called, [{ reason: "upgrade", until: "2026-02-06T12:00:00Z" }]);
    assert.deepEqual((await call("/pause")).called, [{ reason: "paused by an admin call", until: null }]);
  });

  it("resume", async () => {
    assert.deepEqual(await call("/resume"), {
      status: 200,
      body: { removed: ["upgrade"], still: null },
      called: ["resume"],
    });
  });

  it("do nothing without the token, with part of it, or with more", async () => {
    const wrong = ["", TOKEN, "Bearer ", `Bearer ${TOKEN.slice(0, -1)}`, `Bearer ${TOKEN}x`];
    for (const authorization of wrong) {
      const refused = await call("/pause", { headers: { authorization } });
      assert.deepEqual([refused.status, refused.called], [401, []], authorization);
    }
    assert.equal((await call("/resume", { headers: {} })).status, 401);
  });

  it("do nothing for another method, path, form or size", async () => {
    const wrong: readonly (readonly [number, string, RequestInit])[] = [
      [405, "/pause", { method: "GET" }],
      [404, "/", {}],
      [400, "/pause", { body: "{" }],
      [400, "/pause", { body: '{"until":"tomorrow"}' }],
      [400, "/pause", { body: '{"for":"ever"}' }],
      [413, "/pause", { body: " ".repeat(5_000) }],
    ];
    for (const [status, path, init] of wrong) {
      const refused = await call(path, init);
      assert.deepEqual([refused.status, refused.called], [status, []], `${path} ${String(init.body ?? init.method)}`);
    }
    const { error } = (await call("/pause", { body: '{"until":"tomorrow"}' })).body as { error: { message: string } };
    assert.match(error.message, /field until.*tomorrow/);
  });

  it("are what a client made of their document calls, with the token and not without", async () => {
    const definition = (await (
      await fetch(new URL("/openapi.json", server.url), { headers: AUTHORISED })
    ).json()) as object;
    const { valid } = await new Validator().validate({ ...definition });
    assert.equal(valid, true);
    const { security, paths } = definition as Document;
    assert.deepEqual(security, [{ token: [] }]);
    const takesBody = ["/pause", "/resume"].map((path) => paths?.[path]?.post?.requestBody !== undefined);
    assert.deepEqual(takesBody, [true, false]);
    const axiosConfigDefaults = { baseURL: server.url, validateStatus: null };
    const client = await new OpenAPIClientAxios({ definition: definition as Document, axiosConfigDefaults }).init();
    const before = calls.length;
    const paused = await client.pause?.({}, { reason: "an upgrade" }, { headers: AUTHORISED });
    assert.deepEqual([paused?.status, paused?.data], [200, { reason: "an upgrade" }]);
    assert.equal((await client.resume?.())?.status, 401);
    assert.deepEqual(calls.slice(before), [{ reason: "an upgrade", until: null }]);
    assert.equal((await fetch(new URL("/openapi.json", server.url))).status, 401, "nor is the document");
  });

  it("tell the log, not who asks, why one failed", async () => {
    const failed: unknown[] = [];
    const broken = () => {
      throw new TonsorError("BAD_FILE", "no space in /srv/state");
    };
    const options = {
      port: 0,
      token: TOKEN,
      clean: (text: string) => text,
      onFailed: (one: unknown) => failed.push(one),
    };
    const other = await startAdminServer(options, { pause: broken, resume: broken });
    const response = await askApi(new URL("/resume", other.url), { method: "POST", headers: AUTHORISED });
    await other.close();
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /srv/);
    assert.match(String(failed), /no space in \/srv\/state/);
  });

  it("are on loopback only", () => {
    assert.equal(new URL(server.url).hostname, "127.0.0.1");
  });
});

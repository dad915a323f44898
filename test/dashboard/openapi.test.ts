import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Document, OpenAPIClientAxios } from "openapi-client-axios";
import type { Operations } from "../../keeper/dashboard/operations.ts";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { withFieldTables } from "../../scripts/release/fieldTables.ts";
import { aBook, EVIDENCE, PART } from "../cli/outcomes.ts";
import type { ApiDocument } from "../support/askApi.ts";
import { NOW } from "./explanations.ts";

const HEALTH = { ok: true, reason: "all is well" };
const OPERATIONS: Operations = {
  live: () => HEALTH,
  ready: () => ({ ok: false, reason: "paused" }),
  headline: () => ({ state: "running", severity: "good", message: "all is well" }),
  publicHeadline: () => ({ state: "running", severity: "good", message: "all is well" }),
  status: () => ({
    ...{
      time: NOW,
      version: "0",
      live: HEALTH,
      ready: HEALTH,
      checks: [{ name: "chain", ok: true, found: "block 8" }],
    },
    ...{ killSwitches: [], switchChanges: [], alerts: [], signer: null, openTransactions: 0, lastError: null },
  }),
  metrics: async () => ({ type: "text/plain; version=0.0.4", body: "up 1\n" }),
};

let pages: Awaited<ReturnType<typeof startDashboard>>[] = [];
before(async () => {
  const notice = { chain: () => null, of: () => null };
  const data = { ...aBook(), operations: OPERATIONS, notice };
  const open = { port: 0, host: "127.0.0.1" };
  pages = [await startDashboard({ ...open, data }), await startDashboard({ ...open, data, isPublic: true })];
});
after(() => Promise.all(pages.map((page) => page.close())));

const documentOf = async (page: number) =>
  (await (await fetch(new URL("/openapi.json", pages[page]?.url))).json()) as ApiDocument & Document;

test("the document of the operator's page and of the public one is valid OpenAPI 3.1, and names what each serves", async () => {
  const paths: string[][] = [];
  for (const page of [0, 1]) {
    const document = await documentOf(page);
    assert.equal(document.openapi, "3.1.0");
    assert.doesNotMatch(JSON.stringify(document), /readOnly|additionalProperties/, "open to fields that come");
    const { valid, errors } = await new Validator().validate({ ...document });
    assert.deepEqual([valid, errors], [true, undefined]);
    paths.push(Object.keys(document.paths));
  }
  const [operators = [], everybody = []] = paths;
  assert.deepEqual(
    operators.filter((path) => !everybody.includes(path)),
    ["/status", "/metrics"],
  );
  assert.deepEqual(
    [
      "/api/status",
      "/api/series",
      "/api/ramps",
      "/api/notice/{account}",
      "/evidence/{hash}",
      "/live",
      "/openapi.json",
    ].filter((path) => !everybody.includes(path)),
    [],
  );
});

test("every call and field of the document says what it is", async () => {
  const document = await documentOf(0);
  const [market, since] = document.paths["/api/series"]?.get?.parameters ?? [];
  assert.partialDeepStrictEqual(
    [market, since],
    [
      { name: "market", required: true },
      { name: "since", required: false },
    ],
  );
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path ?? {}));
  for (const { operationId = "", summary = "" } of ids as { operationId?: string; summary?: string }[]) {
    assert.ok(operationId !== "" && summary !== "", `${operationId}: ${summary}`);
  }
  const silent: string[] = [];
  const walk = (at: string, schema: Schema): void => {
    const { properties = {}, items, anyOf = [], description, type } = schema;
    if (!["object", "array"].includes(type ?? "") && anyOf.length === 0 && description === undefined) silent.push(at);
    for (const [name, of] of Object.entries(properties)) if (!("$ref" in of)) walk(`${at}.${name}`, of);
    if (items !== undefined) walk(`${at}[]`, items);
    for (const of of anyOf) if (of.type !== "null") walk(at, of);
  };
  for (const [name, schema] of Object.entries(document.components.schemas)) if (name !== "Problem") walk(name, schema);
  assert.deepEqual(silent, []);
});

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
};

test("JSON.md's tables of fields are those of the schemas: npm run generate", () => {
  const page = readFileSync(new URL("../../keeper/dashboard/JSON.md", import.meta.url), "utf8");
  assert.equal(withFieldTables(page), page);
});

test("a client made of the document calls the server by the names in it, from nothing but its address", async () => {
  const definition = new URL("/openapi.json", pages[0]?.url).href;
  const options = { baseURL: pages[0]?.url ?? "", validateStatus: null };
  const client = await new OpenAPIClientAxios({ definition, axiosConfigDefaults: options }).init();
  const call = async (id: string, ...given: readonly Record<string, string | number>[]) => {
    const { status, data } = (await client[id]?.(...given)) ?? {};
    return [status, data];
  };
  const [status, snapshot] = await call("apiStatus");
  assert.deepEqual([status, snapshot.markets[0].market, snapshot.keeper.message], [200, "WETH", "all is well"]);
  const [, series] = await call("apiSeries", { market: "WETH" });
  assert.equal(series.points.length, 1);
  assert.deepEqual((await call("apiSeries", { market: "WETH", since: series.points[0].time }))[1].points, []);
  assert.deepEqual(await call("evidence", { hash: EVIDENCE }), [200, { inputs: 1 }]);
  assert.deepEqual(await call("evidenceParts", { name: PART }), [200, [1]]);
  assert.deepEqual(await call("live"), [200, HEALTH]);
  assert.deepEqual(await call("ready"), [503, { ok: false, reason: "paused" }]);
  assert.equal((await call("status"))[1].checks[0].found, "block 8");
  const [refused, { error }] = await call("apiSeries", { market: "DOGE" });
  assert.deepEqual([refused, error], [404, { message: "unknown market", expected: "market=WETH" }]);
});

import { z } from "zod";

/** What goes out. Words are cleaned before they leave; bytes go as they are. */
export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** It is named by its hash: whoever keeps it need never ask again. */
  readonly isForever?: boolean;
};

/** What a JSON body is, under the name that it has in the document. */
type Named = { readonly name: string; readonly schema: z.ZodType };

/** One thing that is served: what answers it, and all that the document says of it. */
export type Route<Values = never, Query = never, Body = never> = {
  readonly method: "GET" | "POST";
  /** As in OpenAPI. @example "/evidence/{hash}" */
  readonly path: string;
  /** Name of the call in a generated client, and what it is for; absent: the document and a 404 do not name it. */
  readonly id?: string;
  readonly summary?: string;
  /** What each `{}` of the path has to be: anything else is no path. */
  readonly values?: z.ZodType<Values>;
  readonly query?: z.ZodType<Query>;
  /** The JSON that is sent. */
  readonly body?: z.ZodType<Body>;
  /** What is answered: JSON of a schema, or another type. */
  readonly returns: Named | string;
  /** Statuses beside 200 that are answered in that form too, and others that are answered with an error. */
  readonly also?: readonly number[];
  readonly errors?: readonly number[];
  /** Made in turn with the others that are, for it holds the event loop or fills memory. */
  readonly inTurn?: boolean;
  answer(asked: { readonly values: Values; readonly query: Query; readonly body: Body }): Answer | Promise<Answer>;
};

/** A route of a table, whatever it takes. */
// biome-ignore lint/suspicious/noExplicitAny: what a route takes is between its schemas and its own answer
export type AnyRoute = Route<any, any, any>;

/** What a caller has to bring, as OpenAPI says it. @example { bearer: { type: "http", scheme: "bearer" } } */
type Security = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a server says of itself in its document. */
export type Told = { readonly title: string; readonly version: string; readonly security?: Security };

export const JSON_TYPE = "application/json; charset=utf-8";

const PROBLEM: Named = {
  name: "Problem",
  schema: z.object({ error: z.object({ message: z.string(), expected: z.string() }) }),
};

/** An error as JSON: what was wrong and what was expected. */
export function problem(status: number, message: string, expected: string): Answer {
  return json({ error: { message, expected } }, status);
}

export function json(body: unknown, status = 200): Answer {
  const text = JSON.stringify(body, (_, value) => (typeof value === "bigint" ? value.toString() : value));
  return { status, type: JSON_TYPE, body: text };
}

/** The OpenAPI 3.1 document of a table of routes. */
export function openApi({ title, version, security = {} }: Told, routes: readonly AnyRoute[]): object {
  const told = routes.filter(({ id }) => id !== undefined);
  const names = z.registry<{ id: string }>();
  for (const one of [PROBLEM, ...told.map(({ returns }) => returns)]) {
    if (typeof one !== "string") names.add(one.schema, { id: one.name });
  }
  const { schemas } = z.toJSONSchema(names, { ...PLAIN, uri: (id) => `#/components/schemas/${id}` });
  const paths: Record<string, Record<string, object>> = {};
  for (const route of told) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, security) };
  }
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)])),
      securitySchemes: security,
    },
    security: Object.keys(security).map((name) => ({ [name]: [] })),
  };
}

/** Open to fields that come later; lists are not said to be read-only. */
const PLAIN: z.core.ToJSONSchemaParams = {
  io: "input",
  override({ jsonSchema }) {
    delete jsonSchema.readOnly;
  },
};

type JsonSchema = z.core.JSONSchema.BaseSchema;

function bare({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function operation(route: AnyRoute, security: Security) {
  const { id, summary, values, query, body, returns, also = [], errors = [], inTurn = false } = route;
  const bad = new Set([...errors, 421, 500]);
  if (values !== undefined) bad.add(404);
  if (query !== undefined || body !== undefined) bad.add(400);
  if (route.method === "POST") bad.add(413);
  if (inTurn) bad.add(503);
  if (Object.keys(security).length > 0) bad.add(401);
  return {
    operationId: id,
    summary,
    parameters: [...parameters("path", values), ...parameters("query", query)],
    ...(body === undefined ? {} : { requestBody: { content: content(bare(z.toJSONSchema(body, PLAIN))) } }),
    responses: Object.fromEntries([
      ...[...bad].map((status) => [status, response("what was wrong, and what was expected", PROBLEM)]),
      ...[200, ...also].map((status) => [status, response("as asked", returns)]),
    ]),
  };
}

function parameters(place: "path" | "query", schema: z.ZodType | undefined) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, PLAIN);
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: of,
  }));
}

function response(description: string, returns: Route["returns"]) {
  if (typeof returns === "string") return { description, content: { [returns]: {} } };
  return { description, content: content({ $ref: `#/components/schemas/${returns.name}` }) };
}

function content(schema: object) {
  return { "application/json": { schema } };
}

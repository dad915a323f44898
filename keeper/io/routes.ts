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

/** One thing that is served: what answers it, and all that the document says of it. */
export type Route<Values = never, Query = never, Body = never> = {
  readonly method: "GET" | "POST";
  /** As in OpenAPI. @example "/evidence/{hash}" */
  readonly path: string;
  /** What it is for; absent: neither the document nor a 404 names it. */
  readonly summary?: string;
  /** What each `{}` of the path has to be (anything else is no path), the query, and the JSON that is sent. */
  readonly values?: z.ZodType<Values>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  /** What is answered: JSON of a schema, whose title is its name in the document, or another type. */
  readonly returns: z.ZodType | string;
  /** Statuses beside 200 that are answered in that form too; any other is an error. */
  readonly also?: readonly number[];
  /** Made in turn with the others that are, for it holds the event loop or fills memory. */
  readonly inTurn?: boolean;
  answer(asked: { readonly values: Values; readonly query: Query; readonly body: Body }): Answer | Promise<Answer>;
};

// biome-ignore lint/suspicious/noExplicitAny: what a route takes is between its schemas and its own answer
export type AnyRoute = Route<any, any, any>;

/** A route that is read. */
export function get<Values, Query>(route: Omit<Route<Values, Query>, "method">): AnyRoute {
  return { ...route, method: "GET" };
}

/** What a server says of itself: its name, and what a caller has to bring as OpenAPI says it. */
export type Told = { readonly title: string; readonly security?: Readonly<Record<string, object>> };

export const JSON_TYPE = "application/json; charset=utf-8";

/** An error as JSON: what was wrong and what was expected. */
export function problem(status: number, message: string, expected: string): Answer {
  return json({ error: { message, expected } }, status);
}

export function json(body: unknown, status = 200): Answer {
  const text = JSON.stringify(body, (_, value) => (typeof value === "bigint" ? value.toString() : value));
  return { status, type: JSON_TYPE, body: text };
}

const PROBLEM = z
  .object({ error: z.object({ message: z.string(), expected: z.string() }) })
  .meta({ title: "Problem", description: "what was wrong, and what was expected" });

/** Open to fields that come later; lists are not said to be read-only. */
const PLAIN: z.core.ToJSONSchemaParams = { io: "input", override: ({ jsonSchema }) => delete jsonSchema.readOnly };

/** The OpenAPI 3.1 document of a table of routes. */
export function openApi({ title, security = {} }: Told, version: string, routes: readonly AnyRoute[]): object {
  const told = routes.filter(({ summary }) => summary !== undefined);
  const names = z.registry<{ id: string }>();
  for (const schema of [PROBLEM, ...told.map(({ returns }) => returns)]) {
    if (typeof schema !== "string") names.add(schema, { id: titleOf(schema) });
  }
  const { schemas } = z.toJSONSchema(names, { ...PLAIN, uri: (id) => `#/components/schemas/${id}` });
  return {
    openapi: "3.1.0",
    info: { title, version },
    servers: [{ url: "/" }],
    paths: Object.fromEntries(told.map((route) => [route.path, { [route.method.toLowerCase()]: operation(route) }])),
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, bare(schema)])),
      securitySchemes: security,
    },
    security: Object.keys(security).map((name) => ({ [name]: [] })),
  };
}

function titleOf(schema: z.ZodType): string {
  return schema.meta()?.title ?? "";
}

function bare({ $schema: _, $id: __, ...schema }: z.core.JSONSchema.BaseSchema) {
  return schema;
}

/** Named by the words of its path. @example operation({ path: "/evidence/parts/{name}", ... }).operationId // "evidenceParts" */
function operation({ path, summary, values, query, body, returns, also = [] }: AnyRoute) {
  const words = path.replaceAll(/\{\w+\}/g, "").match(/\w+/g) ?? ["page"];
  const good = [200, ...also].map((status) => [status, response("as asked", returns)]);
  return {
    operationId: words.map((word, n) => (n === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join(""),
    summary,
    parameters: [...parameters("path", values), ...parameters("query", query)],
    ...(body === undefined ? {} : { requestBody: { content: content(bare(z.toJSONSchema(body, PLAIN))) } }),
    responses: { ...Object.fromEntries(good), default: response("what was wrong, and what was expected", PROBLEM) },
  };
}

function parameters(place: "path" | "query", of: z.ZodType | undefined) {
  const { properties = {}, required = [] } = of === undefined ? {} : z.toJSONSchema(of, PLAIN);
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: place, required: required.includes(name), schema };
  });
}

function response(description: string, returns: Route["returns"]) {
  if (typeof returns === "string") return { description, content: { [returns]: {} } };
  return { description, content: content({ $ref: `#/components/schemas/${titleOf(returns)}` }) };
}

function content(schema: object) {
  return { "application/json": { schema } };
}

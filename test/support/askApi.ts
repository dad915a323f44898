import assert from "node:assert/strict";
import { z } from "zod";

type Described = { readonly content: Readonly<Record<string, { readonly schema?: object }>> };
type Operation = { readonly responses: Readonly<Record<string, Described>> };
export type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
};

/**
 * `fetch`, which holds what is answered to the `/openapi.json` of the server that answers: a path and method of the
 * document to one of the statuses, the type and the schema that it names; everything else to be refused with an error.
 */
export async function askApi(url: URL | string, init: RequestInit = {}): Promise<Response> {
  const { headers = {}, method = "GET" } = init;
  const told = await fetch(new URL("/openapi.json", url), { headers });
  const response = await fetch(url, init);
  // Who may not ask for the document is refused as everywhere.
  const document = told.ok ? ((await told.json()) as ApiDocument) : null;
  const body = await response.clone().text();
  const { pathname } = new URL(url);
  const path = Object.keys(document?.paths ?? {}).find((one) => pattern(one).test(pathname)) ?? "";
  const operation = document?.paths[path]?.[(method === "HEAD" ? "GET" : method).toLowerCase()];
  const about = `${method} ${pathname} ${response.status}`;
  if (operation === undefined) {
    const isFile = pathname.startsWith("/assets/") && response.ok;
    if (!isFile) matches(PROBLEM, body, about);
    return response;
  }
  const described = operation.responses[response.status] ?? operation.responses.default;
  assert.ok(described !== undefined, `${about} is not in the document`);
  const [[type = "", { schema }] = ["", {}]] = Object.entries(described.content);
  assert.equal(response.headers.get("content-type")?.split(";")[0], type, about);
  if (schema !== undefined && method !== "HEAD") matches(resolved(schema, document), body, about);
  return response;
}

const PROBLEM = z.strictObject({ error: z.strictObject({ message: z.string(), expected: z.string() }) });

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

/** The schema as it stands in the document. */
export function resolved(schema: object, document: ApiDocument | null): z.ZodType {
  const all = JSON.stringify({ ...schema, $defs: document?.components.schemas });
  return z.fromJSONSchema(JSON.parse(all.replaceAll("#/components/schemas/", "#/$defs/")));
}

function matches(schema: z.ZodType, body: string, about: string): void {
  const { success, error } = schema.safeParse(JSON.parse(body));
  assert.ok(success, `${about}: ${error === undefined ? "" : z.prettifyError(error)}`);
}

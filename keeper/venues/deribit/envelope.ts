import { type Fault, fault } from "../../domain/fault.ts";
import { parseJson } from "../parseJson.ts";

/** The `result` of a JSON-RPC answer, or the fault that cost the whole answer. */
type Opened = { readonly result: unknown } | { readonly fault: Fault };

/**
 * The `result` member of a Deribit answer, not yet checked any further.
 * A fault of `parseJson`, VENUE_ERROR for an `error` object, SCHEMA for no `result`.
 * @example openEnvelope('{"jsonrpc":"2.0","result":[]}', "deribit:ETH:options") // { result: [] }
 */
export function openEnvelope(body: string, source: string): Opened {
  const parsed = parseJson(body, source);
  if ("fault" in parsed) return parsed;
  const { value } = parsed;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { fault: fault("SCHEMA", source, "expected a JSON-RPC object at the top") };
  }
  if ("error" in value && value.error !== null && value.error !== undefined) {
    return { fault: fault("VENUE_ERROR", source, describeError(value.error)) };
  }
  if (!("result" in value)) return { fault: fault("SCHEMA", source, "field result is missing") };
  return { result: value.result };
}

/** Deribit: { code, message, data: { reason, param } }. */
function describeError(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error).slice(0, 200);
  const code = "code" in error ? String(error.code) : "?";
  const message = "message" in error ? String(error.message) : "no message";
  const data = "data" in error && error.data !== undefined ? ` ${JSON.stringify(error.data)}` : "";
  return `code ${code}: ${message}${data}`.slice(0, 200);
}
